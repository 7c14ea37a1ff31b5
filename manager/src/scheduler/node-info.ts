import type { Node, PortConfig, Task } from '@tso/proto';
import { PublishMode, TaskState } from '@tso/proto';
import { hasFailed, isAssigned, isLive } from '../rules/task-facts.ts';
import { portText } from '../rules/words.ts';
import type { View } from '../store/view.ts';

/** A node with what its live tasks take of it. */
export interface NodeInfo {
  readonly node: Node;
  readonly tasks: number;
  readonly tasksOfService: ReadonlyMap<string, number>;
  readonly reservedNanoCpus: number;
  readonly reservedMemoryBytes: number;
  /** Host-mode ports in use, `8080/tcp` to the service's full name. */
  readonly hostPorts: ReadonlyMap<string, string>;
}

export const hostModePorts = (ports: readonly PortConfig[]): readonly string[] =>
  ports.filter((port) => port.mode === PublishMode.HOST).map(portText);

/** The node's share when one more task is put on it. */
export const withTask = (info: NodeInfo, task: Task): NodeInfo => ({
  node: info.node,
  tasks: info.tasks + 1,
  tasksOfService: new Map(info.tasksOfService).set(task.serviceId, (info.tasksOfService.get(task.serviceId) ?? 0) + 1),
  reservedNanoCpus: info.reservedNanoCpus + task.spec.reservations.nanoCpus,
  reservedMemoryBytes: info.reservedMemoryBytes + task.spec.reservations.memoryBytes,
  hostPorts: hostModePorts(task.ports).reduce(
    (ports, port) => ports.set(port, `${task.stack}_${task.serviceName}`),
    new Map(info.hostPorts),
  ),
});

/** What the tasks that a node was given, and that have not ended, take of it. */
export const nodeInfo = (view: View, node: Node): NodeInfo => {
  const info = { tasks: 0, cpus: 0, memory: 0, ofService: new Map<string, number>(), ports: new Map<string, string>() };
  for (const task of view.tasksOfNode(node.id)) {
    if (!isLive(task) || !isAssigned(task)) continue;
    info.tasks += 1;
    info.cpus += task.spec.reservations.nanoCpus;
    info.memory += task.spec.reservations.memoryBytes;
    info.ofService.set(task.serviceId, (info.ofService.get(task.serviceId) ?? 0) + 1);
    for (const port of hostModePorts(task.ports)) info.ports.set(port, `${task.stack}_${task.serviceName}`);
  }
  return {
    node,
    tasks: info.tasks,
    tasksOfService: info.ofService,
    reservedNanoCpus: info.cpus,
    reservedMemoryBytes: info.memory,
    hostPorts: info.ports,
  };
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
