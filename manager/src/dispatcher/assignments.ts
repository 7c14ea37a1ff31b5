import {
  type AssignmentSet,
  type Endpoint,
  HealthState,
  isTerminal,
  isWishedRunning,
  MountType,
  type NetworkAssignment,
  type Task,
  TaskState,
  type Volume,
} from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** What one node is to know, by id (volumes by name). */
export interface NodeShare {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly networks: ReadonlyMap<string, NetworkAssignment>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names of volumes whose data is to go, and that no task here uses any more. */
  readonly removedVolumes: ReadonlySet<string>;
}

export const emptyShare: NodeShare = { tasks: new Map(), networks: new Map(), volumes: new Map(), removedVolumes: new Set() };

export type Networks = ReadonlyMap<string, NetworkAssignment>;

/** Running, well and meant to be: only then is a task answered by name. */
const isServing = (task: Task): boolean =>
  task.status.state === TaskState.RUNNING &&
  isWishedRunning(task.desiredState) &&
  (task.status.health === HealthState.HEALTH_NONE || task.status.health === HealthState.HEALTHY);

const endpointOf = (view: View, task: Task, networkId: string): Endpoint | undefined => {
  const allocation = task.networks.find((one) => one.networkId === networkId);
  if (allocation === undefined || allocation.address === '') return undefined;
  return {
    taskId: task.id,
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

const endpointsByNetwork = (view: View): ReadonlyMap<string, Endpoint[]> => {
  const byNetwork = new Map<string, Endpoint[]>();
  for (const task of view.tasks()) {
    if (task.nodeId === '' || isTerminal(task.status.state)) continue;
    for (const { networkId } of task.networks) {
      const endpoint = endpointOf(view, task, networkId);
      if (endpoint === undefined) continue;
      const list = byNetwork.get(networkId);
      if (list === undefined) byNetwork.set(networkId, [endpoint]);
      else list.push(endpoint);
    }
  }
  return byNetwork;
};

/** Every network with everyone on it. What did not change since the previous result is the same object, so that comparing is quick. */
export const networkAssignments = (view: View, previous: Networks): Networks => {
  const endpoints = endpointsByNetwork(view);
  const result = new Map<string, NetworkAssignment>();
  for (const { id, spec, vni, subnet, gateway } of view.networks()) {
    const sorted = (endpoints.get(id) ?? []).sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
    const next: NetworkAssignment = { id, name: spec.name, vni, subnet, gateway, internal: spec.internal, endpoints: sorted };
    const before = previous.get(id);
    result.set(id, before !== undefined && sameData(before, next) ? before : next);
  }
  return result;
};

/** A task that its node has to know: from its placement until it has ended and nobody wants to look at it any more. */
const isAssigned = (task: Task): boolean =>
  task.status.state >= TaskState.ASSIGNED &&
  task.status.state !== TaskState.ORPHANED &&
  !(task.desiredState === TaskState.REMOVE && isTerminal(task.status.state));

const volumeNames = (task: Task): readonly string[] =>
  task.spec.container.mounts.filter((mount) => mount.type === MountType.VOLUME && mount.source !== '').map((mount) => mount.source);

/** @param doomedVolumes names of volumes that were taken down with their data */
export const nodeShare = (view: View, nodeId: string, networks: Networks, doomedVolumes: Iterable<string>): NodeShare => {
  const tasks = new Map<string, Task>();
  const used = new Map<string, NetworkAssignment>();
  const volumes = new Map<string, Volume>();
  const inUse = new Set<string>();
  for (const task of view.tasksOfNode(nodeId)) {
    if (!isAssigned(task)) continue;
    tasks.set(task.id, task);
    for (const { networkId } of task.networks) {
      const network = networks.get(networkId);
      if (network !== undefined) used.set(networkId, network);
    }
    for (const name of volumeNames(task)) {
      const volume = view.volumeByName(name);
      if (volume !== undefined) volumes.set(name, volume);
      inUse.add(name);
    }
  }
  return { tasks, networks: used, volumes, removedVolumes: new Set([...doomedVolumes].filter((name) => !inUse.has(name))) };
};

/** Whether a node that knows `a` learns nothing from `b`: its own statuses come back with every change and are no news. */
const sameForNode = (a: Task, b: Task): boolean =>
  a === b ||
  (a.desiredState === b.desiredState &&
    a.notBeforeMs === b.notBeforeMs &&
    a.specVersion === b.specVersion &&
    sameData(a.networks, b.networks) &&
    sameData(a.ports, b.ports));

const changed = <T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>, same: (a: T, b: T) => boolean): T[] =>
  [...after].filter(([key, value]) => !before.has(key) || !same(before.get(key) as T, value)).map(([, value]) => value);

const removed = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] =>
  [...before.keys()].filter((key) => !after.has(key));

type Content = Omit<AssignmentSet, 'version' | 'baseVersion'>;

/** What leads from one share to the other; from `emptyShare` it is the whole. */
export const shareDifference = (before: NodeShare, after: NodeShare): Content => ({
  tasks: changed(before.tasks, after.tasks, sameForNode),
  removedTasks: removed(before.tasks, after.tasks),
  networks: changed(before.networks, after.networks, sameData),
  removedNetworks: removed(before.networks, after.networks),
  volumes: changed(before.volumes, after.volumes, (a, b) => sameData(a.spec, b.spec)),
  removedVolumes: [...after.removedVolumes].filter((name) => !before.removedVolumes.has(name)),
});

export const isEmptyDifference = (content: Content): boolean => Object.values(content).every((list) => list.length === 0);
