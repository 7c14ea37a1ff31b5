import {
  type AssignmentSet,
  type FileVersion,
  type IngressChange,
  type IngressPort,
  ingressChange,
  isNoChange,
  isTerminal,
  MountType,
  type NetworkAssignment,
  type NetworkChange,
  NodeState,
  networkChange,
  type Task,
  TaskState,
  type Volume,
} from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import type { IngressPorts } from './ingress-shares.ts';
import type { NetworkShares } from './network-shares.ts';
import type { Peers } from './tunnel-peers.ts';

/** What one node is to know, by id (volumes by name, published ports as `ingressKey` has them). */
export interface NodeShare {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly networks: ReadonlyMap<string, NetworkAssignment>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names of volumes whose data is to go, and that no task here uses any more. */
  readonly removedVolumes: ReadonlySet<string>;
  /** What the files of its tasks hold, of those that may still run. */
  readonly files: ReadonlyMap<string, FileVersion>;
  readonly ingress: IngressPorts;
  readonly peers: Peers;
  /** Its own address inside tunnels; empty: none. */
  readonly tunnelAddress: string;
}

export const emptyShare: NodeShare = {
  tasks: new Map(),
  networks: new Map(),
  volumes: new Map(),
  removedVolumes: new Set(),
  files: new Map(),
  ingress: new Map(),
  peers: new Map(),
  tunnelAddress: '',
};

/** A task that its node has to know: from its placement until it has ended and nobody wants to look at it any more. */
const isAssigned = (task: Task): boolean =>
  task.status.state >= TaskState.ASSIGNED &&
  task.status.state !== TaskState.ORPHANED &&
  !(task.desiredState === TaskState.REMOVE && isTerminal(task.status.state));

const volumeNames = (task: Task): readonly string[] =>
  task.spec.container.mounts.filter((mount) => mount.type === MountType.VOLUME && mount.source !== '').map((mount) => mount.source);

/** What a node is told of its own tasks, and what hangs on them alone. */
export interface OwnShare {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly networkIds: ReadonlySet<string>;
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly volumesInUse: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, FileVersion>;
}

/** A node that was declared down is told of nothing that still counts as running there: all of it is superseded, and to be stopped. */
export const ownShare = (view: View, nodeId: string): OwnShare => {
  const tasks = new Map<string, Task>();
  const networkIds = new Set<string>();
  const volumes = new Map<string, Volume>();
  const volumesInUse = new Set<string>();
  const files = new Map<string, FileVersion>();
  const isDown = view.node(nodeId)?.state === NodeState.NODE_DOWN;
  for (const task of view.tasksOfNode(nodeId)) {
    if (!isAssigned(task) || (isDown && !isTerminal(task.status.state))) continue;
    tasks.set(task.id, task);
    for (const { networkId } of task.networks) networkIds.add(networkId);
    for (const name of volumeNames(task)) {
      const volume = view.volumeByName(name);
      if (volume !== undefined) volumes.set(name, volume);
      volumesInUse.add(name);
    }
    // One that has ended is there to be looked at: a secret does not stay on the node for that.
    if (isTerminal(task.status.state)) continue;
    for (const { versionId } of task.files) {
      const version = view.fileVersion(versionId);
      if (version !== undefined) files.set(versionId, version);
    }
  }
  return { tasks, networkIds, volumes, volumesInUse, files };
};

/** What a node is told beside what is its own. */
export interface Surroundings {
  readonly networks: NetworkShares;
  readonly ingress: IngressPorts;
  /** Names of volumes that were taken down with their data. */
  readonly doomedVolumes: Iterable<string>;
}

export const nodeShare = (view: View, nodeId: string, own: OwnShare, { networks, ingress, doomedVolumes }: Surroundings): NodeShare => {
  const used = new Map<string, NetworkAssignment>();
  for (const id of own.networkIds) {
    const network = networks.of(nodeId, id);
    if (network !== undefined) used.set(id, network);
  }
  // Only while there is a port to answer on: afterwards nothing of it is left on nodes.
  if (networks.ofAll !== undefined && ingress.size > 0) used.set(networks.ofAll.id, networks.ofAll);
  return {
    tasks: own.tasks,
    networks: used,
    volumes: own.volumes,
    removedVolumes: new Set([...doomedVolumes].filter((name) => !own.volumesInUse.has(name))),
    files: own.files,
    ingress,
    peers: networks.peersOf(view, nodeId, own.networkIds),
    tunnelAddress: view.node(nodeId)?.tunnelAddress ?? '',
  };
};

