import { emptyAllocation, HealthState, TaskState } from '@tso/proto';
import test from 'ava';
import { aTask, aTaskView } from '../testing/views.ts';
import { sortTasks, taskCells, taskColumns, taskRow } from './task-row.ts';

const nowMs = 1_700_000_100_000;
const cellsOf = (wish: Parameters<typeof aTask>[0]): Record<string, string> => {
  const cells = taskCells(aTaskView(aTask(wish)), false, nowMs);
  return Object.fromEntries(taskColumns(false).map((column, index) => [column.title, cells[index] ?? '']));
};

test('a running task shows for how long it runs and how it is', (t) => {
  const status = { startedAtMs: nowMs - 65_000 };
  t.like(cellsOf({ status, health: HealthState.HEALTHY }), {
    NAME: 'web.1',
    IMAGE: 'visits-web:1',
    NODE: 'host-a',
    STATUS: 'up 65 s (healthy)',
    ERROR: '',
  });
  t.is(cellsOf({ status, desired: TaskState.SHUTDOWN }).STATUS, 'stopping');
});

test('what a running task goes without is shown where errors are', (t) => {
  t.is(cellsOf({ status: { message: 'running; without the one' } }).ERROR, 'without the one');
  t.is(cellsOf({ status: { message: 'running' } }).ERROR, '');
});

test('an ended task shows its exit code, when it ended and why', (t) => {
  const failed = cellsOf({
    state: TaskState.FAILED,
    status: { exitCode: 3, finishedAtMs: nowMs - 3_600_000 * 3, error: 'out of\nmemory' },
  });
  t.is(failed.STATUS, 'failed (3) 3 h ago');
  t.is(failed.ERROR, 'out of memory');
  t.is(cellsOf({ state: TaskState.FAILED, status: { exitCode: 3 } }).ERROR, 'its process ended with exit code 3');
});

test('a task that no node takes has its reason as its error', (t) => {
  const view = aTaskView(aTask({ state: TaskState.NEW, pendingReason: 'no node fits' }));
  t.is(taskRow(view).error, 'no node fits');
  t.is(taskRow(view).startedAt, null);
  t.is(cellsOf({ state: TaskState.NEW, pendingReason: 'no node fits' }).STATUS, 'waiting');
});

test('ports are shown as they are published', (t) => {
  const task = {
    ...aTask(),
    ports: [{ target: 80, published: 8080, protocol: 0, mode: 0, hostIp: '', onlyLocal: false, rangeFrom: 0, rangeTo: 0 } as const],
  };
  t.true(taskCells(aTaskView(task), false, nowMs).includes('8080->80/tcp'));
  t.deepEqual(taskRow(aTaskView(task)).ports, [
    { published: 8080, target: 80, protocol: 'tcp', mode: 'ingress', hostIp: '', onlyLocal: false },
  ]);
});

test('tasks are sorted by service, slot, and the newest first', (t) => {
  const old = aTask({ id: 'old', slot: 2 });
  const tasks = [
    aTask({ id: 'c' }, 'cache'),
    old,
    { ...aTask({ id: 'new', slot: 2 }), meta: { version: 0, createdAtMs: nowMs, updatedAtMs: 0 } },
    aTask({ id: 'a', slot: 1 }),
  ];
  t.deepEqual(
    sortTasks(tasks.toReversed().map(aTaskView)).map((view) => view.task.id),
    ['c', 'a', 'new', 'old'],
  );
});

test('the IPv6 address of a task is shown beside the other one of that network', (t) => {
  const task = { ...aTask(), networks: [{ ...emptyAllocation, networkId: 'n', address: '10.0.1.3', address6: 'fd00::3' }] };
  t.deepEqual(taskRow(aTaskView(task)).addresses6, { visits_default: 'fd00::3' });
  t.deepEqual(taskRow(aTaskView(aTask())).addresses6, {});
});
