import { type Endpoint, emptyNetworkAssignment, type Network, type NetworkAssignment, type Task } from '@tso/proto';
import { ingressNetworkId, isEncrypted, isOfEachNode } from '../rules/network-kinds.ts';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { endpointOf, hostsOn, isOnNetworks, isPlaced, sameHost, sameOnNetworks } from './endpoints.ts';
import { ServiceNames } from './service-names.ts';
import { isTunnelAlike, type Peers, TunnelPeers } from './tunnel-peers.ts';

/** What is known of a network from one look to the next. */
interface Known {
  /** Node of each placed task, ended ones too. */
  readonly tasks: Map<string, string>;
  readonly endpoints: Map<string, Endpoint>;
  /** What every node on it is told; undefined: it does not exist. */
  assignment: NetworkAssignment | undefined;
  /** Where each node has a network of its own: what each is told, by node id. */
  readonly ofNode: Map<string, NetworkAssignment>;
  isEncrypted: boolean;
}

/** Tasks whose endpoints are to be looked at; 'all': the network itself too. */
type Touched = Set<string> | 'all';

/** Nodes that are to be told something. */
export type TouchedNodes = ReadonlySet<string> | 'all';

/**
 * Every network with everyone on it, kept up by what changed: only networks that were touched are put together anew, of those only what
 * was touched. What did not change stays the same object, so that comparing is by identity and all nodes are told the same one.
 */
export class NetworkShares {
  readonly #known = new Map<string, Known>();
  readonly #touched = new Map<string, Touched>();
  readonly #services = new ServiceNames();
  readonly #peers = new TunnelPeers();
  /** Nodes whose tunnels have another end than before. */
  readonly #rewired = new Set<string>();

  /** Everything is read again at the next `refresh`; what turns out the same stays the same object. */
  reset(view: View): void {
    for (const { tasks } of this.#known.values()) tasks.clear();
    this.#services.reset(view);
    for (const task of view.tasks()) if (isPlaced(task)) this.#enter(task);
    for (const id of this.#known.keys()) this.#touched.set(id, 'all');
    for (const { id } of view.networks()) this.#touched.set(id, 'all');
  }

  notice(change: Change, view: View): void {
    if (change.kind === 'task') this.#noticeTask(change.before, change.after);
    else if (change.kind === 'network') this.#noticeNetwork(change, view);
    else if (change.kind === 'service') for (const name of this.#services.notice(change)) this.#touchNamed(name, view);
    else if (change.kind === 'node') this.#noticeNode(change, view);
  }

  /** Puts together what was touched. The ids of the nodes that are on a network which is not as it was. */
  refresh(view: View): TouchedNodes {
    const nodes = new Set(this.#rewired);
    let isForAll = false;
    for (const [id, touched] of this.#touched) {
      const network = view.network(id);
      if (network !== undefined && isOfEachNode(network)) for (const node of this.#refreshEach(view, network, touched)) nodes.add(node);
      else if (this.#refreshShared(view, id, touched)) {
        if (id === ingressNetworkId) isForAll = true;
        else for (const node of this.#known.get(id)?.tasks.values() ?? []) nodes.add(node);
      }
      const known = this.#known.get(id);
      if (network === undefined && known?.tasks.size === 0) this.#known.delete(id);
    }
    this.#touched.clear();
    this.#rewired.clear();
    return isForAll ? 'all' : nodes;
  }

  /** What the node is told of the network; undefined: there is none such. */
  of(nodeId: string, networkId: string): NetworkAssignment | undefined {
    const known = this.#known.get(networkId);
    return known?.assignment ?? known?.ofNode.get(nodeId);
  }

  /** What every node is on, tasks or none. */
  get ofAll(): NetworkAssignment | undefined {
    return this.#known.get(ingressNetworkId)?.assignment;
  }

  /** The nodes that a node on these networks has tunnels to. The same object while they are the same. */
  peersOf(view: View, nodeId: string, networkIds: Iterable<string>): Peers {
    const others = new Set<string>();
    for (const id of networkIds) {
      const known = this.#known.get(id);
      if (known?.isEncrypted === true) for (const endpoint of known.endpoints.values()) others.add(endpoint.nodeId);
    }
    others.delete(nodeId);
    return this.#peers.of(view, nodeId, others);
  }

  #noticeTask(before: Task | undefined, after: Task | undefined): void {
    if (before !== undefined && after !== undefined && sameOnNetworks(before, after)) return;
    if (before !== undefined && isPlaced(before)) this.#leave(before);
    if (after !== undefined && isPlaced(after)) this.#enter(after);
  }

  /** A new one takes over the name from the one that is being removed. How far addresses are given out is nothing to anybody. */
  #noticeNetwork({ id, before, after }: Extract<Change, { kind: 'network' }>, view: View): void {
    if (before !== undefined && after !== undefined && isToldAlike(before, after)) return;
    this.#touched.set(id, 'all');
    for (const network of [before, after]) if (network !== undefined) this.#touchNamed(network.spec.name, view);
  }

  /** Where others reach it is part of each of its tasks' endpoints. */
  #noticeNode({ id, before, after }: Extract<Change, { kind: 'node' }>, view: View): void {
    const networkIds = new Set(
      view.tasksOfNode(id).flatMap((task) => (isOnNetworks(task) ? task.networks.map((one) => one.networkId) : [])),
    );
    if (!isTunnelAlike(before, after)) this.#rewire(id, networkIds);
    if (sameHost(before, after)) return;
    for (const { networkId } of [...(before?.addresses ?? []), ...(after?.addresses ?? [])]) networkIds.add(networkId);
    for (const networkId of networkIds) this.#touched.set(networkId, 'all');
  }

  /** Whoever is on an encrypted network with the node has a tunnel to it. */
  #rewire(nodeId: string, networkIds: Iterable<string>): void {
    this.#rewired.add(nodeId);
    for (const id of networkIds) {
      const known = this.#known.get(id);
      if (known?.isEncrypted === true) for (const other of known.tasks.values()) this.#rewired.add(other);
    }
  }

  #enter(task: Task): void {
    for (const { networkId } of task.networks) {
      this.#knownOf(networkId).tasks.set(task.id, task.nodeId);
      this.#touch(networkId, task);
    }
  }

  #leave(task: Task): void {
    for (const { networkId } of task.networks) {
      this.#known.get(networkId)?.tasks.delete(task.id);
      this.#touch(networkId, task);
    }
  }

