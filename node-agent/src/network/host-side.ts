import { type Logger, type NetworkAssignment, sentenceOf, TsoError } from '@tso/proto';
import { type HostChanges, hostChanges } from './diff.ts';
import { allowLoopbackSource, enableForwarding } from './forwarding.ts';
import { bridgeBatch, ipBatch, observeHost } from './ip.ts';
import type { HostNames } from './names.ts';
import { type Observed, underlayMtu } from './observed.ts';
import { clashWith, type HostWish, hostWish, type WishedNetwork, wishedNetwork } from './plan.ts';
import type { NetworkSettings } from './types.ts';

export interface HostSidePorts {
  readonly logger: Logger;
  /** VNIs that a task of this host is on. */
  readonly usedVnis: () => ReadonlySet<number>;
}

/** What one pass did. */
export interface HostPass {
  /** VNIs whose device was made: tasks that were on an older one need their interfaces again. */
  readonly madeVnis: ReadonlySet<number>;
  /** Network id to why it is not there. */
  readonly failures: ReadonlyMap<string, TsoError>;
}

type Applied = Pick<HostChanges, 'madeVnis' | 'vxlanPorts'>;

const failureOf = (name: string, error: unknown): TsoError =>
  error instanceof TsoError && error.code !== 'INTERNAL'
    ? error
    : new TsoError('INTERNAL', `network ${name} cannot be set up on this host: ${sentenceOf(error)}`, { cause: error });

/** Devices, gateways, routes and neighbours in the host's own namespace. Not safe for calls side by side: networks.ts makes them one after the other. */
export class HostSide {
  readonly #names: HostNames;
  readonly #node: { readonly nodeId: string };
  readonly #ports: HostSidePorts;
  #settings: NetworkSettings | undefined;
  #assignments: readonly NetworkAssignment[] = [];
  /** False until the first whole wish: what a predecessor made stays untouched. */
  #wished = false;
  /** Whether neighbours of other hosts may be in the kernel: asked for on the first pass, and whenever there are any. */
  #remotes = true;
  #wish: HostWish;
  /** What was said last of endpoints that are left out, by network: to say it once. */
  readonly #leftOut = new Map<string, string>();
  #vxlanPorts: readonly number[] = [];
  #failures: ReadonlyMap<string, TsoError> = new Map();

  constructor(options: { readonly names: HostNames; readonly nodeId: string }, ports: HostSidePorts) {
    this.#names = options.names;
    this.#node = options;
    this.#ports = ports;
    this.#wish = hostWish([], undefined, 1500);
  }

  /** As of the last pass. */
  get wish(): HostWish {
    return this.#wish;
  }

  get wished(): boolean {
    return this.#wished;
  }

  get assignments(): readonly NetworkAssignment[] {
    return this.#assignments;
  }

  /** UDP ports of our VXLAN devices, as of the last pass. */
  get vxlanPorts(): readonly number[] {
    return this.#vxlanPorts;
  }

