import { ConcurrencyPolicy, type JobRun, RunState, type ScheduleSpec, ServiceMode, type ServiceView, TaskState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { observe, startFollow } from './follow.ts';
import { countsText, shortCounts, totalsText } from './job-text.ts';
import { nextRunAtMs, scheduleDetails, scheduleRow, scheduleSummary } from './schedule-text.ts';
import { serviceRow } from './service-row.ts';
import { serviceCells, serviceDetails } from './service-text.ts';

/** 22:13:20 in UTC, 23:13:20 in Berlin. */
const nowMs = 1_700_000_000_000;
const minuteMs = 60_000;
const dueAtMs = (minutes: number): number => Date.parse('2023-11-14T22:00:00Z') + minutes * minuteMs;

const each5Minutes: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: '',
  concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID,
  successfulHistory: 3,
  failedHistory: 1,
  startingDeadlineMs: 0,
};

const run = (iteration: number, state: RunState, change: Partial<JobRun> = {}): JobRun => ({
  iteration,
  scheduledAtMs: dueAtMs(5 * iteration),
  startedAtMs: dueAtMs(5 * iteration) + 20,
  endedAtMs: state === RunState.RUN_UNDER_WAY ? 0 : dueAtMs(5 * iteration) + 12_020,
  state,
  message: '',
  ...change,
});
const skipped = run(0, RunState.RUN_SKIPPED, { scheduledAtMs: dueAtMs(10), message: 'run 1 was still under way' });

const job = (runs: readonly JobRun[], schedule: Partial<ScheduleSpec> = {}, change: Partial<ServiceView['service']> = {}): ServiceView => {
  const view = aService([], { desired: 0, converged: true }, 'report');
  const spec = { ...view.service.spec, mode: ServiceMode.REPLICATED_JOB, schedule: { ...each5Minutes, ...schedule } };
  return { ...view, completed: 1, service: { ...view.service, spec, runs, ...change } };
};

test('a list says when a scheduled job runs next and what became of its last run', (t) => {
  t.is(scheduleSummary(job([]), nowMs), 'runs next in 100 s');
  t.is(scheduleSummary(job([run(2, RunState.RUN_SUCCEEDED)]), nowMs), 'runs next in 100 s; run 2 succeeded after 12 s');
  t.is(
    scheduleSummary(job([run(2, RunState.RUN_FAILED, { message: 'report.1 failed: exit code 3' })]), nowMs),
    'runs next in 100 s; run 2 failed after 12 s: report.1 failed: exit code 3',
  );
  // What was left out is for the details: the last run tells more.
  t.is(scheduleSummary(job([skipped, run(1, RunState.RUN_UNDER_WAY)]), nowMs), 'runs next in 100 s; run 1 under way for 8 min');
  t.is(
    scheduleSummary(job([run(2, RunState.RUN_UNDER_WAY), run(1, RunState.RUN_UNDER_WAY)]), nowMs),
    'runs next in 100 s; run 2 under way for 3 min, and 1 before it',
  );
  t.is(scheduleSummary(aService([]), nowMs), '');
  const waiting = aTask({ state: TaskState.NEW, pendingReason: 'no node fits (1 drained)' }, 'report');
  t.is(
    scheduleSummary({ ...job([run(2, RunState.RUN_UNDER_WAY)]), tasks: [waiting] }, nowMs),
    'runs next in 100 s; run 2 under way for 3 min; report.1: no node fits (1 drained)',
  );
});

test('a job that is stopped, or was dealt with ahead of this clock, is told so', (t) => {
  t.is(scheduleSummary(job([], {}, { stopped: true }), nowMs), 'runs next not before it is started');
  t.is(nextRunAtMs(job([], {}, { scheduledAtMs: dueAtMs(20) }).service, nowMs), dueAtMs(25));
  t.is(nextRunAtMs(job([], {}, { removing: true }).service, nowMs), undefined);
});

test('between its runs there is nothing to count of a scheduled job, in one there is', (t) => {
  const idle = job([run(2, RunState.RUN_SUCCEEDED)]);
  const busy = { ...job([run(3, RunState.RUN_UNDER_WAY)]), desired: 3, running: 2 };
  t.deepEqual([countsText(idle), shortCounts(idle)], ['idle', 'idle']);
  t.deepEqual([countsText(busy), shortCounts(busy)], ['1 of 3 done, 2 run', '1/3 done']);
  t.is(totalsText([idle, busy]), '1 of 3 completions');
});

