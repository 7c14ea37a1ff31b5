import { ConcurrencyPolicy, type JobRun, newService, RunState, type ScheduleSpec, type Service, ServiceMode } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { serviceSpec } from '../testing/specs.ts';
import { fired, isSameSchedule, keptRuns, lastRunSucceeded, maxRunsAtOnce, runNow } from './schedule.ts';

const minuteMs = 60_000;
/** 22:13:20 */
const nowMs = 1_700_000_000_000;

const each5Minutes: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: '',
  concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
  successfulHistory: 3,
  failedHistory: 1,
  startingDeadlineMs: 0,
};

const job = (change: Partial<Service> = {}, schedule: Partial<ScheduleSpec> = {}): Service => ({
  ...newService,
  meta: { version: 1, createdAtMs: nowMs, updatedAtMs: nowMs },
  spec: serviceSpec('report', { mode: ServiceMode.REPLICATED_JOB, schedule: { ...each5Minutes, ...schedule } }),
  ...change,
});
const run = (iteration: number, state: RunState): JobRun => ({
  iteration,
  scheduledAtMs: nowMs + iteration,
  startedAtMs: nowMs + iteration,
  endedAtMs: state === RunState.RUN_UNDER_WAY ? 0 : nowMs + iteration,
  state,
  message: '',
});
const fire = (service: Service, atMs: number) => fired(service, service.spec.schedule ?? each5Minutes, atMs);

test('of each kind of end as many runs are kept as the history says, and all that go on', (t) => {
  const { RUN_UNDER_WAY, RUN_SUCCEEDED, RUN_FAILED, RUN_REPLACED, RUN_SKIPPED } = RunState;
  const states = [
    RUN_UNDER_WAY,
    RUN_FAILED,
    RUN_SUCCEEDED,
    RUN_SKIPPED,
    RUN_REPLACED,
    RUN_SUCCEEDED,
    RUN_SKIPPED,
    RUN_UNDER_WAY,
    RUN_SUCCEEDED,
  ];
  const runs = states.map((state, index) => run(states.length - index, state));
  const kept = (successfulHistory: number, failedHistory: number) =>
    keptRuns(runs, { successfulHistory, failedHistory }).map(
      ({ run: { iteration }, withTasks }) => `${iteration}${withTasks ? '' : ' alone'}`,
    );
  t.deepEqual(kept(2, 1), ['9', '8', '7', '6 alone', '4', '2']);
  t.deepEqual(kept(3, 2), ['9', '8', '7', '6 alone', '5', '4', '3 alone', '2', '1']);
  t.deepEqual(kept(0, 0), ['9', '8 alone', '6 alone', '2']);
});

test('the last run that ended says whether the job succeeded, whatever goes on or was left out since', (t) => {
  const succeeded = (...states: RunState[]) => lastRunSucceeded({ runs: states.map((state, index) => run(9 - index, state)) });
  t.false(succeeded());
  t.true(succeeded(RunState.RUN_SUCCEEDED, RunState.RUN_FAILED));
  t.true(succeeded(RunState.RUN_UNDER_WAY, RunState.RUN_SKIPPED, RunState.RUN_SUCCEEDED));
  t.false(succeeded(RunState.RUN_REPLACED, RunState.RUN_SUCCEEDED));
});

test('schedules are the same when they are due at the same instants, whatever else they say', (t) => {
  t.true(isSameSchedule(each5Minutes, { ...each5Minutes, failedHistory: 9, concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID }));
  t.false(isSameSchedule(each5Minutes, { ...each5Minutes, timeZone: 'Europe/Berlin' }));
  t.false(isSameSchedule(each5Minutes, undefined));
  t.true(isSameSchedule(undefined, undefined));
});

test('a job that was just applied is due from then on, and is woken for', (t) => {
  const { service, nextAtMs } = fire(job(), nowMs);
  t.deepEqual([service.scheduledAtMs, service.runs, nextAtMs], [nowMs, [], nowMs + 100_000]);
  // Nothing is due again in the same instant.
  t.is(fire(service, nowMs).service, service);
});

test('what a clock that was ahead dealt with is not due again after a change', (t) => {
  const before = fire(job({ scheduledAtMs: nowMs }), nowMs + 2 * minuteMs).service;
  t.is(before.runs.length, 1);
  const changed = fire({ ...before, scheduledAtMs: 0 }, nowMs + 90_000);
  t.is(changed.service.runs.length, 1);
  t.is(fire(changed.service, nowMs + 2 * minuteMs).service.runs.length, 1);
});

test('what is asked for by hand is dated by nobody, and only of a job with a schedule', (t) => {
  const asked = runNow(job({ jobIteration: 4 }), nowMs);
  t.like(asked, { jobIteration: 5, runs: [{ iteration: 5, scheduledAtMs: 0, startedAtMs: nowMs, state: RunState.RUN_UNDER_WAY }] });
  const { schedule: _none, ...spec } = job().spec;
  const plain = job({ spec });
  t.is(runNow(plain, nowMs), plain);
  const web: Service = { ...job(), spec: { ...job().spec, mode: ServiceMode.REPLICATED } };
  t.is(runNow(web, nowMs), web);
});

test('a stopped job counts from when it is started, not from when it was stopped', (t) => {
  const { service, nextAtMs } = fire(job({ scheduledAtMs: nowMs, stopped: true }), nowMs + 60 * minuteMs);
  t.deepEqual([service.scheduledAtMs, service.runs, nextAtMs], [0, [], undefined]);
});

test('however it is looked at, each instant is dealt with once at most, in order, and never too many go on', (t) => {
  const policies = fc.constantFrom<ScheduleSpec['concurrency']>(
    ConcurrencyPolicy.CONCURRENCY_ALLOW,
    ConcurrencyPolicy.CONCURRENCY_FORBID,
    ConcurrencyPolicy.CONCURRENCY_REPLACE,
  );
  const looks = fc.array(fc.record({ ms: fc.integer({ min: -minuteMs, max: 20 * minuteMs }), ends: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(policies, looks, (concurrency, all) => {
      let [service, atMs] = [job({}, { concurrency, successfulHistory: 100, failedHistory: 100 }), nowMs];
      for (const { ms, ends } of all) {
        atMs += ms;
        service = fire(service, atMs).service;
        const underWay = service.runs.filter(({ state }) => state === RunState.RUN_UNDER_WAY).length;
        if (underWay > (concurrency === ConcurrencyPolicy.CONCURRENCY_ALLOW ? maxRunsAtOnce : 1)) return false;
        const end = (one: JobRun): JobRun =>
          one.state === RunState.RUN_UNDER_WAY ? { ...one, state: RunState.RUN_SUCCEEDED, endedAtMs: atMs } : one;
        if (ends) service = { ...service, runs: service.runs.map(end) };
      }
      const due = service.runs.map(({ scheduledAtMs }) => scheduledAtMs);
      return due.every((at, index) => at % (5 * minuteMs) === 0 && (index === 0 || at < (due[index - 1] ?? 0)));
    }),
    { numRuns: 300 },
  );
  t.pass();
});
