import type { Node, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { type ClaimedByKind, nothingClaimed, withClaim } from '../rules/generic-resources.ts';
import { hasFailed, isAssigned, isLive } from '../rules/task-facts.ts';
import type { View } from '../store/view.ts';
import { hostModePorts } from './ask.ts';

/** A node with what its live tasks take of it. */
export interface NodeInfo {
  readonly node: Node;
  readonly tasks: number;
  readonly tasksOfService: ReadonlyMap<string, number>;
  readonly reservedNanoCpus: number;
  readonly reservedMemoryBytes: number;
  /** Host-mode ports in use, `8080/tcp` to the service's full name. */
  readonly hostPorts: ReadonlyMap<string, string>;
  /** Generic resources that tasks were given. */
  readonly generic: ClaimedByKind;
}

const holderName = (task: Task): string => `${task.stack}_${task.serviceName}`;

/** The node's share when one more task is put on it. */
export const withTask = (info: NodeInfo, task: Task): NodeInfo => {
  const ports = hostModePorts(task.ports);
  return {
    node: info.node,
    tasks: info.tasks + 1,
    tasksOfService: new Map(info.tasksOfService).set(task.serviceId, (info.tasksOfService.get(task.serviceId) ?? 0) + 1),
    reservedNanoCpus: info.reservedNanoCpus + task.spec.reservations.nanoCpus,
    reservedMemoryBytes: info.reservedMemoryBytes + task.spec.reservations.memoryBytes,
    hostPorts:
      ports.length === 0 ? info.hostPorts : new Map([...info.hostPorts, ...ports.map((port) => [port, holderName(task)] as const)]),
    generic: withClaim(info.generic, task.generic),
  };
};

/** Whether it takes something of the node that it was given to. */
export const takesRoom = (task: Task): boolean => isLive(task) && isAssigned(task);

/** What these tasks, as far as they take room, take of the node. */
export const infoOf = (node: Node, tasks: readonly Task[]): NodeInfo => {
  const tasksOfService = new Map<string, number>();
  const hostPorts = new Map<string, string>();
  let [count, reservedNanoCpus, reservedMemoryBytes, generic] = [0, 0, 0, nothingClaimed];
  for (const task of tasks) {
    if (!takesRoom(task)) continue;
    count += 1;
    reservedNanoCpus += task.spec.reservations.nanoCpus;
    reservedMemoryBytes += task.spec.reservations.memoryBytes;
    tasksOfService.set(task.serviceId, (tasksOfService.get(task.serviceId) ?? 0) + 1);
    for (const port of hostModePorts(task.ports)) hostPorts.set(port, holderName(task));
    generic = withClaim(generic, task.generic);
  }
  return { node, tasks: count, tasksOfService, reservedNanoCpus, reservedMemoryBytes, hostPorts, generic };
};

/** What the tasks that a node was given, and that have not ended, take of it. */
export const nodeInfo = (view: View, node: Node): NodeInfo => infoOf(node, view.tasksOfNode(node.id));

/** Whether tasks have more of the node than it has, as it got smaller or they reserve more than before. */
export const hasTooMuch = ({ node: { description }, reservedNanoCpus, reservedMemoryBytes, generic }: NodeInfo): boolean => {
  const { nanoCpus, memoryBytes } = description.resources;
  if ((memoryBytes > 0 && reservedMemoryBytes > memoryBytes) || (nanoCpus > 0 && reservedNanoCpus > nanoCpus)) return true;
  for (const [kind, { ids, nameless }] of generic) {
    const own = description.generic.find((each) => each.kind === kind);
    if (ids.size + nameless > Math.max(own?.count ?? 0, own?.ids.length ?? 0)) return true;
    if (own !== undefined && own.ids.length > 0 && [...ids].some((id) => !own.ids.includes(id))) return true;
  }
  return false;
};

/** The same from one plan to the next: counted anew only for nodes whose tasks have changed. */
export class NodeInfos {
  readonly #kept = new Map<string, { readonly revision: number; readonly info: NodeInfo }>();
  #store: unknown;

  /** @param store the one that the view shows, perhaps with changes of its own: for another one nothing is kept */
  of(store: View, view: View): readonly NodeInfo[] {
    if (this.#store !== store.table('task')) this.#kept.clear();
    this.#store = store.table('task');
    const nodes = view.nodes();
    if (this.#kept.size > 2 * nodes.length + 16) this.#kept.clear();
    return nodes.map((node) => this.#of(view, node));
  }

  /** Of one node. @param store as of `of` */
  at(store: View, node: Node): NodeInfo {
    if (this.#store !== store.table('task')) this.#kept.clear();
    this.#store = store.table('task');
    return this.#of(store, node);
  }

  #of(view: View, node: Node): NodeInfo {
    const revision = view.table('task').revision('node', node.id);
    const kept = this.#kept.get(node.id);
    if (kept?.revision === revision) return kept.info.node === node ? kept.info : { ...kept.info, node };
    const info = nodeInfo(view, node);
    if (!Number.isNaN(revision)) this.#kept.set(node.id, { revision, info });
    return info;
  }
}

/** How far back failures speak against a node, and how many of them it takes (SwarmKit's figures). */
const failureMemoryMs = 5 * 60_000;
const failuresThatCount = 5;

/**
 * Failures of the task's service and spec on each node lately, by the cluster's clock: that of a node may be hours off. Fewer than five say
 * nothing and are left out.
 */
export const recentFailures = (view: View, task: Task, now: number): ReadonlyMap<string, number> =>
  new Map([...failuresOf(view, task, now)].filter(([, { count }]) => count >= failuresThatCount).map(([id, { count }]) => [id, count]));

/**
 * What speaks against a node for a task that is to be placed: the same, and any rejection. What never began failed for the node's sake more
 * often than not (a full disk, a port, an image that cannot be had there), so others are tried first.
 */
export const placementFailures = (view: View, task: Task, now: number): ReadonlyMap<string, number> =>
  new Map(
    [...failuresOf(view, task, now)]
      .filter(([, { count, rejected }]) => rejected || count >= failuresThatCount)
      .map(([id, { count }]) => [id, count]),
  );

interface Failures {
  readonly count: number;
  readonly rejected: boolean;
}

const failuresOf = (view: View, task: Task, now: number): ReadonlyMap<string, Failures> => {
  const found = new Map<string, Failures>();
  for (const other of view.tasksOfService(task.serviceId)) {
    if (!hasFailed(other) || other.specVersion !== task.specVersion || other.meta.updatedAtMs < now - failureMemoryMs) continue;
    const { count = 0, rejected = false } = found.get(other.nodeId) ?? {};
    found.set(other.nodeId, { count: count + 1, rejected: rejected || other.status.state === TaskState.REJECTED });
  }
  return found;
};
