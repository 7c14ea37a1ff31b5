import { ConcurrencyPolicy, newService, type Service, ServiceMode, UpdateState } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { restarted } from './restart-service.ts';

const previousSpec = serviceSpec('web', { replicas: 9 });
const service: Service = {
  ...newService,
  spec: serviceSpec('web', { task: { forceUpdate: 3 } }),
  specVersion: 7,
  previousSpec,
  unproven: true,
  update: { state: UpdateState.UPDATE_PAUSED, startedAtMs: 1, completedAtMs: 0, message: 'x' },
  rebalancePaused: 'y',
};

test('a restart replaces every task by an update of its own, and what would be gone back to stays', (t) => {
  const { update, rebalancePaused, ...next } = restarted(service);
  t.deepEqual([next.spec.task.forceUpdate, next.specVersion], [4, 0]);
  t.deepEqual([update, rebalancePaused], [undefined, undefined]);
  t.is(next.previousSpec, previousSpec);
  t.true(next.unproven);
  t.is(next.jobIteration, 0);
});

test('a job runs again, a scheduled one at its next time only', (t) => {
  const job = serviceSpec('job', { mode: ServiceMode.GLOBAL_JOB });
  const schedule = {
    cron: '@daily',
    timeZone: '',
    concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
  };
  t.is(restarted({ ...service, spec: job, jobIteration: 2 }).jobIteration, 3);
  t.is(restarted({ ...service, spec: { ...job, schedule }, jobIteration: 2 }).jobIteration, 2);
});

test('what was stopped is started', (t) => {
  t.false(restarted({ ...service, stopped: true }).stopped);
});
