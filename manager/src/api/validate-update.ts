import type { ServiceSpec, TsoError, UpdateConfig } from '@tso/proto';
import { invalid, isCount, isDuration } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

const updateProblems = function* (at: string, word: string, config: UpdateConfig): Problems {
  const { parallelism, maxFailureRatio, delayMs, monitorMs, progressDeadlineMs = 0, pauseAfter = 0 } = config;
  if (!isCount(parallelism))
    yield invalid(`${at}: ${word}.parallelism cannot be ${parallelism}`, 'Give a number above 0, or 0 for all at once');
  if (!(maxFailureRatio >= 0 && maxFailureRatio <= 1)) yield invalid(`${at}: ${word}.max_failure_ratio must lie between 0 and 1`);
  if (!isDuration(delayMs) || !isDuration(monitorMs) || !isDuration(progressDeadlineMs))
    yield invalid(`${at}: ${word} has a negative duration`);
  if (!isCount(pauseAfter))
    yield invalid(`${at}: ${word}.x-tso-pause-after cannot be ${pauseAfter}`, 'Give a number above 0, or leave it out');
};

/** What is wrong with how the tasks of a service are replaced, started again, probed and stopped. */
export const paceProblems = function* (at: string, spec: ServiceSpec): Problems {
  const { restart, container, logMaxSizeBytes, logMaxFiles } = spec.task;
  if (!isDuration(restart.delayMs) || !isDuration(restart.windowMs)) yield invalid(`${at}: the restart policy has a negative duration`);
  if (!isCount(restart.maxAttempts))
    yield invalid(`${at}: ${restart.maxAttempts} restart attempts cannot be`, 'Give a number above 0, or 0 for no limit');
  const health = container.healthCheck;
  for (const [word, value] of Object.entries(health ?? {})) {
    if (typeof value === 'number' && word.endsWith('Ms') && !isDuration(value))
      yield invalid(`${at}: the health check has a negative duration`);
  }
  if (health !== undefined && !isCount(health.retries)) yield invalid(`${at}: the health check cannot have ${health.retries} retries`);
  if (!isDuration(container.stopGracePeriodMs)) yield invalid(`${at}: stop_grace_period is negative`);
  if (!isCount(logMaxSizeBytes) || !isCount(logMaxFiles)) yield invalid(`${at}: the bounds of its log cannot be negative`);
  yield* updateProblems(at, 'update_config', spec.update);
  yield* updateProblems(at, 'rollback_config', spec.rollback);
};
