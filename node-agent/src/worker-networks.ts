import { isDeepStrictEqual } from 'node:util';
import {
  type AssignmentSet,
  type Clock,
  type IngressPort,
  ingressAfter,
  ingressKey,
  type Logger,
  type NetworkAssignment,
  networksOfSet,
  onlyMembersDiffer,
  peersAfter,
  sentenceOf,
  type Task,
  type TunnelPeer,
} from '@tso/proto';
import { Latest } from './latest.ts';
import { limits } from './limits.ts';
import type { LocalState } from './local-state.ts';
import type { Networks, Tunnels } from './network/types.ts';

export interface WorkerNetworksPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localState: Pick<LocalState, 'networks' | 'putNetworks'>;
  readonly networks: Pick<Networks, 'setNetworks' | 'setMembers' | 'setIngress' | 'setTunnels'>;
  /** Whether a task of this host serves no more, or not yet; false for one that is not here. */
  readonly isOut: (taskId: string) => boolean;
}

const sortedBy = <T>(values: Iterable<T>, keyOf: (value: T) => string): readonly T[] =>
  [...values].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/**
 * What the manager told of networks: kept for the next agent, and carried on to those who make it true, without the tasks of this host that do not
 * serve. These are known here before the manager can have heard of it.
 */
export class WorkerNetworks {
  readonly #ports: WorkerNetworksPorts;
  readonly #networks = new Map<string, NetworkAssignment>();
  #ingress: ReadonlyMap<string, IngressPort> = new Map();
  #peers: ReadonlyMap<string, TunnelPeer> = new Map();
  #tunnelAddress = '';
  /** As last carried on. */
  #toldIngress: readonly IngressPort[] | undefined;
  #toldTunnels: Tunnels | undefined;
  readonly #toldMembers = new Map<string, NetworkAssignment>();
  readonly #recording: Latest;
  #cancelRecord: () => void = () => undefined;
  /** What is known is to be written before long. */
  #isOwed = false;
  #stopped = false;

