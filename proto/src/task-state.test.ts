import test from 'ava';
import { isLater, isTerminal, isWishedRunning, TaskState, taskStateName } from './index.ts';

const inOrder = [
  'new',
  'allocated',
  'assigned',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
];
const states = Object.values(TaskState);

test('the numbers are in the order of a life', (t) => {
  t.deepEqual([...states].sort((a, b) => a - b).map(taskStateName), inOrder);
});

test('of two different states exactly one is later, and none is later than itself', (t) => {
  for (const a of states) for (const b of states) t.is(isLater(a, b), a === b ? false : !isLater(b, a));
});

test('a task in one of the ends never runs again; before that it may', (t) => {
  const ends = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];
  for (const state of states) t.is(isTerminal(state), ends.includes(taskStateName(state)), taskStateName(state));
});

test('a wish up to running is a wish to run', (t) => {
  t.true(isWishedRunning(TaskState.READY));
  t.true(isWishedRunning(TaskState.RUNNING));
  t.false(isWishedRunning(TaskState.SHUTDOWN));
  t.false(isWishedRunning(TaskState.REMOVE));
});

test('a state of a newer release still has a name', (t) => {
  t.is(taskStateName(999 as TaskState), 'state-999');
});
