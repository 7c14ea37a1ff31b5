import type { RestartPolicy, Task } from '@tso/proto';
import { RestartCondition, TaskState } from '@tso/proto';
import { endedByItself, lifetimeMs } from './task-facts.ts';

/** Attempts are counted from the tasks that are kept; more than this many are not, and count as no limit. */
export const maxCountedAttempts = 99;
/** The longest delay that a crash loop comes to, unless the policy itself asks for more. */
export const maxBackOffMs = 60_000;
/** A task that ran this long ends a crash loop (the engine's rule). */
export const stableRunMs = 10_000;
/** Where the doubling starts when the policy asks for no delay. */
const firstBackOffMs = 100;

/** Whether the policy wants another attempt after such an end, were there no limit. */
const wantsAnother = (policy: RestartPolicy, task: Task): boolean => {
  if (!endedByItself(task)) return true;
  if (policy.condition === RestartCondition.RESTART_NONE) return false;
  return policy.condition === RestartCondition.RESTART_ANY || task.status.state !== TaskState.COMPLETE;
};

/**
 * How many tasks of this spec ended by themselves in a place since one of them outlived the policy's window (window 0: ever).
 * `tasks`: all of the place, newest first.
 */
export const endsInPlace = (policy: RestartPolicy, tasks: readonly Task[], specVersion: number): number => {
  let count = 0;
  for (const task of tasks) {
    if (task.specVersion !== specVersion || !endedByItself(task)) continue;
    count += 1;
    if (policy.windowMs > 0 && lifetimeMs(task) >= policy.windowMs) break;
  }
  return count;
};

export type RestartVerdict =
  /** The place stays as it is: completed, or failed for good with the reason. */
  | { readonly verdict: 'leave'; readonly failed: string | undefined }
  | { readonly verdict: 'restart'; readonly delayMs: number; readonly attempt: number };

/** The first end in a row costs the policy's delay, also when that is none. */
const backOffMs = (policy: RestartPolicy, ended: Task, ends: number): number => {
  if (lifetimeMs(ended) >= stableRunMs || ends <= 1) return policy.delayMs;
  const delayBefore = Math.max(0, ended.notBeforeMs - ended.meta.createdAtMs);
  return Math.max(policy.delayMs, Math.min(maxBackOffMs, Math.max(firstBackOffMs, policy.delayMs, delayBefore) * 2));
};

const attemptsText = (attempts: number): string =>
  attempts === 1 ? 'its one restart attempt is used up' : `its ${attempts} restart attempts are used up`;

/**
 * What becomes of a place whose task has ended. The delay is the policy's, and doubles while attempt after attempt dies young.
 * What ended through no fault of its own (its node is gone, it was asked to) is replaced at once and not counted.
 * `tasks`: all of the place, newest first.
 */
export const restartVerdict = (policy: RestartPolicy, ended: Task, tasks: readonly Task[]): RestartVerdict => {
  if (!wantsAnother(policy, ended)) {
    return { verdict: 'leave', failed: ended.status.state === TaskState.COMPLETE ? undefined : 'its restart policy is "none"' };
  }
  if (!endedByItself(ended)) return { verdict: 'restart', delayMs: 0, attempt: 1 };
  const ends = endsInPlace(policy, tasks, ended.specVersion);
  if (policy.maxAttempts > 0 && policy.maxAttempts <= maxCountedAttempts && ends > policy.maxAttempts) {
    return { verdict: 'leave', failed: attemptsText(policy.maxAttempts) };
  }
  return { verdict: 'restart', delayMs: backOffMs(policy, ended, ends), attempt: ends + 1 };
};
