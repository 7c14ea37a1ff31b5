import { newTaskStatus, TaskState } from '@tso/proto';
import test from 'ava';
import { StatusOutbox } from './status-outbox.ts';

const status = (state: TaskState) => ({ ...newTaskStatus, state });

test('only the newest status of a task is sent', (t) => {
  const outbox = new StatusOutbox();
  outbox.put('a', status(TaskState.PREPARING));
  outbox.put('a', status(TaskState.RUNNING));
  t.deepEqual(outbox.nextReport(10)?.updates, [{ taskId: 'a', status: status(TaskState.RUNNING) }]);
  t.is(outbox.nextReport(10), undefined);
});

test('what was sent but not acknowledged is said again in a new session', (t) => {
  const outbox = new StatusOutbox();
  outbox.put('a', status(TaskState.RUNNING));
  outbox.nextReport(10);
  outbox.sayAllAgain();
  t.is(outbox.nextReport(10)?.updates.length, 1);
});

test('an acknowledgement forgets what it covers and keeps what came after', (t) => {
  const outbox = new StatusOutbox();
  outbox.put('a', status(TaskState.STARTING));
  outbox.put('b', status(TaskState.RUNNING));
  const sequence = outbox.nextReport(10)?.sequence ?? 0;
  outbox.put('a', status(TaskState.RUNNING));
  outbox.acknowledge(sequence);
  t.deepEqual(outbox.nextReport(10)?.updates, [{ taskId: 'a', status: status(TaskState.RUNNING) }]);
  outbox.sayAllAgain();
  t.deepEqual(
    outbox.nextReport(10)?.updates.map(({ taskId }) => taskId),
    ['a'],
  );
});

test('a report holds no more than its limit', (t) => {
  const outbox = new StatusOutbox();
  for (const id of ['a', 'b', 'c']) outbox.put(id, status(TaskState.RUNNING));
  t.is(outbox.nextReport(2)?.updates.length, 2);
  t.is(outbox.nextReport(2)?.updates.length, 1);
});
