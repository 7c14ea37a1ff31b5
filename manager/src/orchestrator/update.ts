import type { Service, ServiceSpec, Task, UpdateStatus } from '@tso/proto';
import { UpdateFailureAction, UpdateState } from '@tso/proto';
import { hasFailed, isLive, isServing, statusAtMs } from '../rules/task-facts.ts';
import { begunUpdate, isPaused, isUnderWay, mayGoBack, updatePace } from '../rules/update-pace.ts';
import { countedAsSpecSays } from '../rules/wanted.ts';
import type { Draft } from '../store/transaction.ts';
import { failureIn, failureText, isThrough } from './failures.ts';
import { firstStartHold } from './hold.ts';
import type { Pass } from './pass.ts';
import { roomBeforePause } from './pause-after.ts';
import { progressOf } from './progress.ts';
import type { SlotWork } from './slots.ts';

/** The tasks of the present spec that failed in this update before they served for the monitor period; the newest of each place. */
const failuresOf = (service: Service, update: UpdateStatus, works: readonly SlotWork[]): readonly Task[] =>
  works.flatMap((work) => failureIn(service, update, work) ?? []);

const whyText = ([first]: readonly Task[]): string => (first === undefined ? '' : `: ${failureText(first)}`);

/** Networks that the update had let go, and that its end would have removed. */
const keepNetworks = (draft: Draft, { task }: ServiceSpec): void => {
  for (const { network: name } of task.networks) {
    const network = draft.networkByName(name);
    if (network?.removing === true) draft.putNetwork({ ...network, removing: false });
  }
};

/**
 * The service as it was before the update, on its way back there; undefined: there is nothing to go back to, or it is on its way back already.
 * @param why the update failed, the end of a sentence
 */
const rolledBack = (pass: Pass, service: Service, why: string): Service | undefined => {
  const { previousSpec, ...rest } = service;
  if (previousSpec === undefined || !mayGoBack(service)) return undefined;
  keepNetworks(pass.draft, previousSpec);
  const message = `the update failed${why}`;
  const status = { state: UpdateState.ROLLBACK_STARTED, startedAtMs: pass.now, completedAtMs: 0, message, progressAtMs: pass.now };
  const former = countedAsSpecSays({ ...rest, spec: previousSpec });
  return { ...former, files: service.previousFiles, previousFiles: [], unproven: false, specVersion: 0, update: status };
};

/** @param why it is paused, the end of a sentence */
const paused = (update: UpdateStatus, why: string): UpdateStatus => {
  const [state, word] =
    update.state === UpdateState.UPDATING ? [UpdateState.UPDATE_PAUSED, 'update'] : [UpdateState.ROLLBACK_PAUSED, 'rollback'];
  return { ...update, state, message: `the ${word} is paused${why}` };
};

/** The service after its update has failed: on its way back, or standing still, as its settings say. */
const afterFailure = (pass: Pass, service: Service, update: UpdateStatus, back: string, still: string): Service =>
  (updatePace(service).failureAction === UpdateFailureAction.FAILURE_ROLLBACK ? rolledBack(pass, service, back) : undefined) ?? {
    ...service,
    update: paused(update, still),
  };

/** The service with its update's state after looking at what happened since the last plan; with its former spec when that is gone back to. */
export const assessUpdate = (pass: Pass, service: Service, works: readonly SlotWork[]): Service => {
  const { update } = service;
  // Who asked for the way back may have let the network go on the way there.
  if (update?.state === UpdateState.ROLLBACK_STARTED) keepNetworks(pass.draft, service.spec);
  if (isPaused(update)) return service;
  if (update === undefined || !isUnderWay(update)) {
    // Where a new task is tried again and again beside an older one, an update went on without it.
    if (works.every(({ stale, fresh }) => stale.length === 0 || fresh !== undefined))
      return service.unproven ? { ...service, unproven: false } : service;
    return { ...service, update: begunUpdate(pass.now) };
  }
  const { failureAction, maxFailureRatio } = updatePace(service);
  if (failureAction === UpdateFailureAction.FAILURE_CONTINUE) return service;
  const failures = failuresOf(service, update, works);
  if (failures.length > 0 && failures.length / works.length > maxFailureRatio) {
    const [count, why] = [`${failures.length} of ${works.length}`, whyText(failures)];
    const back = ` in ${count} places, and the service goes back to what it was${why}`;
    return afterFailure(pass, service, update, back, ` after ${count} replacements failed${why}`);
  }
  const progress = progressOf(pass, service, update, works);
  if (progress.kind === 'held') return { ...service, update: { ...update, progressAtMs: pass.now } };
  if (progress.kind === 'on time') return service;
  return afterFailure(pass, service, update, `, and the service goes back to what it was: ${progress.why}`, `: ${progress.why}`);
};

/** Whether a place is done with its replacement (or had none), so that the update's next one may begin. */
const isSettled = (pass: Pass, service: Service, work: SlotWork): boolean => {
  const fresh = work.fresh;
  if (fresh === undefined) return true;
  const failed = work.tasks.some((task) => task.specVersion === service.specVersion && hasFailed(task));
  if (failed || !isLive(fresh)) return true;
  if (!isServing(fresh) || work.stale.some(isLive)) return false;
  const nextAtMs = statusAtMs(fresh) + updatePace(service).delayMs;
  if (nextAtMs > pass.now) pass.wakeAt(nextAtMs);
  return nextAtMs <= pass.now;
};

/**
 * Begins as many replacements as the update's parallelism leaves room for, in the order of places; none while others that change as well are to be
 * through first. Returns what it waits for then.
 */
export const rollOn = (pass: Pass, service: Service, works: readonly SlotWork[], dirty: readonly SlotWork[]): string | undefined => {
  const { parallelism } = updatePace(service);
  if (dirty.length === 0) return undefined;
  const hold = firstStartHold(pass.draft, service, pass.known);
  if (hold !== undefined) return hold;
  const underWay = works.filter((work) => !isSettled(pass, service, work)).length;
  const free = parallelism === 0 ? dirty.length : Math.max(0, parallelism - underWay);
  const room = service.update === undefined ? free : Math.min(free, roomBeforePause(service, service.update, works));
  for (const work of dirty.slice(0, Math.min(room, pass.newTasks.left))) work.replace();
  return undefined;
};

/** `completed` once it is through in every place and the last replacement that serves has done so for the monitor period. */
export const completeUpdate = (pass: Pass, service: Service, update: UpdateStatus, works: readonly SlotWork[]): UpdateStatus => {
  if (!isUnderWay(update) || !works.every((work) => isThrough(service, update, work))) return update;
  const serving = works.flatMap(({ fresh }) => (fresh !== undefined && isServing(fresh) ? [fresh] : []));
  const lastAtMs = Math.max(update.startedAtMs, ...serving.map(statusAtMs));
  const doneAtMs = lastAtMs + updatePace(service).monitorMs;
  if (doneAtMs > pass.now) {
    pass.wakeAt(doneAtMs);
    return update;
  }
  const state = update.state === UpdateState.UPDATING ? UpdateState.UPDATE_COMPLETED : UpdateState.ROLLBACK_COMPLETED;
  return { ...update, state, completedAtMs: pass.now };
};
