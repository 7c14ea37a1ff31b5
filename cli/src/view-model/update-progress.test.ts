import { HealthState, type ServiceView, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { observe, startFollow, waitingText } from './follow.ts';
import { screenOf } from './screen.ts';
import { updateCounts, updateProgress } from './update-progress.ts';

const updating = (
  tasks: ServiceView['tasks'],
  state: UpdateState = UpdateState.UPDATING,
  change: Partial<ServiceView> = {},
): ServiceView => {
  const view = aService(tasks, { desired: 3, converged: false, ...change });
  return { ...view, service: { ...view.service, specVersion: 2, update: { state, startedAtMs: 1, completedAtMs: 0, message: '' } } };
};
const old = (slot: number) => aTask({ slot });
const fresh = (slot: number, wish: Parameters<typeof aTask>[0] = {}) => ({
  ...aTask({ id: `new-${slot}`, slot, ...wish }),
  specVersion: 2,
});

test('an update counts the tasks of the new spec that serve', (t) => {
  t.is(updateCounts(aService([aTask()])), '');
  t.is(updateCounts(updating([old(1), old(2), old(3)])), '0/3 updated');
  t.is(updateCounts(updating([fresh(1), fresh(2, { health: HealthState.HEALTH_STARTING }), old(3)])), '1/3 updated');
  t.is(updateCounts(updating([fresh(1), fresh(2), old(3)], UpdateState.ROLLBACK_STARTED)), '2/3 rolled back');
  t.is(updateCounts(updating([fresh(1), fresh(2), fresh(3)], UpdateState.UPDATE_COMPLETED)), '');
});

test('it tells what it waits for: what the cluster says, else the task that is not there yet', (t) => {
  const starting = fresh(2, { state: TaskState.STARTING, status: { message: 'health: curl: connection refused' } });
  t.is(
    updateProgress(updating([fresh(1), starting, old(3)]), ''),
    '1/3 updated, waits: web.2 is starting (health: curl: connection refused)',
  );
  t.is(updateProgress(updating([fresh(1), starting, old(3)]), 'no node fits'), '1/3 updated, waits: no node fits');
  t.is(updateProgress(updating([fresh(1), old(2), old(3)]), ''), '1/3 updated');
  t.is(updateProgress(aService([aTask()]), 'x'), '');
});

test('each step of an update is one line, and who stops waiting is told how far it is', (t) => {
  const start = startFollow({ stack: 'visits', services: undefined, goal: 'converged' });
  const first = observe(start, aView([updating([old(1), old(2), old(3)])]), 0);
  t.true(first.changes.includes('web: 0/3 updated'));
  const same = observe(first, aView([updating([old(1), old(2), old(3)])]), 1);
  t.deepEqual(same.changes, []);
  const next = observe(
    same,
    aView([updating([fresh(1), old(2), old(3)], UpdateState.UPDATING, { waitingReason: '5 s between two steps' })]),
    2,
  );
  t.true(next.changes.includes('web: 1/3 updated'));
  t.is(waitingText(next), 'web: 1/3 updated, waits: 5 s between two steps');
});

test('the live view has a line for an update, with its reason', (t) => {
  const start = startFollow({ stack: 'visits', services: undefined, goal: 'converged' });
  const view = aView([updating([fresh(1), old(2), old(3)], UpdateState.UPDATING, { waitingReason: '5 s between two steps' })]);
  t.like(screenOf(observe(start, view, 0), 0, 20).rows[0], { name: 'web', state: '1/3 updated', detail: '5 s between two steps' });
});