/** Whether a node that knows `a` learns nothing from `b`: its own statuses come back with every change and are no news. */
const sameForNode = (a: Task, b: Task): boolean =>
  a === b ||
  (a.desiredState === b.desiredState &&
    a.notBeforeMs === b.notBeforeMs &&
    a.specVersion === b.specVersion &&
    a.drainMs === b.drainMs &&
    (a.paused === true) === (b.paused === true) &&
    a.networkOf === b.networkOf &&
    a.pidOf === b.pidOf &&
    a.ipcOf === b.ipcOf &&
    sameData(a.networks, b.networks) &&
    sameData(a.ports, b.ports));

/** Whether neither this nor another node's share is another for the change of the task itself. */
export const sameShareOfTask = (a: Task, b: Task): boolean =>
  isAssigned(a) === isAssigned(b) &&
  sameForNode(a, b) &&
  (a.files.length === 0 || isTerminal(a.status.state) === isTerminal(b.status.state));

type Same<T> = (a: T, b: T) => boolean;

const changed = <T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>, same: Same<T>): readonly T[] => {
  if (before === after) return [];
  return [...after].flatMap(([key, value]) => {
    const known = before.get(key);
    return known !== undefined && (known === value || same(known, value)) ? [] : [value];
  });
};

const removed = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): readonly string[] =>
  before === after ? [] : [...before.keys()].filter((key) => !after.has(key));

/** What leads from one object to a later one, found out once for all nodes that are told it. */
const remembered = <T extends object, R>(work: (before: T, after: T) => R): ((before: T, after: T) => R) => {
  const known = new WeakMap<T, { readonly before: T; readonly result: R }>();
  return (before, after) => {
    const last = known.get(after);
    if (last?.before === before) return last.result;
    const result = work(before, after);
    known.set(after, { before, result });
    return result;
  };
};

const changeOf = remembered((before: NetworkAssignment, after: NetworkAssignment) => networkChange(before, after, sameData));

/** Ports that are new or of another make are told whole, of the others the backends that came and went. */
const ingressDifference = remembered(
  (before: IngressPorts, after: IngressPorts): Pick<AssignmentSet, 'ingress' | 'ingressChanges' | 'removedIngress'> => {
    const ingress: IngressPort[] = [];
    const ingressChanges: IngressChange[] = [];
    for (const [key, port] of after) {
      const known = before.get(key);
      if (known === port) continue;
      const change = known === undefined ? undefined : ingressChange(known, port, sameData);
      if (change === undefined) ingress.push(port);
      else if (change.backends.length > 0 || change.removedBackends.length > 0) ingressChanges.push(change);
    }
    return { ingress, ingressChanges, removedIngress: removed(before, after) };
  },
);

/** Networks that are new or of another make are told whole, of the others who came, changed and went. What is the same object is not looked at. */
const networkDifference = (
  before: NodeShare['networks'],
  after: NodeShare['networks'],
): Pick<AssignmentSet, 'networks' | 'networkChanges' | 'removedNetworks'> => {
  const networks: NetworkAssignment[] = [];
  const networkChanges: NetworkChange[] = [];
  for (const [id, network] of after) {
    const known = before.get(id);
    if (known === network) continue;
    const change = known === undefined ? undefined : changeOf(known, network);
    if (change === undefined) networks.push(network);
    else if (!isNoChange(change)) networkChanges.push(change);
  }
  return { networks, networkChanges, removedNetworks: removed(before, after) };
};

type Content = Omit<AssignmentSet, 'version' | 'baseVersion'>;

/** What leads from one share to the other; from `emptyShare` it is the whole. */
export const shareDifference = (before: NodeShare, after: NodeShare): Content => ({
  tasks: changed(before.tasks, after.tasks, sameForNode),
  removedTasks: removed(before.tasks, after.tasks),
  ...networkDifference(before.networks, after.networks),
  volumes: changed(before.volumes, after.volumes, (a, b) => sameData(a.spec, b.spec)),
  removedVolumes: [...after.removedVolumes].filter((name) => !before.removedVolumes.has(name)),
  // A version never changes.
  files: changed(before.files, after.files, () => true),
  removedFiles: removed(before.files, after.files),
  ...ingressDifference(before.ingress, after.ingress),
  peers: changed(before.peers, after.peers, sameData),
  removedPeers: removed(before.peers, after.peers),
  tunnelAddress: after.tunnelAddress,
});

/** Whether the difference from that share is none. The tunnel address is said every time. */
export const isEmptyDifference = ({ tunnelAddress, ...lists }: Content, before: Pick<NodeShare, 'tunnelAddress'> = emptyShare): boolean =>
  tunnelAddress === before.tunnelAddress && Object.values(lists).every((list) => list.length === 0);