  /** What this host lacks of the wish, a sentence each, as of the last pass. */
  get troubles(): readonly string[] {
    return [...this.#failures.values()].map((failure) => failure.message);
  }

  configure(settings: NetworkSettings): Promise<HostPass> {
    this.#settings = settings;
    return this.#pass();
  }

  setNetworks(assignments: readonly NetworkAssignment[]): Promise<HostPass> {
    this.#assignments = assignments;
    for (const id of this.#leftOut.keys()) if (!assignments.some((assignment) => assignment.id === id)) this.#leftOut.delete(id);
    this.#wished = true;
    return this.#pass();
  }

  /** Neighbours and forwarding entries only; without other hosts nothing is run. */
  async setMembers(assignment: NetworkAssignment): Promise<void> {
    const before = this.#wish.networks.find((network) => network.id === assignment.id);
    this.#assignments = this.#assignments.map((one) => (one.id === assignment.id ? assignment : one));
    if (before === undefined) return;
    if (JSON.stringify(this.#resolve(assignment).remotes) !== JSON.stringify(before.remotes)) await this.#pass();
  }

  /** Removes the devices of networks that are neither wished nor used. */
  async removeUnused(): Promise<void> {
    if (this.#wished) await this.#pass();
  }

  /** Gives the address pool free. */
  async releasePool(): Promise<void> {
    const observed = await observeHost(false);
    const { ip } = hostChanges({ ...this.#wish, pool: '', networks: [] }, observed, {
      names: this.#names,
      keptVnis: this.#ownVnis(observed),
    });
    await ipBatch(ip);
  }

  #resolve(assignment: NetworkAssignment): WishedNetwork {
    const host = { names: this.#names, nodeId: this.#node.nodeId, nodeAddress: this.#settings?.nodeAddress ?? '' };
    const network = wishedNetwork(assignment, host);
    this.#tellLeftOut(network);
    return network;
  }

  #tellLeftOut({ id, name, leftOut: [first, ...more] }: WishedNetwork): void {
    const text = first === undefined ? '' : `${first}${more.length === 0 ? '' : `, and ${more.length} more`}`;
    if (text === (this.#leftOut.get(id) ?? '')) return;
    this.#leftOut.set(id, text);
    if (text !== '') this.#ports.logger.warn({ networkId: id, network: name }, `endpoints on other nodes are left out: ${text}`);
  }

  #ownVnis(observed: Observed): ReadonlySet<number> {
    return new Set(observed.devices.map((device) => this.#names.vniOf(device.name)).filter((vni) => vni !== undefined));
  }

  async #pass(): Promise<HostPass> {
    const failures = new Map<string, TsoError>();
    const networks = this.#resolveAll(failures);
    const hasRemotes = networks.some((network) => network.remotes.length > 0);
    const observed = await observeHost(this.#remotes || hasRemotes);
    this.#remotes = hasRemotes;
    const wish = hostWish(networks, this.#settings, underlayMtu(observed.devices, this.#settings?.nodeAddress ?? ''));
    const done = await this.#applyWhole(wish, observed).catch((error: unknown) => this.#applySingly(wish, error, failures));
    const good = networks.filter((network) => !failures.has(network.id));
    if (good.length > 0) await enableForwarding();
    await Promise.all(good.map((network) => allowLoopbackSource(network.gatewayDevice)));
    this.#wish = { ...wish, networks: wish.networks.filter((network) => !failures.has(network.id)) };
    this.#vxlanPorts = done.vxlanPorts;
    this.#failures = failures;
    return { madeVnis: new Set(done.madeVnis), failures };
  }

  #resolveAll(failures: Map<string, TsoError>): readonly WishedNetwork[] {
    const networks: WishedNetwork[] = [];
    for (const assignment of this.#assignments) {
      try {
        const network = this.#resolve(assignment);
        const clash = clashWith(networks, network);
        if (clash !== undefined) throw clash;
        networks.push(network);
      } catch (error) {
        failures.set(assignment.id, failureOf(assignment.name, error));
      }
    }
    return networks;
  }

  #changes(wish: HostWish, observed: Observed): HostChanges {
    const keptVnis = this.#wished ? this.#ports.usedVnis() : this.#ownVnis(observed);
    return hostChanges(wish, observed, { names: this.#names, keptVnis });
  }

  async #applyWhole(wish: HostWish, observed: Observed): Promise<Applied> {
    const changes = this.#changes(wish, observed);
    await ipBatch(changes.ip);
    await bridgeBatch(changes.bridge);
    return changes;
  }

  /** One network that cannot be made must not keep the others from it; also when something changed between looking and doing. */
  async #applySingly(wish: HostWish, reason: unknown, failures: Map<string, TsoError>): Promise<Applied> {
    this.#ports.logger.warn({ error: sentenceOf(reason) }, 'networks could not be set up together, so each by itself');
    if (wish.networks.length === 0) throw reason;
    const ports = new Set<number>();
    const kept = new Set([...wish.networks.map((network) => network.vni), ...this.#ports.usedVnis()]);
    for (const network of wish.networks) {
      try {
        const observed = await observeHost(true);
        const keptVnis = this.#wished ? kept : this.#ownVnis(observed);
        const changes = hostChanges({ ...wish, networks: [network] }, observed, { names: this.#names, keptVnis });
        await ipBatch(changes.ip);
        await bridgeBatch(changes.bridge);
        for (const port of changes.vxlanPorts) ports.add(port);
      } catch (error) {
        failures.set(network.id, failureOf(network.name, error));
      }
    }
    // The first attempt may have made some before it failed: whoever lost an interface is to be found among all.
    return { madeVnis: wish.networks.map((network) => network.vni), vxlanPorts: [...ports] };
  }
}