  #touch(networkId: string, task: Task): void {
    const touched = this.#touched.get(networkId);
    if (touched === undefined) this.#touched.set(networkId, new Set([task.id]));
    else if (touched !== 'all') touched.add(task.id);
  }

  #touchNamed(name: string, view: View): void {
    for (const { id } of view.table('network').by('name', name)) this.#touched.set(id, 'all');
  }

  #knownOf(id: string): Known {
    const known = this.#known.get(id) ?? {
      tasks: new Map(),
      endpoints: new Map(),
      assignment: undefined,
      ofNode: new Map(),
      isEncrypted: false,
    };
    this.#known.set(id, known);
    return known;
  }

  /** Brings the touched endpoints up to date. The nodes that they were and are on. */
  #refreshEndpoints(view: View, network: Network, known: Known, touched: Touched): ReadonlySet<string> {
    const nodes = new Set<string>();
    const taskIds = touched === 'all' ? new Set([...known.tasks.keys(), ...known.endpoints.keys()]) : touched;
    for (const id of taskIds) {
      const before = known.endpoints.get(id);
      const task = known.tasks.has(id) ? view.task(id) : undefined;
      const after = task === undefined ? undefined : endpointOf(view, network, task);
      if (sameData(before, after)) continue;
      for (const endpoint of [before, after]) if (endpoint !== undefined) nodes.add(endpoint.nodeId);
      if (after === undefined) known.endpoints.delete(id);
      else known.endpoints.set(id, after);
    }
    return nodes;
  }

  /** Whether those on it are to be told something. */
  #refreshShared(view: View, id: string, touched: Touched): boolean {
    const network = view.network(id);
    const known = this.#knownOf(id);
    const before = known.assignment;
    if (network === undefined) {
      const wasThere = before !== undefined || known.ofNode.size > 0;
      known.endpoints.clear();
      known.ofNode.clear();
      known.assignment = undefined;
      known.isEncrypted = false;
      return wasThere;
    }
    known.isEncrypted = isEncrypted(network.spec);
    const isSame = this.#refreshEndpoints(view, network, known, touched).size === 0;
    if (isSame && touched !== 'all' && before !== undefined) return false;
    const endpoints = isSame && before !== undefined ? before.endpoints : sortedEndpoints(known.endpoints.values());
    const after =
      touched === 'all' || before === undefined
        ? assignmentOf(network, endpoints, this.#services.on(view, network), id === ingressNetworkId ? hostsOn(view, network) : [])
        : { ...before, endpoints };
    known.assignment = before === undefined ? after : withSameParts(before, after);
    return known.assignment !== before;
  }

  /** The nodes that are to be told something of their own network of that name. */
  #refreshEach(view: View, network: Network, touched: Touched): readonly string[] {
    const known = this.#knownOf(network.id);
    const changed = this.#refreshEndpoints(view, network, known, touched);
    const nodes =
      touched === 'all'
        ? new Set([...known.tasks.values(), ...known.ofNode.keys()])
        : new Set([...changed, ...this.#nodesOf(known, touched)]);
    if (nodes.size === 0) return [];
    const services = this.#services.on(view, network);
    const placed = new Set(known.tasks.values());
    const endpointsOf = Map.groupBy(known.endpoints.values(), ({ nodeId }) => nodeId);
    return [...nodes].filter((nodeId) => {
      const before = known.ofNode.get(nodeId);
      if (!placed.has(nodeId)) return known.ofNode.delete(nodeId);
      const endpoints = sortedEndpoints(endpointsOf.get(nodeId) ?? []);
      const after = assignmentOf(network, endpoints, services, []);
      const kept = before === undefined ? after : withSameParts(before, after);
      known.ofNode.set(nodeId, kept);
      return kept !== before;
    });
  }

  #nodesOf(known: Known, taskIds: Iterable<string>): readonly string[] {
    return [...taskIds].flatMap((id) => known.tasks.get(id) ?? []);
  }
}

