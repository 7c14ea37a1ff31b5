import { join } from 'node:path';
import type { Clock, DnsConfig, IngressPort, Logger, NetworkAssignment, TsoError } from '@tso/proto';
import { type AgentPaths, defaultRunDir, netnsDir, tunnelsDir } from '../paths.ts';
import type { NameAnswers } from './dns-counts.ts';
import { FirewallWatch } from './firewall-watch.ts';
import { type HostPass, HostSide } from './host-side.ts';
import { answeringAddress, ingressWay } from './ingress-way.ts';
import { type HostNames, hostNames } from './names.ts';
import { RulesTable } from './nft.ts';
import { type HostWish, hostWish } from './plan.ts';
import { PublishedPorts } from './published-ports.ts';
import { RepairLoop } from './repair-loop.ts';
import { freeResolverAddress, resolverNetworkId } from './resolver-network.ts';
import { hostTable, vtepPatch } from './table.ts';
import { TaskNames } from './task-names.ts';
import { resolveTask } from './task-plan.ts';
import { TaskSide } from './task-side.ts';
import { type TunnelTimes, tunnelTimesOf } from './tunnels/plan.ts';
import { TunnelDevices } from './tunnels/tunnels.ts';
import type { NetworkSettings, Networks, PublishedPort, TaskNetworkPlan, TunnelKey, Tunnels } from './types.ts';

export interface NodeNetworksOptions {
  readonly paths: AgentPaths;
  /** Read whenever it is needed: a node that leaves its cluster becomes another. */
  readonly nodeId: string;
  /** Where the host's resolvers stand. @default '/etc/resolv.conf' */
  readonly resolvConfPath?: string;
  /** `troubles` are others than before. */
  readonly onTroubles?: () => void;
  /** `tunnelKey` is another than it was when it was asked for. */
  readonly onTunnelKey?: () => void;
  /** @default keys of 12 hours */
  readonly tunnelTimes?: TunnelTimes;
}

const defaultRotationMs = 12 * 3_600_000;
/** Rounds of the repair loop, five seconds each, between looks at the firewalls of others. */
const firewallRounds = 3;

