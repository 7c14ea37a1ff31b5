import { type Task, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aTaskView, type TaskWish } from '../testing/views.ts';
import { serviceDetails } from './service-text.ts';
import { endedLines, endReason, placedLines } from './task-reasons.ts';
import { taskCells, taskColumns, taskRow } from './task-row.ts';

const placed = (slot: number, placedBecause: string): Task => ({ ...aTask({ slot }), placedBecause });
const retired = (wish: TaskWish, retiredBecause = 'scaled down from 3 to 2'): Task => ({
  ...aTask({ desired: TaskState.SHUTDOWN, state: TaskState.SHUTDOWN, ...wish }),
  retiredBecause,
});

test('tasks that are where they are for one reason share a line', (t) => {
  const tasks = [placed(1, 'fewest tasks of web (0)'), placed(2, 'only host-b fits'), placed(3, 'fewest tasks of web (0)')];
  t.deepEqual(placedLines({ tasks }), [
    ['Placed', 'web.1, web.3: fewest tasks of web (0)'],
    ['', 'web.2: only host-b fits'],
  ]);
  const ended = retired({});
  t.deepEqual(placedLines({ tasks: [{ ...ended, placedBecause: 'x' }, aTask()] }), []);
});

test('of many reasons and many names some are told, and where the rest is', (t) => {
  const same = Array.from({ length: 9 }, (_, index) => placed(index + 1, 'a'));
  t.deepEqual(placedLines({ tasks: same }), [['Placed', 'web.1, web.2, web.3, web.4, web.5, web.6 and 3 more: a']]);
  const many = Array.from({ length: 10 }, (_, index) => placed(index + 1, `reason ${index}`));
  t.deepEqual(placedLines({ tasks: many }).at(-1), ['', 'and 2 more reasons; tso service ps --explain has all']);
});

test('why a task ends is its failure, else what it was asked to end for', (t) => {
  t.is(endReason(aTask()), '');
  t.is(endReason(retired({})), 'scaled down from 3 to 2');
  t.is(endReason(retired({ state: TaskState.FAILED, status: { error: 'out of memory' } }, 'update')), 'out of memory');
  t.is(endReason({ ...aTask(), retiredBecause: 'x' }), '');
});

test('what ended last is told first', (t) => {
  const tasks = [1, 2, 3, 4].map((slot) => retired({ slot, id: `t${slot}`, status: { atMs: slot } }, `why ${slot}`));
  t.deepEqual(endedLines({ tasks }), [
    ['Ended', 'web.4 shutdown: why 4'],
    ['', 'web.3 shutdown: why 3'],
    ['', 'web.2 shutdown: why 2'],
  ]);
});

test('ps shows what is frozen, and why what was asked to end did', (t) => {
  const cells = (task: Task): Record<string, string> =>
    Object.fromEntries(taskColumns(false).map(({ title }, index) => [title, taskCells(aTaskView(task), false, 240_000)[index] ?? '']));
  t.is(cells(aTask({ status: { paused: true } })).STATUS, 'up 4 min (paused)');
  t.like(cells(retired({ status: { finishedAtMs: 120_000 } })), { STATUS: 'shutdown 2 min ago', ERROR: 'scaled down from 3 to 2' });
  t.like(taskRow(aTaskView({ ...retired({ status: { paused: true } }), placedBecause: 'p' })), {
    paused: true,
    placedBecause: 'p',
    retiredBecause: 'scaled down from 3 to 2',
  });
});

test('a stopped service says so, and an update that was asked to stand still is not told as a failed one', (t) => {
  const view = aService([], { desired: 0, converged: true });
  const stopped = { ...view, service: { ...view.service, stopped: true } };
  t.is(new Map(serviceDetails(stopped, 0)).get('State'), 'stopped');
  t.is(
    new Map(serviceDetails({ ...stopped, converged: false, waitingReason: 'waits for web.1 to end' }, 0)).get('State'),
    'being stopped: waits for web.1 to end',
  );
  const update = { state: UpdateState.UPDATE_PAUSED, startedAtMs: 1, completedAtMs: 0, message: '1 of 3 replaced', wished: true };
  t.is(
    new Map(serviceDetails({ ...view, service: { ...view.service, update } }, 0)).get('Update'),
    'stands still, as it was asked to: 1 of 3 replaced',
  );
});
