import type { Service, Task, UpdateStatus } from '@tso/proto';
import { UpdateFailureAction, UpdateState } from '@tso/proto';
import { endText, hasFailed, isLive, isServing, lifetimeMs, statusAtMs } from '../rules/task-facts.ts';
import { taskName } from '../rules/words.ts';
import { firstStartHold } from './hold.ts';
import type { Pass } from './pass.ts';
import type { SlotWork } from './slots.ts';

/** The tasks of the present spec that failed in this update before they served for the monitor period; the newest of each place. */
const failuresOf = (service: Service, update: UpdateStatus, works: readonly SlotWork[]): readonly Task[] =>
  works.flatMap((work) => {
    const failure = work.tasks.find(
      (task) =>
        task.specVersion === service.specVersion &&
        hasFailed(task) &&
        task.meta.createdAtMs >= update.startedAtMs &&
        lifetimeMs(task) <= service.spec.update.monitorMs,
    );
    return failure === undefined ? [] : [failure];
  });

const pauseMessage = (service: Service, failures: readonly Task[], places: number): string => {
  const first = failures[0];
  const why = first === undefined ? '' : `: ${taskName(first)} failed: ${endText(first)}`;
  const rollback = service.spec.update.failureAction === UpdateFailureAction.FAILURE_ROLLBACK;
  const what = rollback ? '. Apply the previous file again to go back' : '';
  return `the update is paused after ${failures.length} of ${places} replacements failed${why}${what}`;
};

/** The update's state after looking at what happened since the last plan; undefined when the service never was updated. */
export const assessUpdate = (pass: Pass, service: Service, works: readonly SlotWork[]): UpdateStatus | undefined => {
  const update = service.update;
  if (update?.state === UpdateState.UPDATE_PAUSED) return update;
  if (update?.state !== UpdateState.UPDATING) {
    if (works.every((work) => work.stale.length === 0)) return update;
    return { state: UpdateState.UPDATING, startedAtMs: pass.now, completedAtMs: 0, message: '' };
  }
  const { failureAction, maxFailureRatio } = service.spec.update;
  const failures = failuresOf(service, update, works);
  if (failureAction === UpdateFailureAction.FAILURE_CONTINUE || failures.length === 0) return update;
  if (failures.length / works.length <= maxFailureRatio) return update;
  return { ...update, state: UpdateState.UPDATE_PAUSED, message: pauseMessage(service, failures, works.length) };
};

/** Whether a place is done with its replacement (or had none), so that the update's next one may begin. */
const isSettled = (pass: Pass, service: Service, work: SlotWork): boolean => {
  const fresh = work.fresh;
  if (fresh === undefined) return true;
  const failed = work.tasks.some((task) => task.specVersion === service.specVersion && hasFailed(task));
  if (failed || !isLive(fresh)) return true;
  if (!isServing(fresh) || work.stale.some(isLive)) return false;
  const nextAtMs = statusAtMs(fresh) + service.spec.update.delayMs;
  if (nextAtMs > pass.now) pass.wakeAt(nextAtMs);
  return nextAtMs <= pass.now;
};

/**
 * Begins as many replacements as the update's parallelism leaves room for, in the order of places; none while others that change as well are to be
 * through first. Returns what it waits for then.
 */
export const rollOn = (pass: Pass, service: Service, works: readonly SlotWork[], dirty: readonly SlotWork[]): string | undefined => {
  const { parallelism } = service.spec.update;
  if (dirty.length === 0) return undefined;
  const hold = firstStartHold(pass.draft, service);
  if (hold !== undefined) return hold;
  const underWay = works.filter((work) => !isSettled(pass, service, work)).length;
  const room = parallelism === 0 ? dirty.length : Math.max(0, parallelism - underWay);
  for (const work of dirty.slice(0, Math.min(room, pass.newTasks.left))) work.replace();
  return undefined;
};

/** `completed` once every place has settled and the last replacement has served for the monitor period. */
export const completeUpdate = (pass: Pass, service: Service, update: UpdateStatus, works: readonly SlotWork[]): UpdateStatus => {
  if (update.state !== UpdateState.UPDATING || works.some((work) => work.stale.length > 0)) return update;
  const fresh = works.flatMap((work) => work.fresh ?? []);
  if (fresh.some((task) => isLive(task) && !isServing(task))) return update;
  const lastAtMs = Math.max(update.startedAtMs, ...fresh.filter(isLive).map(statusAtMs));
  const doneAtMs = lastAtMs + service.spec.update.monitorMs;
  if (doneAtMs > pass.now) {
    pass.wakeAt(doneAtMs);
    return update;
  }
  return { ...update, state: UpdateState.UPDATE_COMPLETED, completedAtMs: pass.now, message: '' };
};
