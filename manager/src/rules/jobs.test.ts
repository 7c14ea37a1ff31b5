import { RestartCondition, ServiceMode, type ServiceSpec } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { mayHaveSeveral, mostAtOnce, restartPolicyOf, slotsOf, withSlots } from './jobs.ts';

const job = (totalCompletions: number, maxConcurrent: number): ServiceSpec =>
  serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, replicas: 0, job: { totalCompletions, maxConcurrent } });
const global = serviceSpec('job', { mode: ServiceMode.GLOBAL_JOB });

test('a job has as many places as completions, one that does not say has one, and one of nodes none', (t) => {
  const unsaid = serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, replicas: 7 });
  t.deepEqual([job(3, 0), unsaid, global, serviceSpec('web', { replicas: 4 })].map(slotsOf), [3, 1, 0, 4]);
});

test('scaling a job that does all at once goes on doing all at once, and one that does few goes on doing few', (t) => {
  t.deepEqual(
    [job(3, 3), job(3, 2), job(3, 0)].map((spec) => withSlots(spec, 5).job),
    [
      { totalCompletions: 5, maxConcurrent: 5 },
      { totalCompletions: 5, maxConcurrent: 2 },
      { totalCompletions: 5, maxConcurrent: 0 },
    ],
  );
  t.is(withSlots(serviceSpec('web'), 5).replicas, 5);
  t.is(withSlots(global, 5), global);
});

test('whether there may be two tasks at a time is told by how many may go on, not by how many there are in all', (t) => {
  t.deepEqual([job(5, 1), job(5, 0), job(1, 0), global, serviceSpec('web'), serviceSpec('web', { replicas: 2 })].map(mayHaveSeveral), [
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
  t.is(mostAtOnce(job(5, 0)), Number.POSITIVE_INFINITY);
});

test('an autoscaled service may have as many tasks as its bounds let it, whatever it begins with', (t) => {
  const between = (min: number, max: number) => ({ min, max, cpuPercent: 70, memoryPercent: 0, coolDownMs: 60_000 });
  t.true(mayHaveSeveral(serviceSpec('web', { replicas: 1, autoscale: between(1, 5) })));
  t.false(mayHaveSeveral(serviceSpec('web', { replicas: 1, autoscale: between(1, 1) })));
});

test('what a job completed is not done again: any means on-failure there, and there alone', (t) => {
  t.deepEqual(
    [job(1, 0), global, serviceSpec('web')].map((spec) => restartPolicyOf(spec).condition),
    [RestartCondition.RESTART_ON_FAILURE, RestartCondition.RESTART_ON_FAILURE, RestartCondition.RESTART_ANY],
  );
});
