import { TaskState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { observe, startFollow } from './follow.ts';
import { screenOf } from './screen.ts';

const follow = () => startFollow({ stack: 'visits', services: undefined, goal: 'converged' });

test('before the first answer the screen says what it waits for', (t) => {
  t.is(screenOf(follow(), 0, 10).title, 'visits: asking the cluster');
});

test('each slot has one row, its newest task', (t) => {
  const old = aTask({ id: 'old', state: TaskState.FAILED, desired: TaskState.SHUTDOWN });
  const state = observe(follow(), aView([aService([aTask({ id: 'new', state: TaskState.STARTING }), old])]), 0);
  const screen = screenOf(state, 1_500, 10);
  t.is(screen.title, 'visits: 0 of 1 tasks run');
  t.deepEqual(
    screen.rows.map(({ key, mark, name, state: word, elapsed }) => ({ key, mark, name, word, elapsed })),
    [{ key: 'new', mark: 'busy', name: 'web.1', word: 'starting', elapsed: '1.5 s' }],
  );
});

test('a task that is still ending keeps a row beside its successor', (t) => {
  const ending = aTask({ id: 'old', desired: TaskState.SHUTDOWN });
  const state = observe(follow(), aView([aService([aTask({ id: 'new', state: TaskState.PREPARING }), ending])]), 0);
  t.deepEqual(
    screenOf(state, 0, 10).rows.map((row) => row.state),
    ['preparing', 'stopping'],
  );
});

test('the reason of the last failure stays on the row while the next try waits', (t) => {
  const first = observe(follow(), aView([aService([aTask({ id: 'a', state: TaskState.STARTING })])]), 0);
  const failed = aTask({ id: 'a', state: TaskState.FAILED, desired: TaskState.SHUTDOWN, status: { error: 'port 80 is taken' } });
  const second = observe(first, aView([aService([aTask({ id: 'b', state: TaskState.READY }), failed])]), 1);
  t.deepEqual(
    screenOf(second, 1, 10).rows.map((row) => row.detail),
    ['after failed: port 80 is taken'],
  );
});

test('when not all rows fit, the unfinished ones are shown', (t) => {
  const tasks = [1, 2, 3, 4].map((slot) => aTask({ slot, state: slot === 3 ? TaskState.PREPARING : TaskState.RUNNING }));
  const screen = screenOf(observe(follow(), aView([aService(tasks, { desired: 4 })]), 0), 0, 2);
  t.is(screen.rows[0]?.name, 'web.3');
  t.is(screen.rows.length, 2);
  t.is(screen.hidden, 2);
});
