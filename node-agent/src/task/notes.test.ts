import { newTaskStatus, TaskState } from '@tso/proto';
import test from 'ava';
import { withNotes } from './notes.ts';

const starting = { ...newTaskStatus, state: TaskState.STARTING, message: 'starting' };
const running = { ...newTaskStatus, state: TaskState.RUNNING, message: 'running' };

test('what a task runs without stands behind its state once it runs, and stays while its health changes', (t) => {
  const first = withNotes(starting, running, ['without a', 'without b']);
  t.is(first.message, 'running; without a; without b');
  t.is(withNotes(first, running).message, first.message);
  t.is(withNotes(starting, running).message, 'running');
});

test('before and after that nothing is added', (t) => {
  const failed = { ...newTaskStatus, state: TaskState.FAILED, message: '' };
  t.is(withNotes(running, failed, ['without a']), failed);
  t.is(withNotes(starting, starting, ['without a']), starting);
});
