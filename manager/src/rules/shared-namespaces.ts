import type { Service, ServiceSpec, Task } from '@tso/proto';
import type { View } from '../store/view.ts';
import { serviceNamed } from './dependencies.ts';
import { isByNode } from './jobs.ts';
import { placeKey } from './places.ts';
import { byAge, isAssigned, isLive, isOccupant } from './task-facts.ts';
import { wantedSlots } from './wanted.ts';
import { taskName } from './words.ts';

/** What a task may have together with another one on its node. */
export type NamespaceKind = 'network' | 'pid' | 'ipc';

const kinds = ['network', 'pid', 'ipc'] as const satisfies readonly NamespaceKind[];

const nouns: Readonly<Record<NamespaceKind, string>> = { network: 'network', pid: 'processes', ipc: 'IPC' };

const modeOf = ({ task }: Pick<ServiceSpec, 'task'>, kind: NamespaceKind): string => {
  if (kind === 'network') return task.networkMode;
  return kind === 'pid' ? task.container.pidMode : task.container.ipcMode;
};

/** The id of the task that it has that together with; empty: its own. */
const lenderIdOf = (task: Task, kind: NamespaceKind): string => {
  if (kind === 'network') return task.networkOf;
  return kind === 'pid' ? task.pidOf : task.ipcOf;
};

/** Whom a network_mode, pid or ipc names, `service:db` or `container:the-db`; undefined: nobody. */
export const namedIn = (mode: string): { readonly by: 'service' | 'container'; readonly name: string } | undefined => {
  for (const by of ['service', 'container'] as const) if (mode.startsWith(`${by}:`)) return { by, name: mode.slice(by.length + 1) };
  return undefined;
};

const sharesKind = (spec: Pick<ServiceSpec, 'task'>, kind: NamespaceKind): boolean => namedIn(modeOf(spec, kind)) !== undefined;

/** Kinds, each with how it is asked for (`service:db`), that a service has together with another one. */
export const sharedKinds = (spec: Pick<ServiceSpec, 'task'>): readonly { readonly kind: NamespaceKind; readonly mode: string }[] =>
  kinds.filter((kind) => sharesKind(spec, kind)).map((kind) => ({ kind, mode: modeOf(spec, kind) }));

/** Whether its tasks have something together with those of another service, so that they stand beside them. */
export const sharesNamespace = ({ spec }: Pick<Service, 'spec'>): boolean => kinds.some((kind) => sharesKind(spec, kind));

/** Of services with that container name the one of the same stack goes first. */
const withContainerName = (view: View, stack: string, name: string): Service | undefined => {
  const found = view.services().filter((service) => !service.removing && service.spec.task.container.containerName === name);
  return found.find((service) => service.stack === stack) ?? found[0];
};

/** The service whose tasks lend theirs, or the words for it where there is none. */
const lenderOf = (view: View, { spec, stack }: Service, kind: NamespaceKind): Service | string => {
  const { by = 'container', name = '' } = namedIn(modeOf(spec, kind)) ?? {};
  if (by === 'service') return serviceNamed(view, stack, name) ?? `service ${name} of stack ${stack}`;
  return withContainerName(view, stack, name) ?? `a service with the container name ${name}`;
};

/** Whether who lends to the service borrows from it, be it by way of others. */
const leadsBack = (view: View, service: Service, lender: Service): boolean => {
  const seen = new Set<string>();
  const ahead: Service[] = [lender];
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    if (at.id === service.id) return true;
    if (seen.has(at.id)) continue;
    seen.add(at.id);
    for (const { kind } of sharedKinds(at.spec)) {
      const next = lenderOf(view, at, kind);
      if (typeof next !== 'string') ahead.push(next);
    }
  }
  return false;
};

/** The lender's tasks that hold a place; of those of one place the newest, in the order of slots (or node ids). */
const lendersTasks = (view: View, lender: Service): readonly Task[] => {
  const newest = new Map<string, Task>();
  const held = view
    .tasksOfService(lender.id)
    .filter((task) => isOccupant(task) && isLive(task))
    .sort((a, b) => Number(isAssigned(b)) - Number(isAssigned(a)) || byAge(a, b));
  for (const task of held) {
    const place = placeKey(lender, task);
    if (!newest.has(place)) newest.set(place, task);
  }
  return [...newest.values()].sort((a, b) => a.slot - b.slot || (a.nodeId < b.nodeId ? -1 : 1));
};

/**
 * The lender's task for that one, placed or not: on the node that it has to be on, if that is known already, else of the same slot, or the
 * first there is.
 */
