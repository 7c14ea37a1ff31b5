import { ConcurrencyPolicy, cronProblem, type ServiceSpec, type TsoError } from '@tso/proto';
import { isJobMode } from '../rules/jobs.ts';
import { invalid, isCount, isDuration } from './validate-shared.ts';

/** The most runs that are kept of each kind: each keeps its tasks. */
const mostHistory = 100;

/** What is wrong with when a job is to run, or with a service that is no job and says so. */
export const scheduleProblems = function* (at: string, { mode, schedule }: ServiceSpec): Iterable<TsoError> {
  if (schedule === undefined) return;
  if (!isJobMode(mode))
    yield invalid(
      `${at}: it is no job, and has no times to run at: x-tso-schedule has no meaning`,
      'Use the mode replicated-job or global-job',
    );
  const { cron, timeZone, concurrency, successfulHistory, failedHistory, startingDeadlineMs } = schedule;
  const problem = cronProblem(cron, timeZone);
  if (problem !== undefined) yield invalid(`${at}: x-tso-schedule: ${problem}`, 'Write x-tso-schedule: "0 3 * * *", for instance');
  if (!Object.values(ConcurrencyPolicy).includes(concurrency))
    yield invalid(`${at}: ${concurrency} is no way to deal with a run that is still under way`, 'Use allow, forbid or replace');
  for (const [word, kept] of [
    ['successful_history', successfulHistory],
    ['failed_history', failedHistory],
  ] as const)
    if (!isCount(kept) || kept > mostHistory)
      yield invalid(`${at}: x-tso-schedule.${word} cannot be ${kept}`, `It goes from 0 to ${mostHistory}`);
  if (!isDuration(startingDeadlineMs))
    yield invalid(
      `${at}: x-tso-schedule.starting_deadline cannot be ${startingDeadlineMs} ms`,
      'Leave it out: then the last run that was missed is made up for',
    );
};
