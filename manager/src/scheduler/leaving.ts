import type { Service } from '@tso/proto';
import { isByNode } from '../rules/jobs.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';

/**
 * Tasks of a service that still take room of their nodes and will not for long, so that they are no part of how the service is spread: those that
 * are being stopped, and those of an older spec that another one takes over from.
 */
export interface Leaving {
  /** How many there are now, by node. */
  readonly byNode: ReadonlyMap<string, number>;
  /** Nodes of those that are to leave once a task of the spec has a place in their slot. */
  readonly bySlot: ReadonlyMap<number, readonly string[]>;
}

export const nobodyLeaves: Leaving = { byNode: new Map(), bySlot: new Map() };

/** @param specVersion of the tasks that are to be placed */
export const leavingOf = (view: View, service: Service, specVersion: number): Leaving => {
  if (isByNode(service.spec.mode)) return nobodyLeaves;
  const byNode = new Map<string, number>();
  const bySlot = new Map<number, readonly string[]>();
  const leaves = (nodeId: string): unknown => byNode.set(nodeId, (byNode.get(nodeId) ?? 0) + 1);
  const tasks = view.tasksOfService(service.id);
  for (const task of tasks) {
    if ((task.specVersion === specVersion && isOccupant(task)) || !isLive(task) || !isAssigned(task)) continue;
    if (isOccupant(task)) bySlot.set(task.slot, [...(bySlot.get(task.slot) ?? []), task.nodeId]);
    else leaves(task.nodeId);
  }
  if (bySlot.size === 0) return { byNode, bySlot };
  for (const task of tasks) {
    if (task.specVersion !== specVersion || !isOccupant(task) || !isLive(task) || !isAssigned(task)) continue;
    for (const nodeId of bySlot.get(task.slot) ?? []) leaves(nodeId);
    bySlot.delete(task.slot);
  }
  // One update upon another: a slot is held once, however many it will be taken over from.
  for (const [slot, [first = '', ...others]] of bySlot) {
    for (const nodeId of others) leaves(nodeId);
    bySlot.set(slot, [first]);
  }
  return { byNode, bySlot };
};
