import {
  ConcurrencyPolicy,
  cronProblem,
  defaultUpdateConfig,
  RebalanceMode,
  ServiceMode,
  type ServiceSpec,
  type TsoError,
} from '@tso/proto';
import { isJobMode } from '../rules/jobs.ts';
import { sameData } from '../store/equal.ts';
import { invalid } from './validate-shared.ts';

/** The most that a job may complete: each completion is kept. */
const maxCompletions = 10_000;

/** Why a job cannot be run so often, or undefined. */
export const completionsProblem = (at: string, completions: number): TsoError | undefined =>
  completions <= maxCompletions
    ? undefined
    : invalid(`${at}: ${completions} completions are more than the ${maxCompletions} a job may have`);

/** More runs than that are no history to look at: each is kept with its tasks. */
const maxHistory = 100;

/** What is wrong with when a service runs. */
const scheduleProblems = function* (at: string, { mode, schedule }: ServiceSpec): Iterable<TsoError> {
  if (schedule === undefined) return;
  if (!isJobMode(mode))
    yield invalid(`${at}: it is no job, and has no times to run at: x-tso-schedule has no meaning`, 'Use the mode replicated-job');
  const problem = cronProblem(schedule.cron, schedule.timeZone);
  if (problem !== undefined) yield invalid(`${at}: ${problem}`, 'Write x-tso-schedule: "0 3 * * *", for instance');
  if (!Object.values(ConcurrencyPolicy).includes(schedule.concurrency))
    yield invalid(`${at}: ${schedule.concurrency} is no way to deal with a run that is still under way`, 'Use allow, forbid or replace');
  if (Math.max(schedule.successfulHistory, schedule.failedHistory) > maxHistory)
    yield invalid(`${at}: more than ${maxHistory} runs are no history to keep`, `Keep ${maxHistory} at most`);
  if (schedule.startingDeadlineMs < 0)
    yield invalid(
      `${at}: a run cannot be late by less than nothing`,
      'Leave starting_deadline out: then the last run that was missed is made up for',
    );
};

/** What is wrong with a service as a job, or with what it says of one though it is none. */
export const jobProblems = function* (at: string, spec: ServiceSpec): Iterable<TsoError> {
  const { mode, job, ports, update, rollback, rebalance } = spec;
  if (job !== undefined && mode !== ServiceMode.REPLICATED_JOB)
    yield invalid(`${at}: completions are those of a job, and this is none`, 'Use the mode replicated-job');
  const tooMany = job && completionsProblem(at, job.totalCompletions);
  if (tooMany !== undefined) yield tooMany;
  yield* scheduleProblems(at, spec);
  if (!isJobMode(mode)) return;
  if (ports.length > 0) yield invalid(`${at}: a job answers nobody, so its ports cannot be published`, 'Leave the ports out');
  for (const [word, config] of [
    ['update_config', update],
    ['rollback_config', rollback],
  ] as const) {
    if (!sameData(config, defaultUpdateConfig))
      yield invalid(`${at}: a job is run anew when it changes, never updated task by task: ${word} has no meaning`, `Leave ${word} out`);
  }
  if (rebalance === RebalanceMode.REBALANCE_AUTO)
    yield invalid(`${at}: the tasks of a job end by themselves and are not moved`, 'Leave x-tso-rebalance out');
};
