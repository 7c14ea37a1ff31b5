import { type Clock, type Logger, type NetworkAssignment, sentenceOf, TsoError } from '@tso/proto';
import { BatchProgram } from './batch-program.ts';
import { type HostChanges, hostChanges, networkProblem } from './diff.ts';
import { applySysctls, differingSysctls, enableForwarding6, hasIpv6, raiseNeighbourLimits } from './forwarding.ts';
import { bridgeBatch, ipBatch, lookAtHost, observeHost, parseLook } from './ip.ts';
import type { HostNames } from './names.ts';
import { type Observed, underlayMtu } from './observed.ts';
import { clashWith, type HostWish, hostWish, type WishedNetwork, wishedNetwork } from './plan.ts';
import { knownOf, remoteLines } from './remotes.ts';
import { resolverNetwork } from './resolver-network.ts';
import { forwarding4, forwarding6, needsForwarding6, networkSysctls, type Sysctl } from './sysctls.ts';
import type { NetworkSettings } from './types.ts';

export interface HostSidePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** VNIs that a task of this host is on. */
  readonly usedVnis: () => ReadonlySet<number>;
  /** Why an encrypted network of that name cannot be here, or undefined. */
  readonly refusalOfEncrypted: (network: string) => TsoError | undefined;
}

/** What one pass did. */
export interface HostPass {
  /** VNIs whose device was made: tasks that were on an older one need their interfaces again. */
  readonly madeVnis: ReadonlySet<number>;
  /** Network id to why it is not there. */
  readonly failures: ReadonlyMap<string, TsoError>;
  /** What was not as wished, for people; empty: nothing was done. */
  readonly mended: readonly string[];
}

type Applied = Pick<HostChanges, 'madeVnis' | 'vxlanPorts' | 'mended'>;

const failureOf = (name: string, error: unknown): TsoError =>
  error instanceof TsoError && error.code !== 'INTERNAL'
    ? error
    : new TsoError('INTERNAL', `network ${name} cannot be set up on this host: ${sentenceOf(error)}`, { cause: error });

const without = (wish: HostWish, failures: ReadonlyMap<string, TsoError>): HostWish => ({
  ...wish,
  networks: wish.networks.filter((network) => !failures.has(network.id)),
});

const replaced = (wish: HostWish, before: WishedNetwork, after: WishedNetwork): HostWish => ({
  ...wish,
  networks: wish.networks.map((network) => (network === before ? after : network)),
});

const isElsewhere = ({ vtep }: { readonly vtep: string }): boolean => vtep !== '';

/** How many entries of neighbours may come and go: each task of this host may know each of its networks' parties. */
const neighbourEntries = (assignments: readonly NetworkAssignment[], nodeId: string): number =>
  assignments.reduce((sum, { endpoints, hosts }) => {
    const local = endpoints.filter((endpoint) => endpoint.nodeId === nodeId).length;
    return sum + (local + 1) * (endpoints.length + hosts.length + 1);
  }, 0);

/** Devices, gateways, routes and neighbours in the host's own namespace. Not safe for calls side by side: networks.ts makes them one after the other. */
export class HostSide {
  readonly #names: HostNames;
  readonly #node: { readonly nodeId: string };
  readonly #ports: HostSidePorts;
  /** For who comes and goes, which is often and has to be quick. */
  readonly #ip: BatchProgram;
  readonly #bridge: BatchProgram;
  #settings: NetworkSettings | undefined;
  #tunnelAddress = '';
  #assignments: readonly NetworkAssignment[] = [];
  /** False until the first whole wish: what a predecessor made stays untouched. */
  #wished = false;
  /** Whether entries for other hosts may be in the kernel: asked for on the first pass, and whenever there are any. */
  #remotes = true;
  #wish: HostWish;
  #ruled: HostWish;
  #underlayMtu = 1500;
  /** What was said last of endpoints that are left out, by network: to say it once. */
  readonly #leftOut = new Map<string, string>();
  #vxlanPorts: readonly number[] = [];
  #failures: ReadonlyMap<string, TsoError> = new Map();
  /** What the host looked like when nothing was to be done: as long as it does, and the wish is the same, nothing is. */
  #calm = '';
  /** What kept networks from being made together, to say it once. */
  #apart = '';

