import { join } from 'node:path';
import { type Clock, type DnsConfig, type IngressPort, type Logger, type NetworkAssignment, sentenceOf, TsoError } from '@tso/proto';
import { type AgentPaths, defaultRunDir, netnsDir } from '../paths.ts';
import { DnsForwarder } from './dns-forwarder.ts';
import { type NameTable, nameTable } from './dns-records.ts';
import { type Asker, DnsServer } from './dns-server.ts';
import { HostResolvers } from './host-resolvers.ts';
import { type HostPass, HostSide } from './host-side.ts';
import { ingressWay } from './ingress-way.ts';
import { type HostNames, hostNames } from './names.ts';
import { listChains, RulesTable } from './nft.ts';
import { parseForwardDrops } from './observed.ts';
import { PublishedPorts } from './published-ports.ts';
import { hostModeResolvConf, taskResolvConf } from './resolv-conf.ts';
import { hostTable } from './table.ts';
import { resolveTask } from './task-plan.ts';
import { TaskResolvers } from './task-resolvers.ts';
import { TaskSide } from './task-side.ts';
import type { NetworkSettings, Networks, PublishedPort, TaskNetworkPlan } from './types.ts';

export interface NodeNetworksOptions {
  readonly paths: AgentPaths;
  /** Read whenever it is needed: a node that leaves its cluster becomes another. */
  readonly nodeId: string;
  /** Where the host's resolvers stand. @default '/etc/resolv.conf' */
  readonly resolvConfPath?: string;
  /** `troubles` are others than before. */
  readonly onTroubles?: () => void;
}

