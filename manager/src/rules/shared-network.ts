import type { Service, Task } from '@tso/proto';
import { ServiceMode } from '@tso/proto';
import type { View } from '../store/view.ts';
import { serviceNamed } from './convergence.ts';
import { byAge, isAssigned, isLive, isOccupant } from './task-facts.ts';
import { taskName } from './words.ts';

const prefixes = { service: 'service:', container: 'container:' } as const;

/** Whether its tasks have no network of their own but that of another service's task. */
export const sharesNetwork = ({ spec }: Service): boolean =>
  Object.values(prefixes).some((prefix) => spec.task.networkMode.startsWith(prefix));

/** Of services with that container name the one of the same stack goes first. */
const withContainerName = (view: View, stack: string, name: string): Service | undefined => {
  const found = view.services().filter((service) => !service.removing && service.spec.task.container.containerName === name);
  return found.find((service) => service.stack === stack) ?? found[0];
};

/** The service whose tasks lend theirs, or the words for it where there is none. */
const lenderOf = (view: View, service: Service): Service | string => {
  const { networkMode } = service.spec.task;
  if (networkMode.startsWith(prefixes.service)) {
    const name = networkMode.slice(prefixes.service.length);
    return serviceNamed(view, service.stack, name) ?? `service ${name} of stack ${service.stack}`;
  }
  const name = networkMode.slice(prefixes.container.length);
  return withContainerName(view, service.stack, name) ?? `a service with the container name ${name}`;
};

/** Whether who lends to the service borrows from it, be it by way of others. */
const leadsBack = (view: View, service: Service, lender: Service): boolean => {
  const seen = new Set<string>();
  let at: Service | string = lender;
  while (typeof at !== 'string' && at.id !== service.id) {
    if (!sharesNetwork(at) || seen.has(at.id)) return false;
    seen.add(at.id);
    at = lenderOf(view, at);
  }
  return typeof at !== 'string';
};

/** The lender's tasks that hold a place; of those of one place the newest, in the order of slots (or node ids). */
const lendersTasks = (view: View, lender: Service): readonly Task[] => {
  const newest = new Map<string, Task>();
  const held = view
    .tasksOfService(lender.id)
    .filter((task) => isOccupant(task) && isLive(task))
    .sort((a, b) => Number(isAssigned(b)) - Number(isAssigned(a)) || byAge(a, b));
  for (const task of held) {
    const place = lender.spec.mode === ServiceMode.GLOBAL ? task.nodeId : String(task.slot);
    if (!newest.has(place)) newest.set(place, task);
  }
  return [...newest.values()].sort((a, b) => a.slot - b.slot || (a.nodeId < b.nodeId ? -1 : 1));
};

/** The lender's task for that one, placed or not: on the node of a global service's task, else of the same slot, or the first there is. */
const lendersTask = (view: View, service: Service, lender: Service, task: Task): Task | string => {
  const tasks = lendersTasks(view, lender);
  const name = lender.spec.name;
  if (service.spec.mode === ServiceMode.GLOBAL)
    return tasks.find(({ nodeId }) => nodeId === task.nodeId) ?? `a task of ${name} on the same node`;
  if (lender.spec.mode === ServiceMode.GLOBAL) return tasks[(task.slot - 1) % Math.max(1, tasks.length)] ?? `a task of ${name}`;
  const own = tasks.find(({ slot }) => slot === task.slot);
  if (own !== undefined) return own;
  // One that the service is still to make may be the one of that slot.
  const [first] = tasks.length < lender.spec.replicas ? [] : tasks;
  return first ?? `a task of ${name}`;
};

/** Whose network a task is to have. */
export type NetworkSource =
  | { readonly kind: 'own' }
  | { readonly kind: 'of'; readonly task: Task }
  /** One sentence, as a pending reason. */
  | { readonly kind: 'waits'; readonly reason: string };

const waitsFor = (what: string): NetworkSource => ({ kind: 'waits', reason: `waits for ${what} to be placed, whose network it shares` });

/** Whose network a task that is to be placed gets, and beside whom it has to be; who shares one himself passes on whose it is. */
export const networkSource = (view: View, service: Service, task: Task): NetworkSource => {
  if (!sharesNetwork(service)) return { kind: 'own' };
  const lender = lenderOf(view, service);
  if (typeof lender === 'string') return { kind: 'waits', reason: `waits for ${lender}, whose network it shares: there is none` };
  if (leadsBack(view, service, lender))
    return {
      kind: 'waits',
      reason: `shares the network of ${lender.spec.name}, which shares that of ${service.spec.name}: one needs its own`,
    };
  const found = lendersTask(view, service, lender, task);
  if (typeof found === 'string') return waitsFor(found);
  if (!isAssigned(found)) return waitsFor(taskName(found));
  const source = found.networkOf === '' ? found : view.task(found.networkOf);
  return source === undefined || !lends(source) ? waitsFor(taskName(found)) : { kind: 'of', task: source };
};

const lends = (task: Task): boolean => isOccupant(task) && isLive(task);

/** Whether the task whose network it shares is going or gone: then it has to be replaced together with that one. */
export const hasLostNetwork = (view: View, task: Task): boolean => {
  if (task.networkOf === '' || !isLive(task)) return false;
  const source = view.task(task.networkOf);
  return source === undefined || !lends(source);
};
