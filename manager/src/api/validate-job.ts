import { defaultUpdateConfig, RebalanceMode, ServiceMode, type ServiceSpec, type TsoError } from '@tso/proto';
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

/** What is wrong with a service as a job, or with what it says of one though it is none. */
export const jobProblems = function* (at: string, spec: ServiceSpec): Iterable<TsoError> {
  const { mode, job, ports, update, rollback, rebalance } = spec;
  if (job !== undefined && mode !== ServiceMode.REPLICATED_JOB)
    yield invalid(`${at}: completions are those of a job, and this is none`, 'Use the mode replicated-job');
  const tooMany = job && completionsProblem(at, job.totalCompletions);
  if (tooMany !== undefined) yield tooMany;
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
