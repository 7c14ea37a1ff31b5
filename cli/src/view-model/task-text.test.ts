import { TaskState } from '@tso/proto';
import test from 'ava';
import { aTask } from '../testing/views.ts';
import { durationText, stateWord, taskName, withoutFailure } from './task-text.ts';

test('a task is named by its slot, one of a global service by its node', (t) => {
  t.is(taskName(aTask({ slot: 3 })), 'web.3');
  t.is(taskName({ ...aTask(), slot: 0 }), 'web.node-1');
});

test('durations are short and round', (t) => {
  const texts = [0, 1_449, 9_999, 10_000, 119_999, 120_000, 7_199_000, 7_200_000, 172_799_000, 172_800_000].map(durationText);
  t.deepEqual(texts, ['0.0 s', '1.4 s', '10.0 s', '10 s', '119 s', '2 min', '119 min', '2 h', '47 h', '2 days']);
});

test('a task is waiting until it has a node, then what it is', (t) => {
  t.is(stateWord(aTask({ state: TaskState.ALLOCATED })), 'waiting');
  t.is(stateWord(aTask({ state: TaskState.PREPARING })), 'preparing');
  t.is(stateWord(aTask({ desired: TaskState.SHUTDOWN })), 'stopping');
  t.is(stateWord(aTask({ state: TaskState.SHUTDOWN, desired: TaskState.SHUTDOWN })), 'shutdown');
});

test('a reason does not quote the failure that is told beside it', (t) => {
  const failed = aTask({ state: TaskState.FAILED, status: { error: 'no such file' } });
  t.is(withoutFailure('starts again in 5 s: no such file', [aTask(), failed]), 'starts again in 5 s');
  t.is(withoutFailure('no node fits', [failed]), 'no node fits');
});
