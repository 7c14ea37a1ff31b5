import type { Methods } from './method.ts';

/** The standard health service of gRPC (grpc.health.v1), for load balancers and probes that know nothing of us. */
export const Health = {
  check: {
    path: '/grpc.health.v1.Health/Check',
    kind: 'unary',
    request: 'HealthCheckRequest',
    response: 'HealthCheckResponse',
    roles: ['client', 'worker', 'manager'],
  },
  watch: {
    path: '/grpc.health.v1.Health/Watch',
    kind: 'server-stream',
    request: 'HealthCheckRequest',
    response: 'HealthCheckResponse',
    roles: ['client', 'worker', 'manager'],
  },
} as const satisfies Methods;