test('details say the schedule, the next run by the clocks of its zone, and each run that is kept', (t) => {
  const view = job(
    [skipped, run(2, RunState.RUN_REPLACED, { message: 'run 3 took its place' }), run(1, RunState.RUN_SUCCEEDED, { scheduledAtMs: 0 })],
    {
      timeZone: 'Europe/Berlin',
      startingDeadlineMs: 600_000,
    },
  );
  t.deepEqual(scheduleDetails(view, nowMs), [
    [
      'Schedule',
      '*/5 * * * * Europe/Berlin; what is due while a run goes on is left out; keeps 3 that succeeded and 1 that failed; at most 10 min late',
    ],
    ['Next run', '2023-11-14 23:15:00 (in 100 s)'],
    ['Runs', 'due 2023-11-14 23:10:00: left out: run 1 was still under way'],
    ['', 'due 2023-11-14 23:10:00: run 2 replaced after 12 s: run 3 took its place'],
    ['', 'asked for by hand: run 1 succeeded after 12 s'],
  ]);
  t.deepEqual(scheduleDetails(aService([]), nowMs), []);
  t.is(scheduleDetails(job([], { timeZone: 'Mars/Olympus' }), nowMs)[1]?.[1], 'never again');
});

const at = (ms: number): string => new Date(ms).toISOString();

test('the row of a service has its schedule, the next instant and the runs, and null where there is none', (t) => {
  t.deepEqual(scheduleRow(job([skipped, run(1, RunState.RUN_UNDER_WAY)]), nowMs), {
    cron: '*/5 * * * *',
    timeZone: 'UTC',
    concurrency: 'forbid',
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
    nextAt: at(dueAtMs(15)),
    runs: [
      {
        run: null,
        scheduledAt: at(dueAtMs(10)),
        startedAt: at(skipped.startedAtMs),
        endedAt: at(skipped.endedAtMs),
        state: 'skipped',
        message: 'run 1 was still under way',
      },
      { run: 1, scheduledAt: at(dueAtMs(5)), startedAt: at(dueAtMs(5) + 20), endedAt: null, state: 'under_way', message: '' },
    ],
  });
  t.is(scheduleRow(aService([]), nowMs), null);
});

test('lists, details and rows of services have it', (t) => {
  const view = job([run(2, RunState.RUN_SUCCEEDED)]);
  t.is(serviceCells(view, nowMs).at(-1), 'runs next in 100 s; run 2 succeeded after 12 s');
  t.is(new Map(serviceDetails(view, nowMs)).get('Next run'), '2023-11-14 22:15:00 (in 100 s)');
  t.like(serviceRow(view, nowMs), { completed: 0, schedule: { nextAt: at(dueAtMs(15)) } });
});

test('who asked for a run waits for it, and is told when it fails; runs that were due are not waited for', (t) => {
  const options = { stack: 'visits', services: ['report'], goal: 'converged' } as const;
  const byHand = { scheduledAtMs: 0 };
  const begun = observe(
    startFollow(options),
    aView([{ ...job([run(4, RunState.RUN_UNDER_WAY, byHand)]), desired: 1, converged: false }]),
    0,
  );
  t.is(begun.outcome.kind, 'waiting');
  const failed = observe(begun, aView([job([run(4, RunState.RUN_FAILED, { ...byHand, message: 'report.1 failed: exit code 3' })])]), 1);
  t.deepEqual(failed.outcome, {
    kind: 'failed',
    failures: [{ service: 'report', task: '', error: 'service report: run 4 failed: report.1 failed: exit code 3', exitCode: undefined }],
  });
  t.is(observe(begun, aView([job([run(4, RunState.RUN_SUCCEEDED, byHand)])]), 1).outcome.kind, 'done');
  // One that failed before anybody looked is history, but for who has just asked for it.
  const over = aView([job([run(4, RunState.RUN_FAILED, byHand)])]);
  t.is(observe(startFollow(options), over, 1).outcome.kind, 'done');
  t.is(observe(startFollow({ ...options, asksForRuns: true }), over, 1).outcome.kind, 'failed');
});