  constructor(options: { readonly names: HostNames; readonly nodeId: string }, ports: HostSidePorts) {
    this.#names = options.names;
    this.#node = options;
    this.#ports = ports;
    this.#ip = new BatchProgram({ program: 'ip' }, ports);
    this.#bridge = new BatchProgram({ program: 'bridge' }, ports);
    this.#wish = hostWish([], undefined);
    this.#ruled = this.#wish;
  }

  /** Ends the programs that stay for changes; another change starts them again. */
  stop(): void {
    this.#ip.stop();
    this.#bridge.stop();
  }

  /** What is here of the wish, as of the last pass. */
  get wish(): HostWish {
    return this.#wish;
  }

  /**
   * The same with networks that are not as wished for now, or not wished any more, as long as they have their device: tasks may be on them, so rules
   * and names must not let go of them.
   */
  get ruled(): HostWish {
    return this.#ruled;
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
    return [
      ...[...this.#failures.values()].map((failure) =>
        failure.hint === undefined ? failure.message : `${failure.message}. ${failure.hint}`,
      ),
      ...this.#wish.networks.flatMap((network) => network.remarks),
      ...this.#wish.networks.flatMap(({ name, leftOut }) => leftOut.map((text) => `network ${name} is without ${text}`)),
    ];
  }

  configure(settings: NetworkSettings): Promise<HostPass> {
    this.#settings = settings;
    return this.#pass();
  }

  /** @param address this node's own inside tunnels; empty: none */
  async setTunnelAddress(address: string): Promise<HostPass> {
    this.#tunnelAddress = address;
    return this.#pass();
  }

