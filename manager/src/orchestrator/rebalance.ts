import type { Service, Task } from '@tso/proto';
import { RebalanceMode, TaskState, UpdateFailureAction, UpdateOrder } from '@tso/proto';
import { isByNode, isJob } from '../rules/jobs.ts';
import { heldByData, isBeingSpread } from '../rules/rebalancing.ts';
import { sharesNamespace } from '../rules/shared-namespaces.ts';
import { endText, hasFailed, isLive, isServing, lifetimeMs, statusAtMs } from '../rules/task-facts.ts';
import { isPaused, isUnderWay as isUpdating } from '../rules/update-pace.ts';
import { taskName } from '../rules/words.ts';
import type { Pass } from './pass.ts';
import type { SlotWork } from './slots.ts';
import { newTask } from './tasks.ts';

/** After its tasks were spread anew, a service is left alone for that long, unless somebody asks: nodes that come and go move nothing twice. */
export const restAfterMs = 5 * 60_000;

/** The moves of this time, newest of each place, that failed: on their new node, before they served for the monitor period. */
const failedMoves = (service: Service, works: readonly SlotWork[]): readonly Task[] =>
  works.flatMap((work) => work.tasks.find((task) => hasFailedMove(service, task)) ?? []);

const hasFailedMove = (service: Service, task: Task): boolean =>
  task.replaces !== undefined &&
  task.specVersion === service.specVersion &&
  hasFailed(task) &&
  task.meta.createdAtMs >= service.rebalancedAtMs &&
  lifetimeMs(task) <= service.spec.update.monitorMs;

/** Why the moving is given up, by the rule for updates; undefined: it goes on. */
const reasonToPause = (service: Service, works: readonly SlotWork[]): string | undefined => {
  const { failureAction, maxFailureRatio } = service.spec.update;
  const failures = failedMoves(service, works);
  const [first] = failures;
  if (first === undefined || failureAction === UpdateFailureAction.FAILURE_CONTINUE) return undefined;
  if (failures.length / works.length <= maxFailureRatio) return undefined;
  const count = failures.length === 1 ? 'a task' : `${failures.length} of ${works.length} tasks`;
  return `spreading its tasks anew is paused, ${count} failed on the new node: ${taskName(first)} failed: ${endText(first)}`;
};

/** Whether something goes on in the place, or did a moment ago: the update's delay keeps the next move away. */
const isUnderWay = (pass: Pass, service: Service, work: SlotWork): boolean => {
  const fresh = work.fresh;
  if (fresh === undefined || work.leaving.some(isLive)) return true;
  if (!isLive(fresh)) return false;
  if (!isServing(fresh)) return true;
  const nextAtMs = statusAtMs(fresh) + service.spec.update.delayMs;
  if (nextAtMs > pass.now) pass.wakeAt(nextAtMs);
  return nextAtMs > pass.now;
};

/** Tasks that serve and are in nobody's way, highest slot first; not those of places whose move has just failed. */
const movableTasks = (pass: Pass, service: Service, works: readonly SlotWork[]): readonly Task[] =>
  works
    .filter((work) => !isUnderWay(pass, service, work) && !work.tasks.some((task) => hasFailedMove(service, task)))
    .flatMap((work) => (work.fresh !== undefined && isServing(work.fresh) ? [work.fresh] : []))
    .toReversed();

/** A task like it on another node, made ready there before this one is stopped, or running before, as the service is updated. */
const move = (pass: Pass, service: Service, task: Task, nodeId: string): void => {
  const startsFirst = service.spec.update.order === UpdateOrder.START_FIRST;
  const desiredState = startsFirst ? TaskState.RUNNING : TaskState.READY;
  const place = { slot: task.slot, nodeId };
  pass.draft.putTask({ ...newTask(pass, service, place, { desiredState, notBeforeMs: 0, pendingReason: '' }), replaces: task.id });
  pass.newTasks.take();
};

/** Begins as many moves as the limits of updates leave room for. Returns whether none is left, and none goes on. */
const moveOn = (pass: Pass, service: Service, works: readonly SlotWork[]): boolean => {
  const { parallelism } = service.spec.update;
  const underWay = works.filter((work) => isUnderWay(pass, service, work)).length;
  const room = parallelism === 0 ? works.length + 1 : parallelism - underWay;
  const wish = service.spec.rebalance === RebalanceMode.REBALANCE_AUTO ? 'settled' : 'any';
  let movable = movableTasks(pass, service, works);
  for (let begun = 0; begun < room && !pass.newTasks.isUsedUp; begun += 1) {
    const { move: found, isHeldBack, againAtMs } = pass.findMove(service, movable, wish);
    if (againAtMs !== undefined) pass.wakeAt(againAtMs);
    if (found === undefined) return underWay === 0 && begun === 0 && !isHeldBack;
    move(pass, service, found.task, found.to.id);
    movable = movable.filter((each) => each !== found.task);
  }
  return false;
};

/** The service as one that is to be spread anew from now on by itself, when that is worth it; otherwise as it is. */
const begunByItself = (pass: Pass, service: Service, works: readonly SlotWork[]): Service => {
  if (service.spec.rebalance !== RebalanceMode.REBALANCE_AUTO || works.some((work) => isUnderWay(pass, service, work))) return service;
  const restedAtMs = service.rebalancedAtMs === 0 ? 0 : service.rebalancedAtMs + restAfterMs;
  if (restedAtMs > pass.now) {
    pass.wakeAt(restedAtMs);
    return service;
  }
  const found = pass.findMove(service, movableTasks(pass, service, works), 'worth it');
  if (found.againAtMs !== undefined) pass.wakeAt(found.againAtMs);
  if (found.move === undefined) return service;
  return { ...service, rebalance: service.rebalance + 1, rebalancedAtMs: pass.now };
};

/** Whether its tasks have no choice of nodes: one on each, or where their data is, or beside those whom they share something with; those of a job end anyway. */
const isHeld = ({ draft }: Pass, service: Service): boolean =>
  isByNode(service.spec.mode) || isJob(service) || heldByData(draft, service) !== undefined || sharesNamespace(service);

/**
 * Moves tasks of a service to where there is room, a few at a time, when that was asked for or the service wants it by itself: as an
 * update does, with its parallelism, order and delay, and never two reasons to replace a task at once. Returns the service as it then is.
 */
export const rebalance = (pass: Pass, service: Service, works: readonly SlotWork[]): Service => {
  if (service.rebalancePaused !== undefined) return service;
  const asked = isBeingSpread(service);
  if (!asked && service.spec.rebalance !== RebalanceMode.REBALANCE_AUTO) return service;
  const done = { ...service, rebalanced: service.rebalance, rebalancedAtMs: pass.now };
  if (isHeld(pass, service)) return asked ? done : service;
  if (isUpdating(service.update) || isPaused(service.update) || works.some((work) => work.stale.length > 0)) return service;
  const begun = asked ? service : begunByItself(pass, service, works);
  if (!isBeingSpread(begun)) return begun;
  const reason = reasonToPause(begun, works);
  if (reason !== undefined) return { ...begun, rebalancePaused: reason };
  return moveOn(pass, begun, works) ? done : begun;
};
