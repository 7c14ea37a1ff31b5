import { type Clock, type DnsConfig, type Logger, type NetworkAssignment, sentenceOf, TsoError } from '@tso/proto';
import { DnsCounts, type NameAnswers } from './dns-counts.ts';
import { elsewhere } from './dns-elsewhere.ts';
import { DnsForwarder } from './dns-forwarder.ts';
import type { DnsQuery, PreparedAnswer } from './dns-message.ts';
import { type NameTable, nameTable } from './dns-records.ts';
import { NameScope } from './dns-scope.ts';
import { type Asker, DnsServer, type DnsTransport } from './dns-server.ts';
import { HostResolvers } from './host-resolvers.ts';
import { linkVariables } from './link-variables.ts';
import { hostModeResolvConf, taskResolvConf } from './resolv-conf.ts';
import { TaskResolvers } from './task-resolvers.ts';
import type { TaskNetworkPlan } from './types.ts';

/** A task as it was connected: in which order it is on its networks. */
export interface ConnectedTask {
  readonly taskId: string;
  readonly attachments: readonly { readonly networkId: string }[];
}

export interface TaskNamesPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The task that has this address on one of its networks. */
  readonly taskAt: (address: string) => ConnectedTask | undefined;
}

const endpointKey = ({ taskId, address }: NetworkAssignment['endpoints'][number]): string => `${taskId} ${address}`;

/**
 * What is known to both, and still there: a task is answered from when it can be reached, a virtual address from when it leads somewhere, until they are
 * told to be gone.
 */
const answered = (latest: NetworkAssignment, reachable: NetworkAssignment | undefined): NetworkAssignment => {
  if (latest === reachable) return latest;
  const endpoints = new Set(reachable?.endpoints.filter((endpoint) => endpoint.serving).map(endpointKey));
  const virtual = new Set(reachable?.services.flatMap(({ vip, vip6 }) => [vip, vip6]));
  return {
    ...latest,
    endpoints: latest.endpoints.map((one) => (one.serving && !endpoints.has(endpointKey(one)) ? { ...one, serving: false } : one)),
    services: latest.services.map((one) => ({
      ...one,
      vip: virtual.has(one.vip) ? one.vip : '',
      vip6: virtual.has(one.vip6) ? one.vip6 : '',
    })),
  };
};

/** Names for the tasks of one host: who answers to what on its networks, a DNS server on each gateway, and the files that name them. */
export class TaskNames {
  readonly #ports: TaskNamesPorts;
  readonly #forwarder: DnsForwarder;
  readonly #hostResolvers: HostResolvers;
  readonly #taskResolvers: TaskResolvers;
  readonly #servers = new Map<string, DnsServer>();
  readonly #counts = new DnsCounts();
  /** What was told last, and what of it the data path has. */
  readonly #latest = new Map<string, NetworkAssignment>();
  readonly #reachable = new Map<string, NetworkAssignment>();
  readonly #tables = new Map<string, NameTable>();
  /** In which order they were told: what is carried out late must not undo what came after. */
  readonly #order = new WeakMap<NetworkAssignment, number>();
  #told = 0;
  /** The last whole wish; one before it that is carried out late is of no more interest. */
  #wish: readonly NetworkAssignment[] | undefined;
  readonly #askers = new Map<string, Asker & { readonly task: ConnectedTask }>();
  #turn = 0;

  constructor(options: { readonly dir: string; readonly resolvConfPath: string }, ports: TaskNamesPorts) {
    this.#ports = ports;
    this.#forwarder = new DnsForwarder({}, ports);
    this.#hostResolvers = new HostResolvers({ path: options.resolvConfPath }, ports);
    this.#taskResolvers = new TaskResolvers({ dir: options.dir });
  }

  start(): Promise<void> {
    return this.#taskResolvers.start();
  }

  async stop(): Promise<void> {
    this.#forwarder.stop();
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    this.#servers.clear();
  }

