import { ConcurrencyPolicy, cronProblem, type RestartPolicy, type ScheduleSpec, type ServiceMode } from '@tso/proto';
import { scheduleKey } from '../attributes/extensions.ts';
import { meantHint } from '../diagnostics.ts';
import type { ServiceModel } from '../model.ts';
import type { Json, TreePath } from '../tree.ts';
import { parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';
import { isJob } from './jobs.ts';

/** When a job runs. */

const policies: ReadonlyMap<string, ConcurrencyPolicy> = new Map([
  ['allow', ConcurrencyPolicy.CONCURRENCY_ALLOW],
  ['forbid', ConcurrencyPolicy.CONCURRENCY_FORBID],
  ['replace', ConcurrencyPolicy.CONCURRENCY_REPLACE],
]);

const words = ['cron', 'time_zone', 'concurrency', 'successful_history', 'failed_history', 'starting_deadline'] as const;
type Word = (typeof words)[number];
type Said = Readonly<Partial<Record<Word, Json>>>;

/** More runs than that are no history to look at: each is kept with its tasks. */
const mostHistory = 100;
const longestDeadlineMs = 7 * 86_400_000;

/** Attempts after the first, where neither `restart_policy` nor `restart` says how many: each run of a scheduled job comes to an end. */
const scheduledAttempts = 6;

/** One entry of the long form, read; undefined: it is not said, or is no such thing, which is told. */
interface Reader {
  readonly input: ConvertInput;
  readonly path: TreePath;
  readonly said: Said;
}

const readText = ({ input, path, said }: Reader, word: Word, example: string): string => {
  const value = said[word];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.trim();
  tell(input, 'E202', [...path, word], `${word} must be a text, but is ${JSON.stringify(value)}`, `write it in quotes: ${example}`);
  return '';
};

const readCount = ({ input, path, said }: Reader, word: Word, unsaid: number): number => {
  const value = said[word];
  if (value === undefined || value === null) return unsaid;
  if (/^\d{1,3}$/.test(String(value)) && Number(value) <= mostHistory) return Number(value);
  tell(
    input,
    'E202',
    [...path, word],
    `${JSON.stringify(value)} is not a number of runs to keep`,
    `write a number from 0 to ${mostHistory}`,
  );
  return unsaid;
};

const readConcurrency = ({ input, path, said }: Reader): ConcurrencyPolicy => {
  const value = said.concurrency;
  if (value === undefined || value === null) return ConcurrencyPolicy.CONCURRENCY_ALLOW;
  const policy = policies.get(String(value));
  if (policy !== undefined) return policy;
  const hint = meantHint(String(value), policies.keys()) ?? 'use allow, forbid or replace';
  tell(input, 'E202', [...path, 'concurrency'], `${JSON.stringify(value)} is not a way to deal with a run that is still under way`, hint);
  return ConcurrencyPolicy.CONCURRENCY_ALLOW;
};

const readDeadlineMs = ({ input, path, said }: Reader): number => {
  const value = said.starting_deadline;
  if (value === undefined || value === null) return 0;
  const nanos = typeof value === 'string' || value === 0 ? parseDuration(String(value)) : undefined;
  const ms = nanos === undefined ? Number.NaN : Math.round(nanos / 1e6);
  if (ms === 0 || (ms >= 1_000 && ms <= longestDeadlineMs)) return ms;
  const hint = 'write a duration from 1s to 7d, or 0 for none: 10m';
  tell(input, 'E202', [...path, 'starting_deadline'], `${JSON.stringify(value)} is not a time that a run may be late`, hint);
  return 0;
};

/** The long form of what is said; undefined: it is neither form, or has words that mean nothing, which is told. */
const longForm = (input: ConvertInput, path: TreePath, said: Json): Said | undefined => {
  if (typeof said === 'string') return { cron: said };
  const isMap = (value: Json): value is { readonly [key: string]: Json } =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(said)) {
    tell(
      input,
      'E202',
      path,
      `${scheduleKey} must be a text or a map, but is ${JSON.stringify(said)}`,
      'write it in quotes: "*/5 * * * *"',
    );
    return undefined;
  }
  const unknown = Object.keys(said).filter((key) => !words.some((word) => word === key) && !key.startsWith('x-'));
  for (const key of unknown)
    tell(
      input,
      'E202',
      [...path, key],
      `${key} is nothing that ${scheduleKey} has`,
      meantHint(key, words) ?? `it has: ${words.join(', ')}`,
    );
  return unknown.length === 0 ? said : undefined;
};

/** `x-tso-schedule: "0 3 * * *"`, or a map of it with time zone, policy and history; undefined: it is not said, or nothing could come of it. */
export const toSchedule = (input: ConvertInput, service: ServiceModel, name: string, mode: ServiceMode): ScheduleSpec | undefined => {
  const value = service[scheduleKey];
  if (value === undefined || value === null) return undefined;
  const path = ['services', name, scheduleKey];
  if (!isJob(mode)) {
    const message = `service ${name} is no job: it runs all the time, and has no times to run at`;
    tell(input, 'E303', path, message, 'use deploy.mode: replicated-job, or global-job');
  }
  const said = longForm(input, path, value);
  if (said === undefined) return undefined;
  const reader: Reader = { input, path, said };
  const schedule: ScheduleSpec = {
    cron: readText(reader, 'cron', '"*/5 * * * *"'),
    timeZone: readText(reader, 'time_zone', 'Europe/Berlin'),
    concurrency: readConcurrency(reader),
    successfulHistory: readCount(reader, 'successful_history', 3),
    failedHistory: readCount(reader, 'failed_history', 1),
    startingDeadlineMs: readDeadlineMs(reader),
  };
  const ofCron = cronProblem(schedule.cron, '');
  const ofZone = schedule.timeZone === '' ? undefined : cronProblem('@daily', schedule.timeZone);
  const at = (word: Word): TreePath => (typeof value === 'object' && said[word] !== undefined ? [...path, word] : path);
  // What is no text was told above.
  if (ofCron !== undefined && (schedule.cron !== '' || typeof (said.cron ?? '') === 'string'))
    tell(input, 'E202', at('cron'), `service ${name}: ${ofCron}`, 'such as "*/5 * * * *", "0 3 * * MON-FRI" or @daily');
  if (ofZone !== undefined) tell(input, 'E202', at('time_zone'), `service ${name}: ${ofZone}`, 'such as Europe/Berlin; UTC unless said');
  return schedule;
};

/** The policy of a service: runs of a scheduled job are not tried for ever, unless the file says so with `max_attempts: 0`. */
export const scheduledRestart = (service: ServiceModel, schedule: ScheduleSpec | undefined, policy: RestartPolicy): RestartPolicy => {
  const isSaid = service.deploy?.restart_policy?.max_attempts !== undefined || service.restart?.includes(':') === true;
  return schedule === undefined || isSaid ? policy : { ...policy, maxAttempts: scheduledAttempts };
};
