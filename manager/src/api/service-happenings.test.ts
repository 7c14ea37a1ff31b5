import { type JobRun, RunState, type Service, UpdateState } from '@tso/proto';
import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { serviceHappenings } from './service-happenings.ts';

const world = new World([nodeNamed('a')]);
world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2 })]));
const [service] = world.tables.services();
if (service === undefined) throw new Error('the world has no service');

const told = (after: Partial<Service>, before: Partial<Service> = {}) =>
  serviceHappenings({ ...service, ...before }, { ...service, ...before, ...after }).map(({ action, attributes }) =>
    [action, ...Object.entries(attributes ?? {}).flatMap(([key, value]) => (value === '' ? [] : [`${key}=${value}`]))].join(' '),
  );
const update = (state: UpdateState, message = '') => ({ update: { state, startedAtMs: 1, completedAtMs: 0, message } });

test('what the planner alone writes of a service is no event', (t) => {
  t.deepEqual(told({ specVersion: 9, rebalancedAtMs: 5 }), []);
});

test('stopped and started are words of their own', (t) => {
  t.deepEqual(told({ stopped: true }), ['stopped']);
  t.deepEqual(told({ stopped: false }, { stopped: true }), ['started']);
});

test('another number is told from and to, with the reason of the autoscaler', (t) => {
  t.deepEqual(told({ spec: { ...service.spec, replicas: 4 } }), ['update replicas=2 -> 4', 'scaled from=2 to=4']);
  const autoscale = { min: 1, max: 9, cpuPercent: 70, memoryPercent: 0, coolDownMs: 1 };
  const spec = { ...service.spec, autoscale };
  const status = (replicas: number, message: string) => ({ autoscale: { replicas, scaledAtMs: 1, message } });
  t.deepEqual(told({ spec, ...status(4, 'went from 2 to 4: mean CPU 140 %') }, { spec, ...status(2, '') }), [
    'scaled from=2 to=4 reason=went from 2 to 4: mean CPU 140 %',
  ]);
  t.deepEqual(told({ spec, ...status(2, 'there are no figures') }, { spec, ...status(2, '') }), []);
});

test('an update is followed from its start to its end', (t) => {
  const { UPDATING, UPDATE_PAUSED, UPDATE_COMPLETED, ROLLBACK_STARTED, ROLLBACK_PAUSED, ROLLBACK_COMPLETED } = UpdateState;
  const step = (from: UpdateState, to: UpdateState, message = '') =>
    told(update(to, message), update(from)).filter((text) => !text.startsWith('update '));
  t.deepEqual(
    told(update(UPDATING)).filter((text) => !text.startsWith('update ')),
    ['update_started'],
  );
  t.deepEqual(step(UPDATING, UPDATE_PAUSED, 'it failed'), ['update_paused reason=it failed']);
  t.deepEqual(step(UPDATE_PAUSED, UPDATING), ['update_continued']);
  t.deepEqual(step(UPDATING, UPDATE_COMPLETED), ['update_completed']);
  t.deepEqual(step(UPDATING, ROLLBACK_STARTED, 'web.1 failed'), ['rollback_started reason=web.1 failed']);
  t.deepEqual(step(UPDATE_PAUSED, ROLLBACK_STARTED), ['rollback_started']);
  t.deepEqual(step(ROLLBACK_STARTED, ROLLBACK_PAUSED), ['rollback_paused']);
  t.deepEqual(step(ROLLBACK_PAUSED, ROLLBACK_STARTED), ['update_continued']);
  t.deepEqual(step(ROLLBACK_PAUSED, UPDATING), ['update_started']);
  t.deepEqual(step(ROLLBACK_STARTED, ROLLBACK_COMPLETED), ['rollback_completed']);
  t.deepEqual(step(UPDATING, UPDATING, 'another sentence'), []);
});

test('runs of a job begin, end and are left out, in the order of their time', (t) => {
  const run = (iteration: number, state: RunState, message = ''): JobRun => ({
    iteration,
    scheduledAtMs: 1_000 * iteration,
    startedAtMs: 1_000 * iteration,
    endedAtMs: 0,
    state,
    message,
  });
  t.deepEqual(told({ runs: [run(1, RunState.RUN_UNDER_WAY)] }), ['run_started run=1 scheduledAt=1000']);
  t.deepEqual(
    told(
      {
        runs: [
          { ...run(0, RunState.RUN_SKIPPED, 'run 1 was still under way'), startedAtMs: 5_000 },
          run(1, RunState.RUN_FAILED, 'job.1 failed'),
        ],
      },
      { runs: [run(1, RunState.RUN_UNDER_WAY)] },
    ),
    ['run_failed run=1 scheduledAt=1000 reason=job.1 failed', 'run_skipped reason=run 1 was still under way'],
  );
  t.deepEqual(told({ runs: [] }, { runs: [run(1, RunState.RUN_SUCCEEDED)] }), []);
});
