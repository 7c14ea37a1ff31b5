import { ConcurrencyPolicy, type ScheduleSpec, ServiceMode, type ServiceSpec } from '@tso/proto';
import test from 'ava';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { serviceProblems } from './validate-service.ts';

const daily: ScheduleSpec = {
  cron: '@daily',
  timeZone: 'Europe/Berlin',
  concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID,
  successfulHistory: 3,
  failedHistory: 1,
  startingDeadlineMs: 0,
};
const problems = (schedule: Partial<ScheduleSpec>, change: Partial<Omit<ServiceSpec, 'task'>> = {}): readonly string[] => {
  const spec = serviceSpec('report', { mode: ServiceMode.REPLICATED_JOB, schedule: { ...daily, ...schedule }, ...change });
  // As a whole service: each problem is told once.
  return [...serviceProblems(new World().tables, stackSpec('shop', [spec]), spec)].map(({ message }) => message);
};

test('a job has times to run at, once on each node as well as so often', (t) => {
  t.deepEqual(problems({}), []);
  t.deepEqual(problems({}, { mode: ServiceMode.GLOBAL_JOB }), []);
});

test('what is no job has none, and what is no schedule is said by name', (t) => {
  t.deepEqual(problems({}, { mode: ServiceMode.GLOBAL }), [
    'service report: it is no job, and has no times to run at: x-tso-schedule has no meaning',
  ]);
  t.deepEqual(problems({ cron: '61 * * * *' }), [
    'service report: x-tso-schedule: "61 * * * *" is no schedule: invalid value for minute: 61',
  ]);
  t.regex(problems({ timeZone: 'Mars/Olympus' })[0] ?? '', /^service report: x-tso-schedule: "Mars\/Olympus" is no time zone/);
});

test('more history than can be looked at, a lateness of less than nothing and a policy that is none are refused', (t) => {
  t.deepEqual(problems({ failedHistory: 101, startingDeadlineMs: -1 }), [
    'service report: x-tso-schedule.failed_history cannot be 101',
    'service report: x-tso-schedule.starting_deadline cannot be -1 ms',
  ]);
  // What another release of the command line may send.
  const unknown = 7 as ScheduleSpec['concurrency'];
  t.deepEqual(problems({ concurrency: unknown }), ['service report: 7 is no way to deal with a run that is still under way']);
});
