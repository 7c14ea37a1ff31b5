import {
  type Endpoint,
  emptyEndpoint,
  emptyNetworkAssignment,
  HealthState,
  isTerminal,
  isWishedRunning,
  type NetworkAssignment,
  type Task,
  TaskState,
} from '@tso/proto';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

export type Networks = ReadonlyMap<string, NetworkAssignment>;

/** Running, well and meant to be: only then is a task answered by name. */
const isServing = (task: Task): boolean =>
  task.status.state === TaskState.RUNNING &&
  isWishedRunning(task.desiredState) &&
  (task.status.health === HealthState.HEALTH_NONE || task.status.health === HealthState.HEALTHY);

/** Whether its node may have to know its networks, if only because it is not forgotten yet. */
const isPlaced = (task: Task): boolean => task.nodeId !== '';

/** Whether it answers on its networks, or is about to. */
const isOnNetworks = (task: Task): boolean => isPlaced(task) && !isTerminal(task.status.state);

const endpointOf = (view: View, task: Task, networkId: string): Endpoint | undefined => {
  const allocation = task.networks.find((one) => one.networkId === networkId);
  if (allocation === undefined || allocation.address === '') return undefined;
  return {
    ...emptyEndpoint,
    taskId: task.id,
    serviceId: task.serviceId,
    serviceName: task.serviceName,
    stack: task.stack,
    slot: task.slot,
    address: allocation.address,
    mac: allocation.mac,
    nodeId: task.nodeId,
    vtep: view.node(task.nodeId)?.address ?? '',
    names: allocation.aliases,
    serving: isServing(task),
  };
};

/** Whether a change of the task is none for those on its networks. */
const sameOnNetworks = (a: Task, b: Task): boolean =>
  a.nodeId === b.nodeId && isOnNetworks(a) === isOnNetworks(b) && isServing(a) === isServing(b) && sameData(a.networks, b.networks);

/**
 * Every network with everyone on it, kept up by what changed: only networks that were touched are put together anew. What did not
 * change stays the same object, so that comparing is quick.
 */
export class NetworkShares {
  readonly #assignments = new Map<string, NetworkAssignment>();
  /** Placed tasks of each network, ended ones too. */
  readonly #tasks = new Map<string, Set<string>>();
  readonly #touched = new Set<string>();

  get networks(): Networks {
    return this.#assignments;
  }

  /** Everything is read again at the next `refresh`; what turns out the same stays the same object. */
  reset(view: View): void {
    this.#tasks.clear();
    for (const task of view.tasks()) if (isPlaced(task)) this.#enter(task);
    for (const id of this.#assignments.keys()) this.#touched.add(id);
    for (const { id } of view.networks()) this.#touched.add(id);
  }

  notice(change: Change, view: View): void {
    if (change.kind === 'network') this.#touched.add(change.id);
    else if (change.kind === 'node') this.#noticeNode(change, view);
    else if (change.kind === 'task') this.#noticeTask(change.before, change.after);
  }

  /** Puts together what was touched. The ids of the nodes that are on a network which is not as it was. */
  refresh(view: View): ReadonlySet<string> {
    const nodes = new Set<string>();
    for (const id of this.#touched) {
      const before = this.#assignments.get(id);
      const after = this.#assignmentOf(view, id);
      if (after === undefined) this.#assignments.delete(id);
      else if (before === undefined || !sameData(before, after)) this.#assignments.set(id, after);
      else continue;
      for (const taskId of this.#tasks.get(id) ?? []) {
        const nodeId = view.task(taskId)?.nodeId;
        if (nodeId !== undefined) nodes.add(nodeId);
      }
    }
    this.#touched.clear();
    return nodes;
  }

  /** Where others reach it is part of each of its tasks' endpoints. */
  #noticeNode(change: Extract<Change, { kind: 'node' }>, view: View): void {
    if (change.before?.address === change.after?.address) return;
    for (const task of view.tasksOfNode(change.id)) if (isOnNetworks(task)) this.#touch(task);
  }

  #noticeTask(before: Task | undefined, after: Task | undefined): void {
    if (before !== undefined && after !== undefined && sameOnNetworks(before, after)) return;
    if (before !== undefined && isPlaced(before)) this.#leave(before);
    if (after !== undefined && isPlaced(after)) this.#enter(after);
  }

  #enter(task: Task): void {
    for (const { networkId } of task.networks) {
      const tasks = this.#tasks.get(networkId);
      if (tasks === undefined) this.#tasks.set(networkId, new Set([task.id]));
      else tasks.add(task.id);
    }
    this.#touch(task);
  }

  #leave(task: Task): void {
    for (const { networkId } of task.networks) {
      const tasks = this.#tasks.get(networkId);
      if (tasks?.delete(task.id) === true && tasks.size === 0) this.#tasks.delete(networkId);
    }
    this.#touch(task);
  }

  #touch(task: Task): void {
    for (const { networkId } of task.networks) this.#touched.add(networkId);
  }

  #assignmentOf(view: View, networkId: string): NetworkAssignment | undefined {
    const network = view.network(networkId);
    if (network === undefined) return undefined;
    const { id, spec, vni, subnet, gateway } = network;
    const endpoints = [...(this.#tasks.get(id) ?? [])]
      .flatMap((taskId) => {
        const task = view.task(taskId);
        return task === undefined || !isOnNetworks(task) ? [] : (endpointOf(view, task, id) ?? []);
      })
      .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
    return { ...emptyNetworkAssignment, id, name: spec.name, vni, subnet, gateway, internal: spec.internal, endpoints };
  }
}
