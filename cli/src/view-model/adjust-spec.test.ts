import { emptyServiceSpec, emptyStackSpec, ServiceMode, type ServiceSpec } from '@tso/proto';
import test from 'ava';
import { adjustSpec } from './adjust-spec.ts';

const scaled = (service: Partial<ServiceSpec>, replicas: number): ServiceSpec | undefined => {
  const spec = { ...emptyStackSpec, name: 'shop', services: [{ ...emptyServiceSpec, name: 'web', ...service }] };
  return adjustSpec(spec, { scale: [{ service: 'web', replicas }] }).services[0];
};
const job = (totalCompletions: number, maxConcurrent: number): Partial<ServiceSpec> => ({
  mode: ServiceMode.REPLICATED_JOB,
  replicas: 0,
  job: { totalCompletions, maxConcurrent },
});

test('--scale says how many tasks a service has, and how often a job completes', (t) => {
  t.is(scaled({}, 3)?.replicas, 3);
  t.deepEqual(scaled(job(1, 1), 4)?.job, { totalCompletions: 4, maxConcurrent: 4 });
  t.deepEqual(scaled(job(9, 2), 4)?.job, { totalCompletions: 4, maxConcurrent: 2 });
  t.is(scaled(job(1, 1), 4)?.replicas, 0);
});

test('--scale is refused for what runs on each node, and for a service that is not there', (t) => {
  for (const mode of [ServiceMode.GLOBAL, ServiceMode.GLOBAL_JOB])
    t.throws(() => scaled({ mode, replicas: 0 }, 2), { message: /the service is global/ });
  t.throws(() => adjustSpec({ ...emptyStackSpec, name: 'shop' }, { scale: [{ service: 'db', replicas: 2 }] }), {
    message: /there is no service db in shop/,
  });
});