/** The networks of one host: overlay devices and gateways, the namespaces of tasks, published ports and names. */
export class NodeNetworks implements Networks {
  readonly #names: HostNames;
  readonly #logger: Logger;
  readonly #host: HostSide;
  readonly #tasks: TaskSide;
  readonly #ports: PublishedPorts;
  readonly #table: RulesTable;
  readonly #forwarder: DnsForwarder;
  readonly #hostResolvers: HostResolvers;
  readonly #taskResolvers: TaskResolvers;
  readonly #servers = new Map<string, DnsServer>();
  readonly #nameTables = new Map<string, NameTable>();
  /** Network id to why it is not there. */
  #failures: ReadonlyMap<string, TsoError> = new Map();
  #firewallTroubles: readonly string[] = [];
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
        logger: ports.logger,
        usedVnis: () => new Set(this.#tasks.tasks().flatMap((task) => task.attachments.map((attachment) => attachment.vni))),
      },
    );
    this.#tasks = new TaskSide({ dir, names: this.#names }, ports);
    this.#taskResolvers = new TaskResolvers({ dir });
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
        onTroubles: () => options.onTroubles?.(),
      },
    );
    this.#table = new RulesTable({
      whole: () =>
        hostTable({
          names: this.#names,
          wish: this.#host.wish,
          vxlanPorts: this.#host.vxlanPorts,
          ports: this.#ports.whole(),
          ingress: ingressWay(this.#host.assignments, options.nodeId),
        }),
      patch: () => this.#ports.patch(),
    });
    this.#forwarder = new DnsForwarder({}, ports);
    this.#hostResolvers = new HostResolvers({ path: options.resolvConfPath ?? join('/etc', 'resolv.conf') }, ports);
  }

  get troubles(): readonly string[] {
    return [...this.#host.troubles, ...this.#firewallTroubles, ...this.#ports.troubles];
  }

  async start(): Promise<void> {
    await Promise.all([this.#tasks.start(), this.#taskResolvers.start(), this.#warnOfFirewalls()]);
  }

  /** An accept of ours does not undo a drop of another table (nft(8), verdict statement), so a person has to know. */
  async #warnOfFirewalls(): Promise<void> {
    const chains = parseForwardDrops(await listChains(), this.#names.table);
    this.#firewallTroubles = chains.map((chain) => `the chain ${chain} of another firewall drops forwarded packets by default`);
    if (chains.length === 0) return;
    const fields = { chains, devices: this.#names.gatewayPattern };
    this.#logger.warn(
      fields,
      'another firewall drops forwarded packets by default: let those to and from our gateway devices through, or containers reach nothing outside',
    );
  }

  async stop(): Promise<void> {
    await this.#turn;
    this.#forwarder.stop();
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    this.#servers.clear();
    await this.#ports.stop();
    // With nothing that goes on, nothing stays: neither the table nor the claim of the pool.
    const idle = this.#host.wished && this.#host.assignments.length === 0 && this.#ports.idle && this.#tasks.tasks().length === 0;
    if (idle) await Promise.all([this.#table.apply(), this.#host.releasePool()]);
  }

  configure(settings: NetworkSettings): Promise<void> {
    return this.#exclusive(async () => this.#settle(await this.#host.configure(settings)));
  }

  setNetworks(networks: readonly NetworkAssignment[]): Promise<void> {
    return this.#exclusive(async () => {
      const pass = await this.#host.setNetworks(networks);
      this.#nameTables.clear();
      for (const network of networks) this.#nameTables.set(network.id, nameTable(network));
      await this.#settle(pass);
      const [failure] = this.#failures.values();
      if (failure !== undefined) throw failure;
    });
  }

  async setMembers(network: NetworkAssignment): Promise<void> {
    await this.#exclusive(async () => {
      const before = this.#vteps();
      await this.#host.setMembers(network);
      if (this.#host.assignments.some(({ id }) => id === network.id)) this.#nameTables.set(network.id, nameTable(network));
      if (this.#vteps() !== before) await this.#table.apply();
    });
  }

  async attach(plan: TaskNetworkPlan): Promise<string | undefined> {
    if (!plan.ownNamespace) return undefined;
    await this.#turn;
    if (plan.attachments.some(({ networkId }) => this.#failures.has(networkId))) await this.#retry();
    for (const { networkId } of plan.attachments) {
      const failure = this.#failures.get(networkId);
      if (failure !== undefined) throw failure;
    }
    const networks = new Map(this.#host.wish.networks.map((network) => [network.id, network]));
    return this.#tasks.attach(resolveTask(plan, networks));
  }

  async detach(taskId: string): Promise<void> {
    const attachments = this.#tasks.task(taskId)?.attachments ?? [];
    await Promise.all([
      this.#tasks.detach(taskId),
      this.#taskResolvers.remove(taskId),
      this.#ports.forget((id) => id === taskId),
    ]);
    const wished = new Set(this.#host.wish.networks.map((network) => network.vni));
    if (attachments.some((attachment) => !wished.has(attachment.vni))) await this.#exclusive(() => this.#host.removeUnused());
  }

  reserve(ports: readonly PublishedPort[]): Promise<void> {
    return this.#ports.reserve(ports);
  }

  publish(ports: readonly PublishedPort[]): Promise<void> {
    return this.#ports.publish(ports);
  }

  setIngress(ports: readonly IngressPort[]): Promise<void> {
    return this.#ports.setIngress(ports);
  }

  async collectGarbage(taskIds: ReadonlySet<string>): Promise<void> {
    const strays = (await this.#tasks.list()).filter((taskId) => !taskIds.has(taskId));
    for (const taskId of strays) {
      this.#logger.warn({ taskId }, 'removes the network namespace of a task that nobody names');
      await this.detach(taskId);
    }
    await this.#ports.forget((taskId) => !taskIds.has(taskId));
  }

  async resolvConf(plan: TaskNetworkPlan, dns: DnsConfig | undefined): Promise<string> {
    if (!plan.ownNamespace) return hostModeResolvConf(await this.#hostResolvers.text(), dns);
    await this.#taskResolvers.set(plan.taskId, dns?.servers ?? []);
    return plan.attachments.length === 0 ? '# This task is on no network.\n' : taskResolvConf(await this.#hostResolvers.conf(), dns);
  }

  /** A task is asked on a network that its answers can leave by; on internal networks alone the table hides the client's address instead. */
  #reachable(port: PublishedPort): PublishedPort {
    const attachments = this.#tasks.task(port.taskId)?.attachments ?? [];
    const named = attachments.find((attachment) => attachment.address === port.address);
    const outward = attachments.find((attachment) => !attachment.internal);
    return named?.internal === true && outward !== undefined ? { ...port, address: outward.address } : port;
  }

  /** What follows a change of the host's side: rules, names, and the interfaces of tasks that lost theirs. */
  async #settle(pass: HostPass): Promise<void> {
    const failures = new Map(pass.failures);
    await Promise.all([this.#table.apply(), this.#syncServers(failures), this.#tasks.repair(pass.madeVnis)]);
    this.#failures = failures;
  }

  /** One DNS server for each gateway. A failure is told to whoever attaches to that network. */
  async #syncServers(failures: Map<string, TsoError>): Promise<void> {
    const wished = new Map(this.#host.wish.networks.map((network) => [network.gateway, network]));
    for (const [address, server] of this.#servers) {
      if (wished.has(address)) continue;
      this.#servers.delete(address);
      await server.stop();
    }
    for (const [address, network] of wished) {
      if (this.#servers.has(address)) continue;
      const server = new DnsServer(
        { address },
        {
          logger: this.#logger,
          forwarder: this.#forwarder,
          askerOf: (source) => this.#askerOf(source),
          hostResolvers: async () => (await this.#hostResolvers.conf()).servers,
        },
      );
      try {
        await server.start();
        this.#servers.set(address, server);
      } catch (error) {
        failures.set(network.id, error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
      }
    }
  }

  #askerOf(source: string): Asker | undefined {
    const task = this.#tasks.byAddress(source);
    if (task === undefined) return undefined;
    const tables = task.attachments.map((attachment) => this.#nameTables.get(attachment.networkId)).filter((table) => table !== undefined);
    return { tables, servers: this.#taskResolvers.of(task.taskId) };
  }

  #vteps(): string {
    return [...new Set(this.#host.wish.networks.flatMap((network) => network.remotes.map((remote) => remote.vtep)))].toSorted().join(' ');
  }

  /** What was in the way may be gone. */
  #retry(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#failures.size > 0) await this.#settle(await this.#host.setNetworks(this.#host.assignments));
    });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