/** The networks of one host: overlay devices and gateways, the namespaces of tasks, published ports and names. */
export class NodeNetworks implements Networks {
  readonly #names: HostNames;
  readonly #logger: Logger;
  readonly #host: HostSide;
  readonly #tasks: TaskSide;
  readonly #ports: PublishedPorts;
  readonly #table: RulesTable;
  readonly #tunnels: TunnelDevices;
  readonly #taskNames: TaskNames;
  /** Network id to why it is not there, */
  #failures: ReadonlyMap<string, TsoError> = new Map();
  /** and to why nobody answers for names on it. */
  #unanswered: ReadonlyMap<string, TsoError> = new Map();
  readonly #firewalls: FirewallWatch;
  readonly #repair: RepairLoop;
  /** Rounds of the repair loop so far. */
  #rounds = 0;
  readonly #onTroubles: () => void;
  /** What `onTroubles` was called for last. */
  #toldTroubles = '';
  /** What the sets of the table were made from last. */
  #toldWish: HostWish = hostWish([], undefined);
  /** Addresses that tasks ask for names from, by task: given before they are there. */
  readonly #resolving = new Map<string, string>();
  /** Changes of the host's side, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: NodeNetworksOptions, ports: { readonly clock: Clock; readonly logger: Logger }) {
    const dir = netnsDir(options.paths);
    this.#logger = ports.logger;
    this.#names = hostNames(options.paths.runDir, defaultRunDir);
    this.#host = new HostSide(
      {
        names: this.#names,
        get nodeId() {
          return options.nodeId;
        },
      },
      {
        ...ports,
        usedVnis: () => new Set(this.#tasks.tasks().flatMap((task) => task.attachments.map((attachment) => attachment.vni))),
        refusalOfEncrypted: (network) => this.#tunnels.refusalFor(network),
      },
    );
    this.#tunnels = new TunnelDevices(
      { ...(options.tunnelTimes ?? tunnelTimesOf(defaultRotationMs)), dir: tunnelsDir(options.paths), tag: this.#names.tag },
      { ...ports, onKey: () => options.onTunnelKey?.(), onAddresses: () => this.#table.apply() },
    );
    this.#tasks = new TaskSide({ dir }, ports);
    this.#taskNames = new TaskNames(
      { dir, resolvConfPath: options.resolvConfPath ?? join('/etc', 'resolv.conf') },
      { ...ports, taskAt: (address) => this.#tasks.byAddress(address) },
    );
    this.#ports = new PublishedPorts(
      {
        table: this.#names.table,
        get nodeId() {
          return options.nodeId;
        },
      },
      {
        ...ports,
        applyPorts: () => this.#table.patch(),
        reachable: (port) => this.#reachable(port),
        addressHere: (taskId) => answeringAddress(this.#tasks.task(taskId)?.attachments ?? []),
        onTroubles: () => this.#tellTroubles(),
      },
    );
    this.#table = new RulesTable({
      table: `inet ${this.#names.table}`,
      whole: () => {
        this.#toldWish = this.#host.ruled;
        return hostTable({
          names: this.#names,
          wish: this.#host.ruled,
          vxlanPorts: this.#host.vxlanPorts,
          ports: this.#ports.whole(),
          ingress: ingressWay(this.#host.ruled.networks),
          movesFlows: this.#ports.movesFlows,
          tunnelAddresses: this.#tunnels.addresses,
        });
      },
      patch: () => {
        const ports = this.#ports.patch();
        const before = this.#toldWish;
        this.#toldWish = this.#host.ruled;
        return ports === undefined ? undefined : `${vtepPatch(this.#names.table, before, this.#toldWish)}${ports}`;
      },
    });
    // Tables of other daemons of ours are seen to by them.
    this.#firewalls = new FirewallWatch({ isOurs: (table) => table === 'tso' || table.startsWith('tso-') }, ports);
    this.#repair = new RepairLoop({ ...ports, mend: () => this.#mend() });
    this.#onTroubles = () => options.onTroubles?.();
  }

  get troubles(): readonly string[] {
    const unanswered = [...this.#unanswered.values()].map(({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`));
    return [
      ...this.#host.troubles,
      ...unanswered,
      ...this.#table.troubles,
      ...this.#firewalls.troubles,
      ...this.#ports.troubles,
      ...this.#tunnels.troubles,
    ];
  }

  async start(): Promise<void> {
    await Promise.all([
      this.#table.start(),
      this.#tasks.start(),
      this.#taskNames.start(),
      this.#tunnels.start(),
      this.#ports.start(),
      this.#firewalls.look(undefined),
    ]);
    this.#repair.start();
  }

  async stop(): Promise<void> {
    await this.#repair.stop();
    await this.#turn;
    this.#host.stop();
    this.#tasks.stop();
    await this.#tunnels.stop();
    await this.#taskNames.stop();
    await this.#ports.stop();
    // With nothing that goes on, nothing stays: neither the table nor the claim of the pool.
    const idle = this.#host.wished && this.#host.assignments.length === 0 && this.#ports.idle && this.#tasks.tasks().length === 0;
    if (!idle) return;
    this.#table.takeOver();
    await Promise.all([this.#table.apply(), this.#host.releasePool()]);
  }

  configure(settings: NetworkSettings): Promise<void> {
    return this.#exclusive(async () => {
      await this.#settle(await this.#host.configure(settings));
      await this.#tunnels.configure(settings.nodeAddress);
    });
  }

  async setNetworks(networks: readonly NetworkAssignment[]): Promise<void> {
    this.#taskNames.announceAll(networks);
    await this.#exclusive(async () => {
      const pass = await this.#host.setNetworks(networks).finally(() => this.#taskNames.settleNew(networks));
      await this.#settle(pass);
    })
      // Also when something failed, as with members: who serves on the other networks is to be known all the same.
      .finally(() => this.#tasks.setNetworks(networks))
      .finally(() => this.#taskNames.settleAll(networks));
    const [failure] = [...this.#failures.values(), ...this.#unanswered.values()];
    if (failure !== undefined) throw failure;
  }

  async setMembers(network: NetworkAssignment): Promise<void> {
    this.#taskNames.announce(network);
    await this.#exclusive(async () => {
      const pass = await this.#host.setMembers(network);
      if (pass !== undefined) await this.#settle(pass);
      else if (vtepPatch(this.#names.table, this.#toldWish, this.#host.ruled) !== '') await this.#table.patch();
      this.#tellTroubles();
    })
      .finally(() => this.#taskNames.settleTasks(network))
      .finally(() => this.#tasks.setMembers(network))
      // Also when something failed: a name that cannot be reached yet is better than none, and the next round may mend it.
      .finally(() => this.#taskNames.settle(network));
  }

  async attach(plan: TaskNetworkPlan): Promise<string | undefined> {
    if (!plan.ownNamespace) return undefined;
    if (plan.networkOf !== '') return this.#tasks.share(plan.taskId, plan.networkOf);
    await this.#turn;
    const failureOf = (networkId: string): TsoError | undefined => this.#failures.get(networkId) ?? this.#unanswered.get(networkId);
    if (plan.attachments.some(({ networkId }) => failureOf(networkId) !== undefined)) await this.#retry();
    for (const { networkId } of plan.attachments) {
      const failure = failureOf(networkId);
      if (failure !== undefined) throw failure;
    }
    const networks = new Map(this.#host.wish.networks.map((network) => [network.id, network]));
    return this.#tasks.attach(resolveTask(plan, networks, () => this.#resolverAddress(plan.taskId)));
  }

  /** The one it has already, or a free one. */
  #resolverAddress(taskId: string): string {
    const others = this.#tasks.tasks().filter((task) => task.taskId !== taskId);
    const own = this.#tasks.task(taskId)?.attachments.find(({ networkId }) => networkId === resolverNetworkId);
    const taken = new Set([...others.flatMap(({ attachments }) => attachments.map(({ address }) => address)), ...this.#resolving.values()]);
    const address = own?.address ?? freeResolverAddress(this.#names, taken);
    this.#resolving.set(taskId, address);
    return address;
  }

  async detach(taskId: string): Promise<void> {
    const attachments = this.#tasks.task(taskId)?.attachments ?? [];
    this.#resolving.delete(taskId);
    await Promise.all([this.#tasks.detach(taskId), this.#taskNames.forget(taskId), this.#ports.forget((id) => id === taskId)]);
    const wished = new Set(this.#host.wish.networks.map((network) => network.vni));
    if (attachments.every((attachment) => wished.has(attachment.vni))) return;
    await this.#exclusive(async () => {
      const pass = await this.#host.removeUnused();
      if (pass !== undefined) await this.#settleChanged(pass);
    });
  }

  reserve(ports: readonly PublishedPort[]): Promise<void> {
    return this.#ports.reserve(ports);
  }

  publish(ports: readonly PublishedPort[]): Promise<void> {
    // The last that a new agent tells of what there was: now its rules are whole, and take the place of those of the agent before.
    if (this.#host.wished) this.#table.takeOver();
    return this.#ports.publish(ports);
  }

  setIngress(ports: readonly IngressPort[]): Promise<void> {
    return this.#ports.setIngress(ports);
  }

  setTunnels(tunnels: Tunnels): Promise<void> {
    return this.#exclusive(async () => {
      const before = this.#tunnels.address;
      try {
        await this.#tunnels.set(tunnels);
      } finally {
        if (before !== tunnels.address) await this.#settle(await this.#host.setTunnelAddress(tunnels.address));
      }
    });
  }

  tunnelKey(): Promise<TunnelKey | undefined> {
    return this.#tunnels.key();
  }

  async collectGarbage(taskIds: ReadonlySet<string>): Promise<void> {
    const strays = (await this.#tasks.list()).filter((taskId) => !taskIds.has(taskId));
    for (const taskId of strays) {
      this.#logger.warn({ taskId }, 'removes the network namespace of a task that nobody names');
      await this.detach(taskId);
    }
    await this.#ports.forget((taskId) => !taskIds.has(taskId));
  }

  resolvConf(plan: TaskNetworkPlan, dns: DnsConfig | undefined): Promise<string> {
    return this.#taskNames.resolvConf(plan, dns);
  }

  linkVariables(plan: TaskNetworkPlan): readonly string[] {
    return this.#taskNames.linkVariables(plan);
  }

  /** Answers to questions for names, since the agent began. */
  nameAnswers(): readonly NameAnswers[] {
    return this.#taskNames.answers();
  }

  hostGateways(plan: TaskNetworkPlan): readonly string[] {
    return this.#taskNames.hostGateways(plan);
  }

  /** A task is asked on a network that its answers can leave by; on internal networks alone the table hides the client's address instead. */
  #reachable(port: PublishedPort): PublishedPort {
    const attachments = this.#tasks.task(port.taskId)?.attachments ?? [];
    const named = attachments.find((attachment) => attachment.address === port.address);
    const outward = answeringAddress(attachments);
    return named?.internal === true && outward !== undefined ? { ...port, address: outward.address } : port;
  }

  /** What follows a change of the host's side: rules, names, and the interfaces of tasks that lost theirs. One that fails keeps none of the others. */
  async #settle(pass: HostPass): Promise<void> {
    this.#failures = pass.failures;
    const done = await Promise.allSettled([this.#serveNames(), this.#table.apply(), this.#tasks.repair(pass.madeVnis)]);
    this.#tellTroubles();
    for (const outcome of done) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** The same, unless all is as it was. */
  async #settleChanged(pass: HostPass): Promise<void> {
    const others = pass.failures.size !== this.#failures.size || [...pass.failures.keys()].some((id) => !this.#failures.has(id));
    if (pass.mended.length > 0 || others) await this.#settle(pass);
  }

  async #serveNames(): Promise<void> {
    const answering = this.#host.ruled.networks.filter((network) => network.gatewayDevice !== '' && !network.ingress);
    this.#unanswered = await this.#taskNames.serveAt(new Map(answering.map((network) => [network.gateway, network.id])));
  }

  #tellTroubles(): void {
    const text = this.troubles.join('\n');
    if (text === this.#toldTroubles) return;
    this.#toldTroubles = text;
    this.#onTroubles();
  }

  /** One round of the repair loop: host, rules, some of the tasks; firewalls of others a few times a minute. What was mended, for people. */
  async #mend(): Promise<readonly string[]> {
    if (!this.#host.wished) return [];
    // The table first: what the host lacks brings it anew, whatever it lacked itself.
    const table = (await this.#table.verify()) ? [`table inet ${this.#names.table}`] : [];
    const host = (await this.#host.isCalm()) ? [] : await this.#exclusive(() => this.#mendHost());
    // A port 53 that was taken may be free again.
    if (this.#unanswered.size > 0) await this.#exclusive(() => this.#serveNames());
    const tasks = await this.#tasks.check();
    if (this.#rounds % firewallRounds === 0) await this.#firewalls.look(this.#host.vxlanPorts[0]);
    this.#rounds += 1;
    this.#tellTroubles();
    return [...host, ...table, ...tasks];
  }

  async #mendHost(): Promise<readonly string[]> {
    const pass = await this.#host.mend();
    await this.#settleChanged(pass);
    return pass.mended;
  }

  /** What was in the way may be gone. */
  #retry(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#failures.size + this.#unanswered.size > 0) await this.#settle(await this.#host.setNetworks(this.#host.assignments));
    });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
