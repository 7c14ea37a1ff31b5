import type { Node, Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState, ServiceMode } from '@tso/proto';
import type { View } from '../store/view.ts';
import { mayKeep } from './node-facts.ts';
import { byAge, isOccupant } from './task-facts.ts';

/** Where one task of a service belongs: a slot, or for a global service a node. It survives its tasks. */
export interface Place {
  /** Slot number, or node id. */
  readonly key: string;
  readonly slot: number;
  /** Global services only. */
  readonly nodeId: string;
  /** All that is kept of it, newest first. */
  readonly tasks: readonly Task[];
}

export const placeKey = (service: Service, task: Task): string =>
  service.spec.mode === ServiceMode.GLOBAL ? task.nodeId : String(task.slot);

/** The service's tasks by place, in the order of slots (or node ids); tasks made for another mode are left out. */
export const placesOf = (view: View, service: Service): readonly Place[] => {
  const groups = new Map<string, Task[]>();
  for (const task of view.tasksOfService(service.id)) {
    if (task.mode !== service.spec.mode) continue;
    const key = placeKey(service, task);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  const places = [...groups].map(([key, tasks]): Place => {
    const global = service.spec.mode === ServiceMode.GLOBAL;
    return { key, slot: global ? 0 : Number(key), nodeId: global ? key : '', tasks: tasks.sort(byAge) };
  });
  return places.sort((a, b) => a.slot - b.slot || (a.key < b.key ? -1 : 1));
};

export const occupantsOf = (place: Place): readonly Task[] => place.tasks.filter(isOccupant);

/**
 * The nodes a global service is to run on: those that can take a task now, and those that have one and may keep it
 * (a paused or silent node keeps what it has, a drained or dead one nothing).
 */
export const globalNodes = (view: View, service: Service): readonly Node[] => {
  const occupied = new Set<string>();
  for (const task of view.tasksOfService(service.id)) {
    if (task.mode === ServiceMode.GLOBAL && isOccupant(task)) occupied.add(task.nodeId);
  }
  const ready = (node: Node): boolean => node.state === NodeState.NODE_READY && node.availability === NodeAvailability.ACTIVE;
  return view.nodes().filter((node) => mayKeep(service.spec.task, node) && (ready(node) || occupied.has(node.id)));
};

/** How many tasks the service is to have. */
export const desiredCount = (view: View, service: Service): number => {
  if (service.removing) return 0;
  return service.spec.mode === ServiceMode.GLOBAL ? globalNodes(view, service).length : service.spec.replicas;
};