  constructor(ports: WorkerNetworksPorts) {
    this.#ports = ports;
    this.#recording = new Latest(() =>
      ports.localState.putNetworks({
        networks: [...this.#networks.values()],
        ingress: [...this.#ingress.values()],
        peers: [...this.#peers.values()],
        tunnelAddress: this.#tunnelAddress,
      }),
    );
  }

  /** What a predecessor was told. Nothing is carried on yet. */
  async load(): Promise<void> {
    const { networks, ingress, peers, tunnelAddress } = await this.#ports.localState.networks();
    for (const network of networks) this.#networks.set(network.id, network);
    this.#ingress = new Map(ingress.map((port) => [ingressKey(port), port]));
    this.#peers = new Map(peers.map((peer) => [peer.nodeId, peer]));
    this.#tunnelAddress = tunnelAddress;
  }

  /** What waits to be written is written. */
  async stop(): Promise<void> {
    const owed = this.#isOwed;
    this.#stopped = true;
    this.#cancelRecord();
    if (owed) await this.#record();
  }

  /** Makes all of it true. Tunnels first: what is encrypted needs them. */
  async applyAll(): Promise<void> {
    await this.#setTunnels();
    await this.#setNetworks();
    await this.#setIngress();
  }

  /**
   * Takes up a set and makes it true; resolves once it is durable here as well, or could not be made so. Who serves is written a moment
   * later, together with what came meanwhile: writing all of it takes longer than making it true, and a manager tells it again.
   */
  async apply(set: AssignmentSet): Promise<void> {
    const whole = set.baseVersion === 0;
    const told = networksOfSet(this.#networks, set);
    const onlyMembers = this.#takeNetworks(set, told, whole);
    const before = this.#tunnels();
    this.#ingress = ingressAfter(this.#ingress, set);
    this.#peers = peersAfter(this.#peers, set);
    this.#tunnelAddress = set.tunnelAddress;
    const tunnelsChanged = !isDeepStrictEqual(this.#tunnels(), before);
    const lists = [told, set.removedNetworks, set.ingress, set.ingressChanges, set.removedIngress];
    if (!whole && !tunnelsChanged && lists.every(({ length }) => length === 0)) return;
    const writesAtOnce = whole || tunnelsChanged || !onlyMembers;
    const recorded = writesAtOnce ? this.#record() : this.#recordSoon();
    if (whole || tunnelsChanged) await this.#setTunnels();
    if (onlyMembers) await this.#setMembersOf(told);
    else {
      await this.#setNetworks();
      await this.#setIngress();
    }
    await recorded;
  }

  /** Ports lead over the network that carries them, and need not wait for the maps in the namespaces of tasks on others. */
  async #setMembersOf(told: readonly NetworkAssignment[]): Promise<void> {
    const others = told.filter(({ ingress }) => !ingress).map((network) => this.#setMembers(network));
    await Promise.all(told.filter(({ ingress }) => ingress).map((network) => this.#setMembers(network)));
    await Promise.all([...others, this.#setIngress()]);
  }

  /** A task of this host serves, or does so no more: resolves once nothing here leads to one that does not, or that could not be seen to. */
  async follow(task: Task): Promise<void> {
    const networks = task.networks.map(({ networkId }) => this.#networks.get(networkId)).filter((network) => network !== undefined);
    await Promise.all([...networks.map((network) => this.#setMembers(network)), this.#setIngress()]);
  }

  /** Whether nothing but who is on them changed. */
  #takeNetworks(set: AssignmentSet, told: readonly NetworkAssignment[], whole: boolean): boolean {
    const wished = new Set(told.map((network) => network.id));
    const gone = whole ? [...this.#networks.keys()].filter((id) => !wished.has(id)) : set.removedNetworks;
    for (const id of gone) {
      this.#networks.delete(id);
      this.#toldMembers.delete(id);
    }
    const onlyMembers =
      gone.length === 0 &&
      told.every((network) => {
        const known = this.#networks.get(network.id);
        return known !== undefined && onlyMembersDiffer(known, network);
      });
    for (const network of told) this.#networks.set(network.id, network);
    return onlyMembers;
  }

  #tunnels(): Tunnels {
    return { address: this.#tunnelAddress, peers: sortedBy(this.#peers.values(), ({ nodeId }) => nodeId) };
  }

  /** Without those of this host that do not serve. */
  #served(network: NetworkAssignment): NetworkAssignment {
    if (!network.endpoints.some(({ serving, taskId }) => serving && this.#ports.isOut(taskId))) return network;
    const endpoints = network.endpoints.map((endpoint) =>
      endpoint.serving && this.#ports.isOut(endpoint.taskId) ? { ...endpoint, serving: false } : endpoint,
    );
    return { ...network, endpoints };
  }

  #setNetworks(): Promise<void> {
    const networks = [...this.#networks.values()].map((network) => this.#served(network));
    for (const network of networks) this.#toldMembers.set(network.id, network);
    return this.#try('networks could not be set up', () => this.#ports.networks.setNetworks(networks));
  }

  async #setMembers(network: NetworkAssignment): Promise<void> {
    const served = this.#served(network);
    if (this.#toldMembers.get(network.id) === served) return;
    this.#toldMembers.set(network.id, served);
    await this.#try('who is on a network could not be made known', () => this.#ports.networks.setMembers(served));
  }

  async #setIngress(): Promise<void> {
    const ports = sortedBy(this.#ingress.values(), ingressKey).map((port) => {
      if (!port.backends.some(({ taskId }) => this.#ports.isOut(taskId))) return port;
      return { ...port, backends: port.backends.filter(({ taskId }) => !this.#ports.isOut(taskId)) };
    });
    if (this.#toldIngress?.length === ports.length && ports.every((port, index) => port === this.#toldIngress?.[index])) return;
    this.#toldIngress = ports;
    await this.#try('the ports that every node answers on could not be set', () => this.#ports.networks.setIngress(ports));
  }

  async #setTunnels(): Promise<void> {
    const tunnels = this.#tunnels();
    const isNothing = this.#toldTunnels === undefined && tunnels.address === '' && tunnels.peers.length === 0;
    if (isNothing || isDeepStrictEqual(this.#toldTunnels, tunnels)) return;
    this.#toldTunnels = tunnels;
    await this.#try('tunnels to other nodes could not be set up', () => this.#ports.networks.setTunnels(tunnels));
  }

  /** The tasks on a network that is not there will say so themselves when they attach; nothing else must wait for it. */
  async #try(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, message);
    }
  }

  /** Resolves once all is durable, or could not be made so: that is tried again by and by. */
  async #record(): Promise<void> {
    this.#cancelRecord();
    this.#isOwed = false;
    try {
      await this.#recording.request();
    } catch (error) {
      this.#ports.logger.error({ error: sentenceOf(error) }, 'the list of networks could not be written; tries again');
      this.#recordIn(limits.driverRetryMs);
    }
  }

  #recordSoon(): void {
    if (!this.#isOwed) this.#recordIn(limits.recordMembersMs);
  }

  #recordIn(ms: number): void {
    if (this.#stopped) return;
    this.#isOwed = true;
    this.#cancelRecord = this.#ports.clock.setTimer(ms, () => void this.#record());
  }
}
