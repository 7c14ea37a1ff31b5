export * from '../gen/services.ts';
export { type Authenticate, type CallContext, certificateRoles } from './call-context.ts';
export * from './channel-queue.ts';
export * from './client.ts';
export type { Method, Methods } from './method.ts';
export * from './server.ts';
export * from './status.ts';
export * from './tls.ts';
export { type ExpectedPeer, requireTls } from './tls-credentials.ts';
