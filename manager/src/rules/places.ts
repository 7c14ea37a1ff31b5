import type { Node, Service, Task } from '@tso/proto';
import { NodeAvailability, NodeState, ServiceMode } from '@tso/proto';
import type { View } from '../store/view.ts';
import { isByNode, isDone, isOfIteration, isScheduled } from './jobs.ts';
import { mayKeep } from './node-facts.ts';
import { isLastRun, isUnderWayRun } from './schedule.ts';
import { byAge, isOccupant, isServing } from './task-facts.ts';
import { wishedSlots } from './wanted.ts';

/** Where one task of a service belongs: a slot, or for a global service or job a node. It survives its tasks. */
export interface Place {
  /** Slot number, or node id. */
  readonly key: string;
  readonly slot: number;
  /** Global services and jobs only. */
  readonly nodeId: string;
  /** All that is kept of it, newest first. */
  readonly tasks: readonly Task[];
}

export const placeKey = (service: Service, task: Task): string => (isByNode(service.spec.mode) ? task.nodeId : String(task.slot));

/**
 * The service's tasks by place, in the order of slots (or node ids); tasks made for another mode are left out, and of a scheduled job those of
 * other runs than the one that `jobIteration` says: each run has places of its own.
 */
export const placesOf = (view: View, service: Service): readonly Place[] => {
  const groups = new Map<string, Task[]>();
  for (const task of view.tasksOfService(service.id)) {
    if (task.mode !== service.spec.mode || (isScheduled(service) && !isOfIteration(service, task))) continue;
    const key = placeKey(service, task);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  const places = [...groups].map(([key, tasks]): Place => {
    const global = isByNode(service.spec.mode);
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
    if (isScheduled(service) && !isOfIteration(service, task)) continue;
    if (task.mode === service.spec.mode && isOccupant(task)) occupied.add(task.nodeId);
  }
  const ready = (node: Node): boolean => node.state === NodeState.NODE_READY && node.availability === NodeAvailability.ACTIVE;
  return view.nodes().filter((node) => mayKeep(service.spec.task, node) && (ready(node) || occupied.has(node.id)));
};

/**
 * Whether a task of a global service is left as it is, whatever its service is by now: its node is paused, so that no other one could take its
 * place there.
 */
export const isLeftOnPaused = (view: View, { spec }: Service, task: Task): boolean =>
  spec.mode === ServiceMode.GLOBAL &&
  isOccupant(task) &&
  isServing(task) &&
  view.node(task.nodeId)?.availability === NodeAvailability.PAUSE;

/**
 * The nodes that count for a job on every node: those that it may run on, and those where it is done, whatever has become of them since:
 * a node that comes back is not to do the same again.
 */
export const globalJobNodes = (view: View, service: Service): readonly Node[] => {
  const ids = new Set(globalNodes(view, service).map(({ id }) => id));
  for (const task of view.tasksOfService(service.id)) if (isDone(service, task)) ids.add(task.nodeId);
  return view.nodes().filter(({ id }) => ids.has(id));
};

/** How many tasks the service is to have, or completions a job; none while it is stopped or being removed, and a scheduled one while its last run is over. */
export const desiredCount = (view: View, service: Service): number =>
  service.removing || service.stopped ? 0 : wishedCount(view, service);

/** The same of what is stopped, as if it were not. */
export const wishedCount = (view: View, service: Service): number => {
  if (isScheduled(service) && !service.runs.some((run) => isUnderWayRun(run) && isLastRun(service, run))) return 0;
  switch (service.spec.mode) {
    case ServiceMode.GLOBAL:
      return globalNodes(view, service).length;
    case ServiceMode.GLOBAL_JOB:
      return globalJobNodes(view, service).length;
    default:
      return wishedSlots(service);
  }
};

/** How many of the completions that a job is to have it has in its present time; of a scheduled one in the last run. */
export const doneCount = (view: View, job: Service): number =>
  placesOf(view, job).filter((place) => place.tasks.some((task) => isDone(job, task))).length;
