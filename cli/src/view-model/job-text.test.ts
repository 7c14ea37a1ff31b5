import { ServiceMode, type ServiceView, TaskState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { observe, startFollow } from './follow.ts';
import { countsText, modeText, shortCounts, totalsText } from './job-text.ts';
import { screenOf } from './screen.ts';
import { serviceCells, serviceDetails } from './service-text.ts';

const asJob = (view: ServiceView, mode: ServiceMode = ServiceMode.REPLICATED_JOB): ServiceView => ({
  ...view,
  service: { ...view.service, spec: { ...view.service.spec, mode, job: { totalCompletions: view.desired, maxConcurrent: 2 } } },
});
const job = (completed: number, running: number, change: Partial<ServiceView> = {}): ServiceView =>
  asJob({ ...aService([aTask({}, 'job')], { desired: 3, running, converged: completed === 3, ...change }, 'job'), completed });

test('of a job is told how much of it is done, of a service how much of it runs', (t) => {
  t.deepEqual([job(1, 2), job(3, 0), aService([aTask()])].map(countsText), ['1 of 3 done, 2 run', '3 of 3 done', '1 of 1 run']);
  t.deepEqual([job(1, 2), aService([aTask()])].map(shortCounts), ['1/3 done', '1/1']);
  t.deepEqual([[aService([aTask()])], [aService([aTask()]), job(1, 2)], [job(1, 2), job(2, 0)]].map(totalsText), [
    '1 of 1 tasks run',
    '1 of 1 tasks run, 1 of 3 completions',
    '3 of 6 completions',
  ]);
});

test('a mode is called as files call it, and a manager that does not count yet has nothing done', (t) => {
  t.is(modeText(asJob(aService([]), ServiceMode.GLOBAL_JOB)), 'global-job');
  const { completed: _unsaid, ...old } = job(2, 1);
  t.is(countsText(old), '0 of 3 done, 1 run');
});

test('lists and details say it of a job', (t) => {
  t.deepEqual(serviceCells(job(1, 2), 0).slice(3, 5), ['replicated-job', '1/3 done']);
  const details = new Map(serviceDetails(job(1, 2), 0));
  t.is(details.get('Tasks'), '1 of 3 done, 2 run');
  t.is(details.get('Limits'), '2 at a time');
});

test('who waits for a job waits until it is done, and sees how far it is', (t) => {
  const options = { stack: 'visits', services: ['job'], goal: 'converged' } as const;
  const begun = observe(startFollow(options), aView([job(1, 2)]), 0);
  t.deepEqual(begun.outcome, { kind: 'waiting', waiting: [{ service: 'job', reason: '1 of 3 done, 2 run' }] });
  t.is(screenOf(begun, 0, 10).title, 'visits: 1 of 3 completions');
  t.is(observe(begun, aView([job(3, 0, { tasks: [] })]), 1).outcome.kind, 'done');
});

test('a job that was given so many attempts is given them, one that was not is given up after three failures in a row', (t) => {
  const options = { stack: 'visits', services: ['job'], goal: 'converged' } as const;
  const after = (maxAttempts: number): string => {
    const failed = (id: string) =>
      aTask({ id, state: TaskState.FAILED, desired: TaskState.SHUTDOWN, status: { error: 'exit code 7' } }, 'job');
    let state = observe(startFollow(options), aView([job(0, 1, { tasks: [] })]), 0);
    for (const [index, count] of [1, 2, 3].entries()) {
      const view = job(0, 1, { tasks: Array.from({ length: count }, (_, at) => failed(`t${at}`)).toReversed() });
      const { spec } = view.service;
      const task = { ...spec.task, restart: { ...spec.task.restart, maxAttempts } };
      state = observe(state, aView([{ ...view, service: { ...view.service, spec: { ...spec, task } } }]), index + 1);
    }
    return state.outcome.kind;
  };
  t.deepEqual([after(5), after(0)], ['waiting', 'failed']);
});
