import { type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView, type TaskWish } from '../testing/views.ts';
import { type PauseWish, pauseProgress } from './pause-progress.ts';

const wish: PauseWish = { targets: [], paused: true, minVersion: 7 };
const frozen = (seen: boolean, change: TaskWish = {}): Task => ({
  ...aTask({ ...change, status: { ...change.status, paused: seen } }),
  paused: true,
});
const view = (...tasks: readonly Task[]) => aView([aService(tasks, { desired: tasks.length })]);

test('tasks are frozen once they are seen to be', (t) => {
  const { title, rows, outcome } = pauseProgress(view(frozen(true), frozen(false, { slot: 2 })), wish);
  t.is(title, 'visits: 1 of 2 tasks paused');
  t.deepEqual(
    rows.map(({ name, state, mark }) => [name, state, mark]),
    [
      ['web.1', 'paused', 'ok'],
      ['web.2', 'running', 'busy'],
    ],
  );
  t.is(outcome.kind, 'waiting');
  t.is(pauseProgress(view(frozen(true)), wish).outcome.kind, 'done');
});

test('a view from before the change says nothing', (t) => {
  t.is(pauseProgress({ ...view(frozen(true)), version: 6 }, wish).outcome.kind, 'waiting');
});

test('only what was named is waited for, and nothing that ends meanwhile or was never told', (t) => {
  const ended = frozen(false, { slot: 3, state: TaskState.FAILED });
  const leaving = frozen(false, { slot: 4, desired: TaskState.SHUTDOWN });
  const after = aTask({ slot: 5 });
  t.is(pauseProgress(view(frozen(true), ended, leaving, after), wish).outcome.kind, 'done');
  const both = view(frozen(false), frozen(true, { slot: 2 }));
  t.is(pauseProgress(both, { ...wish, targets: ['web.2'] }).outcome.kind, 'done');
  t.is(pauseProgress(both, { ...wish, targets: ['web'] }).outcome.kind, 'waiting');
  t.is(pauseProgress(both, { ...wish, targets: ['cache'] }).rows.length, 0);
});

test('one that has not come so far is told as waiting with where it is', (t) => {
  const [row] = pauseProgress(view(frozen(false, { state: TaskState.PREPARING, status: { message: 'pulling' } })), wish).rows;
  t.like(row, { state: 'preparing', detail: 'pulling', mark: 'wait' });
});

test('tasks that are let go on are waited for until they do', (t) => {
  const thawing = { ...frozen(true), paused: false };
  const on = { ...wish, paused: false };
  t.is(pauseProgress(view(thawing), on).outcome.kind, 'waiting');
  t.is(pauseProgress(view({ ...frozen(false), paused: false }), on).outcome.kind, 'done');
});