const sortedEndpoints = (endpoints: Iterable<Endpoint>): readonly Endpoint[] =>
  [...endpoints].sort((a, b) => (a.taskId < b.taskId ? -1 : 1));

const assignmentOf = (
  { id, spec, vni, subnet, gateway, subnet6, gateway6 }: Network,
  endpoints: NetworkAssignment['endpoints'],
  services: NetworkAssignment['services'],
  hosts: NetworkAssignment['hosts'],
): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id,
  name: spec.name,
  driver: spec.driver === '' ? 'overlay' : spec.driver,
  vni,
  subnet,
  gateway,
  subnet6,
  gateway6,
  internal: spec.internal,
  ingress: id === ingressNetworkId,
  driverOpts: spec.driverOpts,
  endpoints,
  services,
  hosts,
});

/** The list with the objects that were in it before where they say the same; itself the one before when all do. */
const sameEntries = <T>(before: readonly T[], after: readonly T[], keyOf: (entry: T) => string): readonly T[] => {
  const known = new Map(before.map((entry) => [keyOf(entry), entry]));
  const kept = after.map((entry) => {
    const old = known.get(keyOf(entry));
    return old !== undefined && sameData(old, entry) ? old : entry;
  });
  return kept.length === before.length && kept.every((entry, at) => entry === before[at]) ? before : kept;
};

/** The newer one made of what both have in common; itself the older when that is all. */
const withSameParts = (before: NetworkAssignment, after: NetworkAssignment): NetworkAssignment => {
  const kept: NetworkAssignment = {
    ...after,
    driverOpts: sameData(before.driverOpts, after.driverOpts) ? before.driverOpts : after.driverOpts,
    endpoints: sameEntries(before.endpoints, after.endpoints, ({ taskId }) => taskId),
    services: sameEntries(before.services, after.services, ({ serviceId }) => serviceId),
    hosts: sameEntries(before.hosts, after.hosts, ({ nodeId }) => nodeId),
  };
  const keys = Object.keys(kept) as (keyof NetworkAssignment)[];
  return keys.every((key) => kept[key] === before[key]) ? before : kept;
};

/** Whether nobody on the network sees a difference. */
const isToldAlike = (a: Network, b: Network): boolean =>
  a.vni === b.vni &&
  a.subnet === b.subnet &&
  a.gateway === b.gateway &&
  a.subnet6 === b.subnet6 &&
  a.gateway6 === b.gateway6 &&
  a.removing === b.removing &&
  sameData(a.spec, b.spec);