  /** At once when a change is heard of, before anything else is done about it: what is gone is not answered from now on. */
  announce(network: NetworkAssignment): void {
    if (!this.#latest.has(network.id)) return;
    this.#order.set(network, this.#told++);
    this.#latest.set(network.id, network);
    this.#prepare(network.id);
  }

  /** Once devices and neighbours are as it says: its tasks are answered, virtual addresses as before. */
  settleTasks(network: NetworkAssignment): void {
    const before = this.#reachable.get(network.id);
    if (!this.#order.has(network) || before === undefined || this.#isOvertaken(network, before)) return;
    const reached = { ...network, services: before.services };
    this.#order.set(reached, this.#orderOf(network));
    this.#reachable.set(network.id, reached);
    this.#prepare(network.id);
  }

  /** Once the maps of virtual addresses are as it says too: all that is new is answered. */
  settle(network: NetworkAssignment): void {
    if (!this.#order.has(network)) this.announce(network);
    const before = this.#reachable.get(network.id);
    if (this.#isOvertaken(network, before)) return;
    this.#reachable.set(network.id, network);
    // Its tasks are answered already, and there is nothing else that is new.
    const isKnown = this.#orderOf(before) === this.#orderOf(network) && before?.services === network.services;
    if (!isKnown) this.#prepare(network.id);
  }

  #isOvertaken(network: NetworkAssignment, before: NetworkAssignment | undefined): boolean {
    return !this.#latest.has(network.id) || this.#orderOf(network) < this.#orderOf(before);
  }

  #orderOf(network: NetworkAssignment | undefined): number {
    return (network === undefined ? undefined : this.#order.get(network)) ?? -1;
  }

  announceAll(networks: readonly NetworkAssignment[]): void {
    this.#wish = networks;
    for (const network of networks) this.announce(network);
  }

  /** Those that were not known are answered on as soon as they are there: of tasks on them a predecessor of this agent has made the maps. */
  settleNew(networks: readonly NetworkAssignment[]): void {
    if (this.#isOutdated(networks)) return;
    for (const network of networks) {
      if (this.#latest.has(network.id)) continue;
      this.#order.set(network, this.#told++);
      this.#latest.set(network.id, network);
      this.settle(network);
    }
  }

  /** The whole wish: networks that are not named are forgotten. */
  settleAll(networks: readonly NetworkAssignment[]): void {
    if (this.#isOutdated(networks)) return;
    const ids = new Set(networks.map(({ id }) => id));
    for (const id of this.#latest.keys()) {
      if (ids.has(id)) continue;
      for (const known of [this.#latest, this.#reachable, this.#tables]) known.delete(id);
      this.#forgetAskersOn(id);
    }
    this.settleNew(networks);
    for (const network of networks) this.settle(network);
  }

  #isOutdated(networks: readonly NetworkAssignment[]): boolean {
    return this.#wish !== undefined && this.#wish !== networks;
  }

  #prepare(networkId: string): void {
    const latest = this.#latest.get(networkId);
    if (latest === undefined) return;
    const isNew = !this.#tables.has(networkId);
    this.#tables.set(networkId, nameTable(answered(latest, this.#reachable.get(networkId))));
    // Whoever asked before the network was known has it not among its tables.
    if (isNew) this.#askers.clear();
    else this.#forgetAskersOn(networkId);
  }

  #forgetAskersOn(networkId: string): void {
    for (const [taskId, { scope }] of this.#askers) {
      if (scope.tables.some((table) => table.networkId === networkId)) this.#askers.delete(taskId);
    }
  }

  /** One DNS server for each address, network ids by address. Returns why not, by network id: told to whoever attaches to that network. */
  async serveAt(wished: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, TsoError>> {
    const failures = new Map<string, TsoError>();
    for (const [address, server] of this.#servers) {
      if (wished.has(address)) continue;
      this.#servers.delete(address);
      await server.stop();
    }
    for (const [address, networkId] of wished) {
      if (this.#servers.has(address)) continue;
      const server = new DnsServer(
        { address },
        {
          logger: this.#ports.logger,
          counts: this.#counts,
          askerOf: (source) => this.askerOf(source),
          askElsewhere: (...question) => this.#askElsewhere(...question),
        },
      );
      try {
        await server.start();
        this.#servers.set(address, server);
      } catch (error) {
        failures.set(networkId, error instanceof TsoError ? error : new TsoError('INTERNAL', sentenceOf(error), { cause: error }));
      }
    }
    return failures;
  }

  /** Since the agent began. */
  answers(): readonly NameAnswers[] {
    return this.#counts.figures();
  }

  async forget(taskId: string): Promise<void> {
    this.#askers.delete(taskId);
    await this.#taskResolvers.remove(taskId);
  }

  /** Text of /etc/resolv.conf for a task, and from now on its names are answered as it wishes. */
  async resolvConf(plan: TaskNetworkPlan, dns: DnsConfig | undefined): Promise<string> {
    if (!plan.ownNamespace) return hostModeResolvConf(await this.#hostResolvers.text(), dns);
    // It asks from the address of the task whose namespace it shares, so that one's links and resolvers count.
    if (plan.networkOf !== '') return taskResolvConf(await this.#hostResolvers.conf(), dns);
    if (plan.attachments.length === 0) return '# This task is on no network.\n';
    await this.#taskResolvers.set(plan, dns);
    this.#askers.delete(plan.taskId);
    return taskResolvConf(await this.#hostResolvers.conf(), dns);
  }

  linkVariables(plan: TaskNetworkPlan): readonly string[] {
    return linkVariables(this.#networksOf(plan), plan);
  }

  /** Addresses by which a task reaches this host (`host-gateway`): the gateways of its first network that leads out; none without such a network. */
  hostGateways(plan: TaskNetworkPlan): readonly string[] {
    if (!plan.ownNamespace) return ['127.0.0.1'];
    const outward = this.#networksOf(plan).find((network) => !network.internal && !network.ingress && network.driver !== 'macvlan');
    return outward === undefined ? [] : [outward.gateway, outward.gateway6].filter((address) => address !== '');
  }

  #networksOf(plan: TaskNetworkPlan): readonly NetworkAssignment[] {
    return plan.attachments.map(({ networkId }) => this.#latest.get(networkId)).filter((network) => network !== undefined);
  }

  /** The task that asks from there, with the names that it sees; undefined: none of ours. */
  askerOf(source: string): Asker | undefined {
    const task = this.#ports.taskAt(source);
    if (task === undefined) return undefined;
    const known = this.#askers.get(task.taskId);
    if (known !== undefined && known.task === task) return known;
    const tables = task.attachments.map(({ networkId }) => this.#tables.get(networkId)).filter((table) => table !== undefined);
    const asker = { task, taskId: task.taskId, scope: new NameScope(tables, this.#taskResolvers.of(task.taskId)) };
    this.#askers.set(task.taskId, asker);
    return asker;
  }

  /** Networks where a task may not speak to whom it likes: it is not on them, or only to be asked by hosts. What is on a parent is not ours to part. */
  #strangeTo(scope: NameScope): readonly NameTable[] {
    const own = new Set(scope.tables.map(({ networkId }) => networkId));
    const strange = [...this.#latest.values()].filter(({ id, ingress, driver }) => driver !== 'macvlan' && (ingress || !own.has(id)));
    return strange.map(({ id }) => this.#tables.get(id)).filter((table) => table !== undefined);
  }

  async #askElsewhere(
    { taskId, scope }: Asker,
    message: Uint8Array,
    query: DnsQuery,
    transport: DnsTransport,
  ): Promise<Uint8Array | PreparedAnswer | undefined> {
    const { servers, completesNames } = this.#taskResolvers.of(taskId);
    const strange = servers.length === 0 ? [] : this.#strangeTo(scope);
    const whom = elsewhere({ scope, servers, completesNames, strange }, query, await this.#hostResolvers.conf(), this.#turn++);
    if ('code' in whom) return whom;
    return this.#forwarder.forward({ message, query, servers: whom, transport, asker: taskId });
  }
}
