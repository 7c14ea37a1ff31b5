import test from 'ava';
import { TaskState } from './gen/types.ts';
import { runningMessage, taskNotes } from './task-notes.ts';

test('what an agent says that a running task goes without is found again', (t) => {
  const of = (message: string, state: TaskState = TaskState.RUNNING) => taskNotes({ state, message });
  t.is(of(runningMessage(['without a', 'without b'])), 'without a; without b');
  t.is(of(runningMessage([])), '');
  t.is(of('pulling; running; x', TaskState.PREPARING), '');
  t.is(of(runningMessage(['without a']), TaskState.FAILED), '');
});
