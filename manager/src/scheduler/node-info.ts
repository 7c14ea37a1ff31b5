import type { Node, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { type ClaimedByKind, nothingClaimed, withClaim } from '../rules/generic-resources.ts';
import { hasFailed, isAssigned, isLive } from '../rules/task-facts.ts';
import { Draft } from '../store/transaction.ts';
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

/** Nodes, and where in the list each is. */
export interface InfoList {
  readonly infos: readonly NodeInfo[];
  readonly places: ReadonlyMap<string, number>;
}

export const infoList = (infos: readonly NodeInfo[]): InfoList => ({ infos, places: new Map(infos.map(({ node }, at) => [node.id, at])) });

/** The same from one plan to the next: counted anew only for nodes whose tasks have changed. */
export class NodeInfos {
  #tables: unknown;
  #tasks = -1;
  #nodes = -1;
  #infos: readonly NodeInfo[] = [];
  #places: ReadonlyMap<string, number> = new Map();
  /** Of a draft that plans begin on, as it was at that revision. */
  #begun: { readonly draft: Draft; readonly revision: number; readonly list: InfoList } | undefined;

  /** @param begun what the view shows, perhaps with changes of its own: the store, or a draft of it */
  of(begun: View, view: View): InfoList {
    const list = this.#listOf(begun);
    return view === begun ? list : changedList(list, begun, view);
  }

  /** Of one node of what plans begin on. */
  at(begun: View, node: Node): NodeInfo {
    const { infos, places } = this.#listOf(begun);
    const info = infos[places.get(node.id) ?? -1];
    return info?.node === node ? info : nodeInfo(begun, node);
  }

  #listOf(begun: View): InfoList {
    const isDraft = begun instanceof Draft;
    this.#follow(isDraft ? begun.store : begun);
    const list = { infos: this.#infos, places: this.#places };
    if (!isDraft) return list;
    // Nobody changes the store below a draft that plans are made on.
    if (this.#begun?.draft !== begun || this.#begun.revision !== begun.revision)
      this.#begun = { draft: begun, revision: begun.revision, list: changedList(list, begun.store, begun) };
    return this.#begun.list;
  }

  #follow(store: View): void {
    const [tasks, nodes] = [store.table('task'), store.table('node')];
    const changes = this.#tables === tasks ? tasks.changesSince(this.#tasks) : undefined;
    const sameNodes = changes !== undefined && this.#nodes === nodes.revision();
    this.#tables = tasks;
    this.#tasks = tasks.revision();
    this.#nodes = nodes.revision();
    if (sameNodes && changes.length === 0) return;
    const known = changes === undefined ? [] : this.#infos;
    const infos = sameNodes ? [...known] : store.nodes().map((node) => this.#still(known, node) ?? nodeInfo(store, node));
    if (!sameNodes) this.#places = new Map(infos.map(({ node }, at) => [node.id, at]));
    for (const id of nodesOf((changes ?? []).map((change) => [change.before, tasks.get(change.id)]))) {
      const at = this.#places.get(id);
      const info = at === undefined ? undefined : infos[at];
      if (at !== undefined && info !== undefined) infos[at] = nodeInfo(store, info.node);
    }
    this.#infos = infos;
  }

  /** What is known of the node, for the node as it is now. */
  #still(known: readonly NodeInfo[], node: Node): NodeInfo | undefined {
    const info = known[this.#places.get(node.id) ?? -1];
    return info === undefined || info.node === node ? info : { ...info, node };
  }
}

/** The list of what a draft lies over, counted anew for nodes whose tasks it changes; for all where it changes nodes, or lies over something else. */
const changedList = (list: InfoList, below: View, view: View): InfoList => {
  const store = below instanceof Draft ? below.store : below;
  const isOver = view instanceof Draft && view.store === store;
  if (!isOver || [...view.turns('node').keys()].some((id) => view.node(id) !== below.node(id)))
    return infoList(view.nodes().map((node) => nodeInfo(view, node)));
  const turns = [...view.turns('task').keys()].map((id) => [below.task(id), view.task(id)] as const);
  if (turns.length === 0) return list;
  const infos = [...list.infos];
  for (const id of nodesOf(turns)) {
    const at = list.places.get(id);
    const info = at === undefined ? undefined : infos[at];
    if (at !== undefined && info !== undefined) infos[at] = nodeInfo(view, info.node);
  }
  return { infos, places: list.places };
};

/** The nodes that tasks take otherwise of than before. That a task gets further, or its status says more, is nothing to its node. */
const nodesOf = (turns: Iterable<readonly [Task | undefined, Task | undefined]>): ReadonlySet<string> => {
  const ids = new Set<string>();
  for (const [before, after] of turns) {
    const had = before !== undefined && takesRoom(before) ? before : undefined;
    const has = after !== undefined && takesRoom(after) ? after : undefined;
    if (had !== undefined && has !== undefined && isTakenAlike(had, has)) continue;
    if (had !== undefined) ids.add(had.nodeId);
    if (has !== undefined) ids.add(has.nodeId);
  }
  return ids;
};

const isTakenAlike = (a: Task, b: Task): boolean =>
  a.nodeId === b.nodeId && a.spec === b.spec && a.ports === b.ports && a.generic === b.generic;

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