  setNetworks(assignments: readonly NetworkAssignment[]): Promise<HostPass> {
    this.#assignments = assignments;
    for (const id of this.#leftOut.keys()) if (!assignments.some((assignment) => assignment.id === id)) this.#leftOut.delete(id);
    this.#wished = true;
    return this.#pass();
  }

  /** Who is on a network: only the entries that differ are touched. Undefined: that was all; a pass when more had to be done. */
  async setMembers(assignment: NetworkAssignment): Promise<HostPass | undefined> {
    this.#assignments = this.#assignments.map((one) => (one.id === assignment.id ? assignment : one));
    const before = this.#wish.networks.find((network) => network.id === assignment.id);
    if (before === undefined) return undefined;
    const after = this.#resolve(assignment);
    if (after.own?.address !== before.own?.address || after.own?.address6 !== before.own?.address6) return this.#pass();
    const lines = remoteLines(before.vxlanDevice, knownOf(before.remotes), after.remotes);
    this.#wish = replaced(this.#wish, before, after);
    this.#ruled = replaced(this.#ruled, before, after);
    this.#remotes ||= after.remotes.length > 0;
    this.#calm = '';
    try {
      await Promise.all([this.#ip.run(lines.ip), this.#bridge.run(lines.bridge)]);
    } catch (error) {
      this.#ports.logger.info(
        { network: assignment.name, error: sentenceOf(error) },
        'entries of a network were otherwise than known; looks at all',
      );
      return this.#pass();
    }
    await this.#raiseLimits();
    return undefined;
  }

  /** Removes the devices of networks that are neither wished nor used. Undefined: it is not known yet which are. */
  async removeUnused(): Promise<HostPass | undefined> {
    return this.#wished ? this.#pass() : undefined;
  }

  /** Whether the host looks as it did when nothing was to be done, settings of devices included. May be asked beside anything else. */
  async isCalm(): Promise<boolean> {
    if (this.#calm === '') return false;
    const look = await lookAtHost(this.#remotes);
    return look.join('\n') === this.#calm && (await this.#areSet(this.#wish.networks));
  }

  /** Compares what is there with the wish, and mends it. */
  async mend(): Promise<HostPass> {
    const look = await lookAtHost(this.#remotes);
    const pass = await this.#pass(parseLook(look));
    if (pass.mended.length === 0 && pass.failures.size === 0) this.#calm = look.join('\n');
    return pass;
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
    const network = wishedNetwork(assignment, {
      names: this.#names,
      nodeId: this.#node.nodeId,
      nodeAddress: this.#settings?.nodeAddress ?? '',
      tunnelAddress: this.#tunnelAddress,
      underlayMtu: this.#underlayMtu,
    });
    const refusal = network.encrypted ? this.#ports.refusalOfEncrypted(network.name) : undefined;
    if (refusal !== undefined) throw refusal;
    if (network.subnet6 !== undefined && network.gatewayDevice !== '' && !hasIpv6()) {
      throw new TsoError('FAILED_PRECONDITION', `network ${network.name} is to have IPv6, which the kernel of this host has switched off`, {
        hint: 'Take ipv6.disable=1 from its command line, or keep tasks of that network off this host by a constraint',
      });
    }
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

  async #pass(seen?: Observed): Promise<HostPass> {
    this.#calm = '';
    const hasRemotes = this.#assignments.some(({ endpoints, hosts }) => endpoints.some(isElsewhere) || hosts.some(isElsewhere));
    const observed = seen ?? (await observeHost(this.#remotes || hasRemotes));
    this.#remotes = hasRemotes;
    this.#underlayMtu = underlayMtu(observed.devices, this.#settings?.nodeAddress ?? '');
    const failures = new Map<string, TsoError>();
    const whole = hostWish(this.#resolveAll(failures), this.#settings, this.#tunnelAddress);
    for (const network of whole.networks) {
      const problem = networkProblem(network, whole, observed, this.#names);
      if (problem !== undefined) failures.set(network.id, problem);
    }
    const wish = without(whole, failures);
    // Networks that fail for now keep what they have, and their tasks with it.
    const kept = whole.networks.filter((network) => failures.has(network.id)).map((network) => network.vni);
    const done = await this.#applyWhole(wish, observed, kept).catch((error: unknown) => this.#applySingly(wish, error, failures, kept));
    this.#ruled = this.#ruledOf(whole, wish, observed);
    this.#wish = without(wish, failures);
    this.#vxlanPorts = done.vxlanPorts;
    this.#failures = failures;
    await this.#raiseLimits();
    return { madeVnis: new Set(done.madeVnis), failures, mended: done.mended };
  }

  /** @param wish of `whole` what can be here: where it failed all the same, its device may be there */
  #ruledOf(whole: HostWish, wish: HostWish, observed: Observed): HostWish {
    const there = new Set([...observed.devices.map(({ name }) => name), ...wish.networks.map(({ vxlanDevice }) => vxlanDevice)]);
    const named = new Set(whole.networks.map(({ vxlanDevice }) => vxlanDevice));
    const used = this.#ports.usedVnis();
    const left = this.#ruled.networks.filter(({ vni, vxlanDevice }) => vxlanDevice !== '' && !named.has(vxlanDevice) && used.has(vni));
    const networks = [...whole.networks.filter(({ vxlanDevice }) => there.has(vxlanDevice)), ...left];
    return { ...whole, networks: networks.toSorted((a, b) => a.vni - b.vni) };
  }

  #resolveAll(failures: Map<string, TsoError>): readonly WishedNetwork[] {
    const networks: WishedNetwork[] = [];
    const take = (network: WishedNetwork): void => {
      const clash = clashWith(networks, network);
      if (clash !== undefined) throw clash;
      networks.push(network);
    };
    for (const assignment of this.#assignments) {
      try {
        take(this.#resolve(assignment));
      } catch (error) {
        failures.set(assignment.id, failureOf(assignment.name, error));
      }
    }
    if (!networks.some(({ driver }) => driver === 'macvlan')) return networks;
    try {
      take(resolverNetwork(this.#names));
    } catch (error) {
      for (const { id, name, driver } of networks) if (driver === 'macvlan') failures.set(id, failureOf(name, error));
    }
    return networks;
  }

  #keptVnis(observed: Observed, kept: readonly number[]): ReadonlySet<number> {
    return this.#wished ? new Set([...this.#ports.usedVnis(), ...kept]) : this.#ownVnis(observed);
  }

  async #applyWhole(wish: HostWish, observed: Observed, kept: readonly number[]): Promise<Applied> {
    const changes = hostChanges(wish, observed, { names: this.#names, keptVnis: this.#keptVnis(observed, kept) });
    const settings = await this.#apply(changes, wish.networks);
    this.#apart = '';
    return { ...changes, mended: [...changes.mended, ...settings] };
  }

  /** Devices first, then what is set on them, then their addresses. Returns which settings were otherwise, for people. */
  async #apply(changes: HostChanges, networks: readonly WishedNetwork[]): Promise<readonly string[]> {
    if (changes.links.length > 0) {
      // They know devices by numbers that are others after this.
      this.stop();
      await ipBatch(changes.links);
    }
    const settings = await this.#applySettings(networks);
    await ipBatch(changes.ip);
    await bridgeBatch(changes.bridge);
    // What is new has its settings from us.
    return changes.links.length > 0 ? [] : settings;
  }

  #settings4(networks: readonly WishedNetwork[]): readonly Sysctl[] {
    const ours = networks.some((network) => network.gatewayDevice !== '');
    return [...(ours ? [forwarding4] : []), ...networks.flatMap(networkSysctls)];
  }

  async #areSet(networks: readonly WishedNetwork[]): Promise<boolean> {
    const six = needsForwarding6(networks) ? [forwarding6] : [];
    return (await differingSysctls([...this.#settings4(networks), ...six])).length === 0;
  }

  async #applySettings(networks: readonly WishedNetwork[]): Promise<readonly string[]> {
    const set: Sysctl[] = [...(await applySysctls(this.#settings4(networks)))];
    if (needsForwarding6(networks)) {
      const six = await enableForwarding6();
      if (six.length > 1) {
        const fields = { settings: six.map(({ path, value }) => `${path}=${value}`) };
        this.#ports.logger.warn(fields, 'this host passes IPv6 packets on from now on; its devices still listen to router advertisements');
      }
      set.push(...six);
    }
    return set.map(({ path, value }) => `setting net/${path}=${value}`);
  }

  async #raiseLimits(): Promise<void> {
    const raised = await raiseNeighbourLimits(neighbourEntries(this.#assignments, this.#node.nodeId));
    if (raised.length === 0) return;
    const fields = { settings: raised.map(({ path, value }) => `${path}=${value}`) };
    this.#ports.logger.info(fields, 'raised the limits of the neighbour tables for the tasks of this host');
  }

  /** One network that cannot be made must not keep the others from it; also when something changed between looking and doing. */
  async #applySingly(wish: HostWish, reason: unknown, failures: Map<string, TsoError>, kept: readonly number[]): Promise<Applied> {
    const text = sentenceOf(reason);
    if (text !== this.#apart) this.#ports.logger.warn({ error: text }, 'networks could not be set up together, so each by itself');
    this.#apart = text;
    if (wish.networks.length === 0) throw reason;
    const ports = new Set<number>();
    const mended: string[] = [];
    const all = [...wish.networks.map((network) => network.vni), ...kept];
    for (const network of wish.networks) {
      try {
        const observed = await observeHost(true);
        const host = { names: this.#names, keptVnis: this.#keptVnis(observed, all) };
        const changes = hostChanges({ ...wish, networks: [network] }, observed, host);
        mended.push(...changes.mended, ...(await this.#apply(changes, [network])));
        for (const port of changes.vxlanPorts) ports.add(port);
      } catch (error) {
        failures.set(network.id, failureOf(network.name, error));
      }
    }
    // The first attempt may have made some before it failed: whoever lost an interface is to be found among all.
    return { madeVnis: wish.networks.map((network) => network.vni), vxlanPorts: [...ports], mended };
  }
}
