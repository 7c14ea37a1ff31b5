import { cronProblem, type ServiceSpec, type TsoError } from '@tso/proto';
import { isJobMode } from '../rules/jobs.ts';
import { invalid, isCount, isDuration } from './validate-shared.ts';

/** The most runs that are kept of each kind: each keeps its tasks. */
const mostHistory = 100;

/** What is wrong with when a job is to run, or with a service that is no job and says so. */
export const scheduleProblems = function* (at: string, { mode, schedule }: ServiceSpec): Iterable<TsoError> {
  if (schedule === undefined) return;
  if (!isJobMode(mode)) yield invalid(`${at}: a schedule is that of a job, and this is none`, 'Use the mode replicated-job or global-job');
  const { cron, timeZone, successfulHistory, failedHistory, startingDeadlineMs } = schedule;
  const problem = cronProblem(cron, timeZone);
  if (problem !== undefined) yield invalid(`${at}: x-tso-schedule: ${problem}`);
  for (const [word, kept] of [
    ['successful_history', successfulHistory],
    ['failed_history', failedHistory],
  ] as const)
    if (!isCount(kept) || kept > mostHistory)
      yield invalid(`${at}: x-tso-schedule.${word} cannot be ${kept}`, `It goes from 0 to ${mostHistory}`);
  if (!isDuration(startingDeadlineMs)) yield invalid(`${at}: x-tso-schedule.starting_deadline is negative`);
};
