import type { StatsOfTask } from '@tso/proto';
import test from 'ava';
import { memoryText, StatsBoard, sortStats, statsCells, statsRow } from './stats-rows.ts';

const figures = (taskId: string, serviceName: string, slot: number): StatsOfTask => ({
  stats: {
    taskId,
    atMs: 1_700_000_000_000,
    cpuNs: 1,
    cpuPercent: 1.005,
    memoryBytes: 50,
    memoryLimitBytes: 200,
    networkRxBytes: 999,
    networkTxBytes: 1_000,
    blockReadBytes: 0,
    blockWriteBytes: 1_500_000,
    pids: 2,
    throttledNs: 0,
  },
  stack: 'visits',
  serviceName,
  slot,
  node: 'host-a',
});

test('memory is told in the units that limits are written in', (t) => {
  t.deepEqual([0, 999, 1_024, 64 * 1024 ** 2, 1.5 * 1024 ** 3].map(memoryText), ['0 B', '999 B', '1.0 KiB', '64.0 MiB', '1.5 GiB']);
});

test('a row has percentages of what there is, and none of an unknown limit', (t) => {
  const { stats, ...place } = figures('t', 'web', 1);
  t.is(statsRow({ stats, ...place }).memoryPercent, 25);
  t.is(statsRow({ stats: { ...stats, memoryLimitBytes: 0 }, ...place }).memoryPercent, 0);
  t.deepEqual(statsCells(statsRow({ stats, ...place }), true), [
    'visits',
    'web.1',
    'host-a',
    '1.00',
    '50 B / 200 B',
    '25.00',
    '999 B / 1.0 kB',
    '0 B / 1.5 MB',
    '2',
  ]);
});

test('a task of a global service is known by its id', (t) => {
  t.is(statsCells(statsRow(figures('abcdefghijklmnop', 'agent', 0)), false)[0], 'agent.abcdefghijkl');
});

test('rows stand by service and slot, the latest of each task, and those that fell silent go', (t) => {
  const board = new StatsBoard();
  board.add(statsRow(figures('a', 'web', 2)), 0);
  board.add(statsRow(figures('b', 'web', 1)), 0);
  board.add(statsRow(figures('c', 'db', 1)), 0);
  board.add(statsRow(figures('b', 'web', 1)), 3_000);
  t.deepEqual(
    board.rows(3_000).map(({ taskId }) => taskId),
    ['c', 'b', 'a'],
  );
  t.deepEqual(
    board.rows(4_000).map(({ taskId }) => taskId),
    ['b'],
  );
  t.deepEqual(sortStats([]), []);
});
