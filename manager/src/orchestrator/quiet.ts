import type { Node, Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState, RebalanceMode, ServiceMode, TaskState } from '@tso/proto';
import { admits } from '../rules/node-facts.ts';
import { isBeingSpread } from '../rules/rebalancing.ts';
import { newPortsOf, reservesAsWished } from '../rules/replacement.ts';
import { sharesNamespace } from '../rules/shared-namespaces.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { isPaused, isUnderWay } from '../rules/update-pace.ts';
import { wantedSlots } from '../rules/wanted.ts';
import type { View } from '../store/view.ts';
import { historyLimit } from './reaper.ts';

/** Whether nothing of the service itself is on its way to something else. */
const standsStill = (service: Service): boolean =>
  service.spec.mode === ServiceMode.REPLICATED &&
  !service.removing &&
  !service.stopped &&
  !service.unproven &&
  !isUnderWay(service.update) &&
  !isPaused(service.update) &&
  service.spec.rebalance === RebalanceMode.REBALANCE_NEVER &&
  !isBeingSpread(service) &&
  service.spec.dependsOn.every(({ restart }) => !restart) &&
  !sharesNamespace(service);

/** Whether a node may keep what runs there. */
const keeps = (service: Service, node: Node): boolean =>
  node.state !== NodeState.NODE_DOWN &&
  node.availability !== NodeAvailability.DRAIN &&
  !node.removing &&
  (node.availability !== NodeAvailability.ACTIVE || admits(service.spec.task, node));

/** Whether the task is as it is to be, for as long as it lives: given to a node, or waiting for its time. */
const isAsWished = (service: Service, task: Task, now: number): boolean =>
  task.desiredState === TaskState.RUNNING &&
  task.specVersion === service.specVersion &&
  task.mode === service.spec.mode &&
  task.networkOf === '' &&
  task.pidOf === '' &&
  task.ipcOf === '' &&
  isLive(task) &&
  reservesAsWished(service, task) &&
  newPortsOf(service, task) === undefined &&
  (isAssigned(task) || task.notBeforeMs > now);

/** Whether the task is on its way out, or has ended, and nobody has to do anything for it. */
const isLeftAlone = (view: View, service: Service, task: Task): boolean => {
  if (task.desiredState === TaskState.REMOVE || task.mode !== service.spec.mode) return false;
  if (!isLive(task)) return true;
  const node = view.node(task.nodeId);
  return node !== undefined && node.state !== NodeState.NODE_DOWN;
};

/** How many tasks of each place have ended, while none has more than are kept. */
class Ended {
  readonly #limit: number;
  readonly #counts = new Map<number, number>();

  constructor(service: Service) {
    this.#limit = historyLimit(service);
  }

  /** Whether there are not too many with this one. */
  take({ slot }: Task): boolean {
    const count = (this.#counts.get(slot) ?? 0) + 1;
    this.#counts.set(slot, count);
    return count <= this.#limit;
  }
}

/** Whether a task, as long as its service and its node are as they were, is as good as before to who looks whether there is something to do. */
export const isAlikeToQuiet = (before: Task, after: Task): boolean =>
  isLive(before) &&
  isLive(after) &&
  isAssigned(before) &&
  isAssigned(after) &&
  before.serviceId === after.serviceId &&
  before.nodeId === after.nodeId &&
  before.slot === after.slot &&
  before.mode === after.mode &&
  before.desiredState === after.desiredState &&
  before.specVersion === after.specVersion &&
  before.spec === after.spec &&
  before.ports === after.ports &&
  before.networkOf === after.networkOf &&
  before.pidOf === after.pidOf &&
  before.ipcOf === after.ipcOf;

/** Nothing is to be done for a service, until then at least. */
export interface Quiet {
  /** Epoch milliseconds; undefined: not by time alone. */
  readonly untilMs: number | undefined;
}

/**
 * Whether a look at each task, and no more, shows that a plan would do nothing for the service: each of its places has one task, of its
 * present spec, alive on a node that may keep it, or waiting for its time. Of most services that is so, whatever their agents say.
 * Undefined says nothing.
 * @param isCrowded whether more is reserved on a node than it has
 */
export const quietOf = (view: View, service: Service, now: number, isCrowded: (node: Node) => boolean): Quiet | undefined => {
  if (!standsStill(service)) return undefined;
  const slots = new Set<number>();
  const kept = new Map<string, number>();
  const most = service.spec.task.placement.maxReplicasPerNode;
  const ended = new Ended(service);
  let untilMs: number | undefined;
  for (const task of view.tasksOfService(service.id)) {
    if (!isOccupant(task)) {
      if (!isLeftAlone(view, service, task) || (!isLive(task) && !ended.take(task))) return undefined;
      continue;
    }
    if (!isAsWished(service, task, now) || slots.has(task.slot)) return undefined;
    slots.add(task.slot);
    if (!isAssigned(task)) untilMs = Math.min(task.notBeforeMs, untilMs ?? task.notBeforeMs);
    else {
      const count = (kept.get(task.nodeId) ?? 0) + 1;
      kept.set(task.nodeId, count);
      if (most > 0 && count > most) return undefined;
      const node = count === 1 ? view.node(task.nodeId) : undefined;
      if (count === 1 && (node === undefined || !keeps(service, node) || isCrowded(node))) return undefined;
    }
  }
  return slots.size === wantedSlots(service) ? { untilMs } : undefined;
};
