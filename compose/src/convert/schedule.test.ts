import { ConcurrencyPolicy } from '@tso/proto';
import test from 'ava';
import { saidOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const job = 'deploy: {mode: replicated-job}\n';
const scheduleOf = (value: string) => serviceOf(oneService(`${job}x-tso-schedule: ${value}`)).schedule;
const told = (value: string): string => toldOf(oneService(`${job}x-tso-schedule: ${value}`)).join('\n');

test('a text is when the job runs, and the rest is as it is unless said', (t) => {
  t.deepEqual(scheduleOf('"*/5 * * * *"'), {
    cron: '*/5 * * * *',
    timeZone: '',
    concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
  });
  t.is(scheduleOf('"@daily"')?.cron, '@daily');
  t.is(scheduleOf('null'), undefined);
});

test('a map says the zone, what becomes of a run that is due too early, what is kept, and how late one may be', (t) => {
  const value =
    '{cron: "0 3 * * MON-FRI", time_zone: Europe/Berlin, concurrency: forbid, successful_history: 7, failed_history: "0", starting_deadline: 10m}';
  t.deepEqual(scheduleOf(value), {
    cron: '0 3 * * MON-FRI',
    timeZone: 'Europe/Berlin',
    concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID,
    successfulHistory: 7,
    failedHistory: 0,
    startingDeadlineMs: 600_000,
  });
  t.is(scheduleOf('{cron: "@daily", concurrency: replace}')?.concurrency, ConcurrencyPolicy.CONCURRENCY_REPLACE);
});

test('a job on every node has times to run at as well, and what is no job has none', (t) => {
  t.is(serviceOf(oneService('deploy: {mode: global-job}\nx-tso-schedule: "@daily"')).schedule?.cron, '@daily');
  t.regex(
    toldOf(oneService('x-tso-schedule: "@daily"')).join('\n'),
    /E303 service web is no job: it runs all the time, and has no times to run at/,
  );
  t.regex(toldOf(oneService('deploy: {mode: global}\nx-tso-schedule: "@daily"')).join('\n'), /E303/);
});

test('what is no schedule is refused where it stands, by what is wrong with it', (t) => {
  t.is(told('"60 * * * *"'), 'E202 service web: "60 * * * *" is no schedule: invalid value for minute: 60');
  t.regex(told('"* * * *"'), /E202 service web: .* has 4 fields/);
  t.regex(told('{}'), /E202 service web: a schedule says when/);
  t.regex(told('{cron: "0 0 31 2 *"}'), /E202 service web: .* never comes/);
  t.is(told('5'), 'E202 x-tso-schedule must be a text or a map, but is 5');
  t.is(told('["* * * * *"]'), 'E202 x-tso-schedule must be a text or a map, but is ["* * * * *"]');
  t.is(told('{cron: 5}'), 'E202 cron must be a text, but is 5');
  t.regex(told('{cron: "@daily", time_zone: Mars/Olympus}'), /^E202 service web: "Mars\/Olympus" is no time zone/);
  t.regex(told('{cron: "@daily", concurrency: forbidden}'), /^E202 "forbidden" is not a way to deal with a run/);
  t.regex(told('{cron: "@daily", successful_history: -1}'), /^E202 -1 is not a number of runs to keep/);
  t.regex(told('{cron: "@daily", failed_history: 101}'), /^E202 101 is not a number of runs to keep/);
  for (const late of ['soon', '-5s', '10ms', '8d', '5'])
    t.regex(told(`{cron: "@daily", starting_deadline: ${late}}`), /is not a time that a run may be late/);
  t.is(told('{cron: "@daily", timezone: UTC}'), 'E202 timezone is nothing that x-tso-schedule has');
  t.is(told('{cron: "@daily", starting_deadline: 0}'), '');
});

test('a fault is told at its own line, with the word that was meant', (t) => {
  const [found] = saidOf(oneService(`${job}x-tso-schedule:\n  cron: "@daily"\n  time_zone: Mars/Olympus`));
  t.is(found?.line, 7);
  const [slip] = saidOf(oneService(`${job}x-tso-schedule:\n  cron: "@daily"\n  timezone: UTC`));
  t.is(slip?.hint, "did you mean 'time_zone'?");
});

test('a run that fails is tried six times more, unless the file says how often', (t) => {
  const attempts = (rest: string) => serviceOf(oneService(rest)).task.restart.maxAttempts;
  t.is(attempts(`${job}x-tso-schedule: "@daily"`), 6);
  t.is(attempts('deploy: {mode: replicated-job, restart_policy: {max_attempts: 0}}\nx-tso-schedule: "@daily"'), 0);
  t.is(attempts('deploy: {mode: replicated-job, restart_policy: {max_attempts: 2}}\nx-tso-schedule: "@daily"'), 2);
  t.is(attempts(`restart: on-failure:4\n${job}x-tso-schedule: "@daily"`), 4);
  t.is(attempts(job.trim()), 0);
});
