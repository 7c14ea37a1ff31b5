import { HealthState, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyTransaction } from '../store/apply.ts';
import { status, tablesOf, task } from './dispatcher-fixture.ts';
import { type StatusBatch, statusActions, supersedes, withReport } from './status-batch.ts';

const observable = [
  TaskState.PREPARING,
  TaskState.READY,
  TaskState.STARTING,
  TaskState.RUNNING,
  TaskState.COMPLETE,
  TaskState.FAILED,
  TaskState.REMOVE,
] as const;
const statuses = fc.record({ state: fc.constantFrom(...observable), message: fc.constantFrom('', 'a', 'b') });

test('whatever is reported in whatever batches, a task state never goes back and an end is final', (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(statuses, { maxLength: 4 }), { maxLength: 6 }), (batches) => {
      const tables = tablesOf({ putTask: task('x', 'a', { status: status(TaskState.ASSIGNED) }) });
      let before = tables.task('x')?.status.state ?? 0;
      for (const [at, batch] of batches.entries()) {
        const updates = batch.map(({ state, message }) => ({ taskId: 'x', status: status(state, { message }) }));
        const actions = statusActions(tables, withReport(new Map(), 'a', updates));
        applyTransaction(tables, at + 2, { actions, expect: [], atMs: 1, origin: 'test' });
        const after = tables.task('x')?.status.state ?? 0;
        t.true(after >= before && after !== TaskState.REMOVE);
        t.true(before < TaskState.COMPLETE || after === before);
        before = after;
      }
    }),
  );
});

test('of several statuses of one task one change is made, of the last in its life', (t) => {
  const updates = [TaskState.PREPARING, TaskState.RUNNING, TaskState.STARTING].map((state) => ({ taskId: 'x', status: status(state) }));
  const tables = tablesOf({ putTask: task('x', 'a', { status: status(TaskState.ASSIGNED) }) });
  const actions = statusActions(tables, withReport(new Map(), 'a', updates));
  t.deepEqual(
    actions.map(({ putTask }) => putTask?.status.state),
    [TaskState.RUNNING],
  );
});

test('of equal states the newer words count, and the same words are no change', (t) => {
  const running = status(TaskState.RUNNING, { health: HealthState.HEALTH_STARTING });
  t.true(supersedes(running, { ...running, health: HealthState.HEALTHY }));
  t.false(supersedes(running, { ...running }));
});

test('what a node says of tasks that are gone or not its own changes nothing', (t) => {
  const tables = tablesOf({ putTask: task('x', 'a', { status: status(TaskState.ASSIGNED) }) });
  const say = (nodeId: string, taskId: string) =>
    statusActions(tables, withReport(new Map(), nodeId, [{ taskId, status: status(TaskState.RUNNING) }]));
  t.deepEqual(say('b', 'x'), []);
  t.deepEqual(say('a', 'y'), []);
  t.is(say('a', 'x').length, 1);
});

test('what another node says of a task neither replaces nor holds up what its own node says', (t) => {
  const tables = tablesOf({ putTask: task('x', 'a', { status: status(TaskState.ASSIGNED) }) });
  const own = ['a', [{ taskId: 'x', status: status(TaskState.RUNNING) }]] as const;
  const foreign = ['b', [{ taskId: 'x', status: status(TaskState.FAILED) }]] as const;
  for (const reports of [
    [own, foreign],
    [foreign, own],
  ]) {
    const batch = reports.reduce((held, [nodeId, updates]) => withReport(held, nodeId, updates), new Map() as StatusBatch);
    t.deepEqual(
      statusActions(tables, batch).map(({ putTask }) => putTask?.status.state),
      [TaskState.RUNNING],
    );
  }
});
