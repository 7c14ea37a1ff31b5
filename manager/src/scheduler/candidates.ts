import type { Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { isByNode } from '../rules/jobs.ts';
import { placeKey } from '../rules/places.ts';
import { byAge, isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
import { askOf } from './ask.ts';

/** A task that is to be placed. */
export interface Candidate {
  readonly service: Service;
  readonly task: Task;
}

const isUnplaced = (task: Task): boolean => isOccupant(task) && isLive(task) && !isAssigned(task);

const bySlot = (a: Task, b: Task): number => a.slot - b.slot || (a.id < b.id ? -1 : 1);

const candidates = (service: Service, tasks: readonly Task[]): readonly Candidate[] =>
  tasks
    .filter(isUnplaced)
    .sort(bySlot)
    .map((task) => ({ service, task }));

/** The tasks that wait for any node, by service; those whose place is a node are not among them. */
const waiting = (view: View): ReadonlyMap<string, readonly Task[]> => Map.groupBy(view.tasksOfNode(''), ({ serviceId }) => serviceId);

const lowestOf = (services: readonly Service[]): number =>
  services.reduce((least, { spec }) => Math.min(least, spec.priority), Number.POSITIVE_INFINITY);

/**
 * The wished tasks of these services that no node has yet, the highest priority first, of the same by service and in the order of slots. With
 * them all that wait elsewhere, count for as much or more, and may take the room of others: what was made free for one is not given to
 * another one because that is looked at alone.
 */
export const candidatesOf = (view: View, services: readonly Service[]): readonly Candidate[] => {
  const own = services.flatMap((service) => candidates(service, view.tasksOfService(service.id)));
  if (own.length === 0) return own;
  const all = view.services();
  const [lowest, lowestOfAll] = [lowestOf(own.map(({ service }) => service)), lowestOf(all)];
  const inScope = new Set(services.map(({ id }) => id));
  const may = ({ id, spec, removing }: Service): boolean =>
    spec.priority >= lowest && spec.priority > lowestOfAll && !removing && !inScope.has(id);
  const others = all.filter(may);
  if (others.length === 0) return own.toSorted((a, b) => b.service.spec.priority - a.service.spec.priority);
  const unplaced = waiting(view);
  const tasksOf = ({ id, spec }: Service): readonly Task[] => (isByNode(spec.mode) ? view.tasksOfService(id) : (unplaced.get(id) ?? []));
  const places = new Map(all.map(({ id }, at) => [id, at]));
  const placeOf = ({ service: { id } }: Candidate): number => places.get(id) ?? 0;
  const both = [...own, ...others.flatMap((service) => candidates(service, tasksOf(service)))];
  return both.sort((a, b) => b.service.spec.priority - a.service.spec.priority || placeOf(a) - placeOf(b) || bySlot(a.task, b.task));
};

/**
 * A task that waits for its next attempt, as it would be where the one before it in its place ended: nobody who counts for less is to take that
 * room meanwhile, and to be stopped for it at each attempt. Undefined: there was none, or it is still there.
 */
export const asBefore = (view: View, { service, task }: Candidate): Task | undefined => {
  const key = placeKey(service, task);
  const [before] = view
    .tasksOfService(service.id)
    .filter((each) => each.id !== task.id && each.nodeId !== '' && placeKey(service, each) === key)
    .sort(byAge);
  if (before === undefined || isLive(before)) return undefined;
  const { generic } = askOf(view, service, task);
  const status = { ...task.status, state: TaskState.ASSIGNED };
  return { ...task, nodeId: before.nodeId, ports: service.ports, generic, status };
};

/** Whether a task of a service with a higher priority waits for room. */
export const hasUrgent = (view: View, { spec: { priority } }: Service): boolean => {
  if (!view.services().some(({ spec, removing }) => spec.priority > priority && !removing)) return false;
  return view.tasksOfNode('').some((task) => isUnplaced(task) && (view.service(task.serviceId)?.spec.priority ?? 0) > priority);
};
