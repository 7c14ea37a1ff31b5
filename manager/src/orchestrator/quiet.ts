import type { Node, Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState, RebalanceMode, ServiceMode, TaskState } from '@tso/proto';
import { admits } from '../rules/node-facts.ts';
import { isBeingSpread } from '../rules/rebalancing.ts';
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

/** Whether the task is where and as it is to be, for as long as it lives. */
const isAsWished = (service: Service, task: Task): boolean =>
  task.desiredState === TaskState.RUNNING &&
  task.specVersion === service.specVersion &&
  task.mode === service.spec.mode &&
  task.networkOf === '' &&
  task.pidOf === '' &&
  task.ipcOf === '' &&
  isLive(task) &&
  isAssigned(task);

/** Whether the task is on its way out, or has ended, and nobody has to do anything for it. */
const isLeftAlone = (view: View, service: Service, task: Task): boolean => {
  if (task.desiredState === TaskState.REMOVE || task.mode !== service.spec.mode) return false;
  if (!isLive(task)) return true;
  const node = view.node(task.nodeId);
  return node !== undefined && node.state !== NodeState.NODE_DOWN;
};

/**
 * Whether a look at each task, and no more, shows that a plan would do nothing for the service: each of its places has one task, of its
 * present spec, alive on a node that may keep it. Of most services that is so, whatever their agents say. False says nothing.
 */
export const isQuiet = (view: View, service: Service): boolean => {
  if (!standsStill(service)) return false;
  const slots = new Set<number>();
  const kept = new Set<string>();
  const ended = new Map<number, number>();
  const limit = historyLimit(service);
  for (const task of view.tasksOfService(service.id)) {
    if (!isOccupant(task)) {
      if (!isLeftAlone(view, service, task)) return false;
      const count = isLive(task) ? 0 : (ended.get(task.slot) ?? 0) + 1;
      if (count > limit) return false;
      if (count > 0) ended.set(task.slot, count);
      continue;
    }
    if (!isAsWished(service, task) || slots.has(task.slot)) return false;
    slots.add(task.slot);
    if (kept.has(task.nodeId)) continue;
    const node = view.node(task.nodeId);
    if (node === undefined || !keeps(service, node)) return false;
    kept.add(task.nodeId);
  }
  return slots.size === wantedSlots(service);
};
