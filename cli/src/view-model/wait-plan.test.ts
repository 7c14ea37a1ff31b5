import { emptyServiceSpec, ServiceMode, type ServiceView, type StackView, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { type EndedTask, endText, exitCodeOfTasks, observeWait, startWait, type WaitState } from './wait-plan.ts';

const feed = (views: readonly StackView[], services = ['web']): WaitState => views.reduce(observeWait, startWait(services));
const ended = (state: WaitState): readonly EndedTask[] => (state.outcome.kind === 'ended' ? state.outcome.tasks : []);
const codes = (state: WaitState) => ended(state).map(({ name, state: word, exitCode }) => [name, word, exitCode]);

const end = (task: Task, state: TaskState, exitCode?: number): Task => ({
  ...task,
  desiredState: TaskState.SHUTDOWN,
  status: { ...task.status, state, ...(exitCode === undefined ? {} : { exitCode }) },
});

const job = (tasks: readonly Task[], change: Partial<ServiceView>): ServiceView => {
  const view = aService(tasks, change);
  const spec = { ...emptyServiceSpec, name: 'web', mode: ServiceMode.REPLICATED_JOB, job: { totalCompletions: 1, maxConcurrent: 1 } };
  return { ...view, service: { ...view.service, spec, jobIteration: 2 } };
};

test('the tasks that were there at first are waited for, not those that come after them', (t) => {
  const [one, two] = [aTask({ slot: 1 }), aTask({ slot: 2 })];
  const begun = feed([aView([aService([one, two])])]);
  t.deepEqual(begun.outcome, { kind: 'waiting', names: ['web.1', 'web.2'] });
  const half = observeWait(begun, aView([aService([aTask({ id: 'next', slot: 1 }), end(one, TaskState.FAILED, 3), two])]));
  t.deepEqual(half.outcome, { kind: 'waiting', names: ['web.2'] });
  const all = observeWait(half, aView([aService([aTask({ id: 'next', slot: 1 }), end(two, TaskState.COMPLETE, 0)])]));
  t.deepEqual(codes(all), [
    ['web.1', 'failed', 3],
    ['web.2', 'complete', 0],
  ]);
});

test('what has ended before counts where nothing runs any more, the newest of each place', (t) => {
  const older = { ...end(aTask({ id: 'a' }), TaskState.FAILED, 9), meta: { ...aTask().meta, createdAtMs: 1 } };
  const newer = end(aTask({ id: 'b' }), TaskState.COMPLETE, 0);
  t.deepEqual(codes(feed([aView([aService([older, newer])])])), [['web.1', 'complete', 0]]);
  t.deepEqual(feed([aView([aService([])])]).outcome, { kind: 'ended', tasks: [] });
});

test('a job is waited for until it is done or given up, whatever failed on the way', (t) => {
  const first = { ...aTask({ id: 'a' }), jobIteration: 2 };
  const second = { ...aTask({ id: 'b' }), jobIteration: 2, meta: { ...first.meta, createdAtMs: first.meta.createdAtMs + 1 } };
  const failed = end(first, TaskState.FAILED, 1);
  const earlier = { ...end(aTask({ id: 'z', slot: 7 }), TaskState.FAILED, 5), jobIteration: 1 };
  const under = feed([aView([job([failed, second, earlier], { converged: false })])]);
  t.deepEqual(under.outcome, { kind: 'waiting', names: ['web'] });
  const done = observeWait(under, aView([job([end(second, TaskState.COMPLETE, 0), failed, earlier], { converged: true })]));
  t.deepEqual(codes(done), [['web.1', 'complete', 0]]);
  const lost = observeWait(under, aView([job([end(second, TaskState.FAILED, 2), failed], { converged: false, failed: true })]));
  t.is(exitCodeOfTasks(ended(lost)), 2);
});

test('a task that is forgotten before its end was seen is told as such', (t) => {
  const state = feed([aView([aService([aTask()])]), aView([aService([aTask({ id: 'other' })])])]);
  t.deepEqual(codes(state), [['web.1', 'gone', null]]);
  t.is(exitCodeOfTasks(ended(state)), 1);
});

test('a service that is not there, or goes away, is missing', (t) => {
  t.deepEqual(feed([aView([])]).outcome, { kind: 'missing', service: 'web' });
  t.deepEqual(feed([aView([aService([aTask()])]), aView([], { exists: false })]).outcome, { kind: 'missing', service: 'web' });
});

test('the exit code is the first that is not 0; a task that could not begin counts as 1, one that was stopped as it ended', (t) => {
  const one = (state: string, exitCode: number | null): EndedTask => ({
    service: 'web',
    slot: 1,
    taskId: 'x',
    name: 'web.1',
    state,
    exitCode,
    error: 'no image',
  });
  t.is(exitCodeOfTasks([]), 0);
  t.is(exitCodeOfTasks([one('complete', 0), one('failed', 7), one('failed', 3)]), 7);
  t.is(exitCodeOfTasks([one('rejected', null)]), 1);
  t.is(exitCodeOfTasks([one('shutdown', null)]), 0);
  t.is(exitCodeOfTasks([one('shutdown', 143)]), 143);
  t.is(endText(one('rejected', null)), 'web.1: rejected: no image');
  t.is(endText(one('failed', 7)), 'web.1: failed with exit code 7');
});
