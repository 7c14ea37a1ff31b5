import { type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { status, tablesOf, task } from '../dispatcher/dispatcher-fixture.ts';
import { execTask, tasksOfTargets } from './targets.ts';

const tables = tablesOf(
  { putTask: task('aaa1', 'n', { slot: 1 }) },
  { putTask: task('aaa2', 'n', { slot: 2 }) },
  { putTask: task('bbb1', 'n', { slot: 2, status: status(TaskState.FAILED, { error: 'exit code 3' }) }) },
  { putTask: task('ccc1', 'n', { serviceName: 'web.2', serviceId: 'dotted' }) },
  { putTask: task('ddd1', 'n', { serviceName: 'db', stack: 'blog' }) },
  { putTask: task('eee1', 'n', { serviceName: 'web', stack: 'blog', slot: 9 }) },
);
const ids = (tasks: readonly Task[]) => tasks.map(({ id }) => id).sort();

test('a target is a service, a slot of one, or a task id or its beginning', (t) => {
  t.deepEqual(ids(tasksOfTargets(tables, 'shop', ['web'])), ['aaa1', 'aaa2', 'bbb1']);
  t.deepEqual(ids(tasksOfTargets(tables, 'shop', ['web.1'])), ['aaa1']);
  t.deepEqual(ids(tasksOfTargets(tables, 'shop', ['bbb'])), ['bbb1']);
  t.deepEqual(ids(tasksOfTargets(tables, '', ['db'])), ['ddd1']);
});

test('a service whose name looks like a slot wins', (t) => {
  t.deepEqual(ids(tasksOfTargets(tables, 'shop', ['web.2'])), ['ccc1']);
});

test('no target means all of the stack, several targets name each task once', (t) => {
  t.is(tasksOfTargets(tables, 'shop', []).length, 4);
  t.deepEqual(ids(tasksOfTargets(tables, 'shop', ['web.1', 'web', 'aaa1'])), ['aaa1', 'aaa2', 'bbb1']);
});

test('what there is not, and what could mean two things, is said', (t) => {
  t.throws(() => tasksOfTargets(tables, 'shop', ['cache']), { code: 'NOT_FOUND', message: 'stack shop has no service or task cache' });
  t.throws(() => tasksOfTargets(tables, 'gone', []), { code: 'NOT_FOUND', message: 'there is no stack gone' });
  t.throws(() => tasksOfTargets(tables, '', ['web']), { code: 'INVALID_ARGUMENT', message: 'web is in more than one stack: blog, shop' });
  t.throws(() => tasksOfTargets(tables, 'shop', ['aaa']), { code: 'INVALID_ARGUMENT', message: 'aaa is the beginning of 2 task ids' });
});

test('exec goes to the running task of the lowest slot, or of the slot asked for', (t) => {
  t.is(execTask(tables, 'shop', 'web', 0).id, 'aaa1');
  t.is(execTask(tables, 'shop', 'web', 2).id, 'aaa2');
  t.throws(() => execTask(tables, 'shop', 'bbb1', 0), {
    code: 'FAILED_PRECONDITION',
    message: 'no task of bbb1 is running: web.2 is failed (exit code 3)',
  });
  t.throws(() => execTask(tables, 'shop', 'web', 7), { code: 'NOT_FOUND' });
});
