import {
  type AssignmentSet,
  emptyAssignmentSet,
  isTerminal,
  MountType,
  type NetworkAssignment,
  NodeState,
  type Task,
  TaskState,
  type Volume,
} from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import type { Networks } from './network-shares.ts';

/** What one node is to know, by id (volumes by name). */
export interface NodeShare {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly networks: ReadonlyMap<string, NetworkAssignment>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names of volumes whose data is to go, and that no task here uses any more. */
  readonly removedVolumes: ReadonlySet<string>;
}

export const emptyShare: NodeShare = { tasks: new Map(), networks: new Map(), volumes: new Map(), removedVolumes: new Set() };

/** A task that its node has to know: from its placement until it has ended and nobody wants to look at it any more. */
const isAssigned = (task: Task): boolean =>
  task.status.state >= TaskState.ASSIGNED &&
  task.status.state !== TaskState.ORPHANED &&
  !(task.desiredState === TaskState.REMOVE && isTerminal(task.status.state));

const volumeNames = (task: Task): readonly string[] =>
  task.spec.container.mounts.filter((mount) => mount.type === MountType.VOLUME && mount.source !== '').map((mount) => mount.source);

/**
 * A node that was declared down is told of nothing that still counts as running there: all of it is superseded, and to be stopped.
 * @param doomedVolumes names of volumes that were taken down with their data
 */
export const nodeShare = (view: View, nodeId: string, networks: Networks, doomedVolumes: Iterable<string>): NodeShare => {
  const tasks = new Map<string, Task>();
  const used = new Map<string, NetworkAssignment>();
  const volumes = new Map<string, Volume>();
  const inUse = new Set<string>();
  const isDown = view.node(nodeId)?.state === NodeState.NODE_DOWN;
  for (const task of view.tasksOfNode(nodeId)) {
    if (!isAssigned(task) || (isDown && !isTerminal(task.status.state))) continue;
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

/** Whether neither this nor another node's share is another for the change of the task itself. */
export const sameShareOfTask = (a: Task, b: Task): boolean => isAssigned(a) === isAssigned(b) && sameForNode(a, b);

const changed = <T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>, same: (a: T, b: T) => boolean): T[] =>
  [...after].filter(([key, value]) => !before.has(key) || !same(before.get(key) as T, value)).map(([, value]) => value);

const removed = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] =>
  [...before.keys()].filter((key) => !after.has(key));

type Content = Omit<AssignmentSet, 'version' | 'baseVersion'>;
const { version: _version, baseVersion: _base, ...emptyContent } = emptyAssignmentSet;

/** What leads from one share to the other; from `emptyShare` it is the whole. */
export const shareDifference = (before: NodeShare, after: NodeShare): Content => ({
  ...emptyContent,
  tasks: changed(before.tasks, after.tasks, sameForNode),
  removedTasks: removed(before.tasks, after.tasks),
  networks: changed(before.networks, after.networks, sameData),
  removedNetworks: removed(before.networks, after.networks),
  volumes: changed(before.volumes, after.volumes, (a, b) => sameData(a.spec, b.spec)),
  removedVolumes: [...after.removedVolumes].filter((name) => !before.removedVolumes.has(name)),
});

export const isEmptyDifference = (content: Content): boolean => Object.values(content).every((list) => list.length === 0);