const lendersTask = (view: View, lender: Service, task: Task, nodeId: string): Task | string => {
  const tasks = lendersTasks(view, lender);
  const name = lender.spec.name;
  const sameSlot = tasks.find(({ slot }) => slot > 0 && slot === task.slot);
  if (nodeId !== '') {
    const there = tasks.filter((each) => each.nodeId === nodeId);
    return there.find((each) => each === sameSlot) ?? there[0] ?? `a task of ${name} on the same node`;
  }
  if (isByNode(lender.spec.mode)) return tasks[(task.slot - 1) % Math.max(1, tasks.length)] ?? `a task of ${name}`;
  if (sameSlot !== undefined) return sameSlot;
  // One that the service is still to make may be the one of that slot.
  const [first] = tasks.length < wantedSlots(lender) ? [] : tasks;
  return first ?? `a task of ${name}`;
};

/** The tasks that one has something together with, by what that is; all on one node. */
export interface Lenders {
  readonly nodeId: string;
  readonly tasks: ReadonlyMap<NamespaceKind, Task>;
}

/** Whom a task is to stand beside. */
export type NamespaceSource =
  | { readonly kind: 'own' }
  | { readonly kind: 'of'; readonly lenders: Lenders }
  /** One sentence, as a pending reason. */
  | { readonly kind: 'waits'; readonly reason: string };

const waits = (reason: string): NamespaceSource => ({ kind: 'waits', reason });

/** Of one kind: the task that lends, or why there is none yet. */
const lenderFor = (view: View, service: Service, task: Task, kind: NamespaceKind, nodeId: string): Task | string => {
  const noun = nouns[kind];
  const lender = lenderOf(view, service, kind);
  if (typeof lender === 'string') return `waits for ${lender}, whose ${noun} it shares: there is none`;
  if (leadsBack(view, service, lender))
    return `shares the ${noun} of ${lender.spec.name}, which shares that of ${service.spec.name}: one needs its own`;
  const found = lendersTask(view, lender, task, nodeId);
  const later = (what: string): string => `waits for ${what} to be placed, whose ${noun} it shares`;
  if (typeof found === 'string') return later(found);
  if (!isAssigned(found)) return later(taskName(found));
  const id = lenderIdOf(found, kind);
  const source = id === '' ? found : view.task(id);
  return source === undefined || !lends(source) ? later(taskName(found)) : source;
};

/**
 * Whose network, processes and IPC a task that is to be placed gets, and on which node it therefore has to be; who shares himself passes on whose it
 * is. Of several lenders the first (by network, processes, IPC) says the node, and the others are looked for there.
 */
export const namespaceSource = (view: View, service: Service, task: Task): NamespaceSource => {
  const tasks = new Map<NamespaceKind, Task>();
  let nodeId = isByNode(service.spec.mode) ? task.nodeId : '';
  for (const { kind } of sharedKinds(service.spec)) {
    const found = lenderFor(view, service, task, kind, nodeId);
    if (typeof found === 'string') return waits(found);
    tasks.set(kind, found);
    nodeId = found.nodeId;
  }
  return tasks.size === 0 ? { kind: 'own' } : { kind: 'of', lenders: { nodeId, tasks } };
};

/** 'the network of db.1 and the processes of app.1' */
export const lendersText = ({ tasks }: Lenders): string =>
  [...tasks].map(([kind, task]) => `the ${nouns[kind]} of ${taskName(task)}`).join(' and ');

/** The task with whom it has what together. */
export const withLenders = (task: Task, lenders: Lenders | undefined): Task => ({
  ...task,
  networkOf: lenders?.tasks.get('network')?.id ?? '',
  pidOf: lenders?.tasks.get('pid')?.id ?? '',
  ipcOf: lenders?.tasks.get('ipc')?.id ?? '',
});

const lends = (task: Task): boolean => isOccupant(task) && isLive(task);

/** The first task that it shares with and that is going, as far as it is still known. */
export const leavingLender = (view: View, task: Task): Task | undefined =>
  kinds.map((kind) => view.task(lenderIdOf(task, kind))).find((lender) => lender !== undefined && !isOccupant(lender));

/** Whether one of the tasks that it shares with is going or gone: then it has to be replaced together with that one. */
export const hasLostLender = (view: View, task: Task): boolean => {
  if (!isLive(task)) return false;
  return kinds.some((kind) => {
    const id = lenderIdOf(task, kind);
    if (id === '') return false;
    const source = view.task(id);
    return source === undefined || !lends(source);
  });
};
