import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeRole, NodeState, type NodeView, type StackView, type Task, TaskState } from '@tso/proto';
import { busyboxTar, importBusyboxTar } from '../support/busybox-image.ts';
import type { CommandOutcome } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import type { LabHost } from '../support/lab-host.ts';
import { Api } from './api.ts';
import { clusterPort, Lab, type LabOptions } from './lab.ts';
import { type Seen, seenOn } from './probe.ts';

export type Role = 'manager' | 'worker';

export interface ClusterOptions extends Omit<LabOptions, 'hosts'> {
  readonly managers: number;
  readonly workers: number;
  /** Hosts with an agent that belongs to no cluster: spare0, spare1, … */
  readonly spares?: number;
  /** Arguments of every agent, such as --manager-option heartbeat-ms=500; when left out, the patient ones of labs. */
  readonly agentArgs?: readonly string[];
  /** Arguments of `tso init`. */
  readonly initArgs?: readonly string[];
  /** What a host is like before anything of ours runs there. */
  readonly prepare?: (host: LabHost) => Promise<void>;
}

export interface SpreadOptions {
  /** Hosts that none may run on. */
  readonly butNot?: readonly LabHost[];
  readonly deadlineMs?: number;
  /** False for a service with a task on each node: one for each host instead of each slot. */
  readonly slots?: boolean;
}

/**
 * A node counts as down after 15 s of silence and not after three: an agent that is killed and started again, or has no turn for some seconds
 * on a machine whose two cores are all that these hosts have, is to keep its tasks.
 */
const patientArgs = ['--manager-option', 'heartbeat-ms=5000'];
/** How long a cluster may take to become what was asked for, unless told otherwise: see `eventually`. */
const settleMs = 60_000;
/** One question to managers, the first of which to answer is heard: one that has no turn for some seconds answers late. */
const askMs = 15_000;

const numbered = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** Hosts m1, m2, … with managers and w1, w2, … without, joined to one cluster, each with the image busybox:1. */
export class ClusterLab {
  readonly lab: Lab;
  readonly #options: ClusterOptions;
  readonly #apis = new Map<LabHost, Api>();
  readonly #away = new Set<LabHost>();

  private constructor(lab: Lab, options: ClusterOptions) {
    this.lab = lab;
    this.#options = options;
  }

  static async start(options: ClusterOptions): Promise<ClusterLab> {
    const { managers, workers, spares = 0, ...rest } = options;
    const hosts = [...numbered('m', managers), ...numbered('w', workers), ...numbered('spare', spares)];
    const cluster = new ClusterLab(await Lab.create({ ...rest, hosts }), options);
    try {
      await cluster.#form();
    } catch (error) {
      const logs = cluster.lab.hosts.map((host) => `--- ${host.name}\n${host.daemonLog()}`).join('\n');
      await cluster.destroy();
      throw new Error(`the cluster did not form: ${error instanceof Error ? error.message : String(error)}\n${logs}`, { cause: error });
    }
    return cluster;
  }

  /** Hosts that were started as managers. */
  get managers(): readonly LabHost[] {
    return this.lab.hosts.filter(({ name }) => name.startsWith('m'));
  }

  get workers(): readonly LabHost[] {
    return this.lab.hosts.filter(({ name }) => name.startsWith('w'));
  }

  get members(): readonly LabHost[] {
    return [...this.managers, ...this.workers];
  }

  host(name: string): LabHost {
    return this.lab.host(name);
  }

  /** The worker on which most containers run: at least one. */
  async busyWorker(): Promise<LabHost> {
    return eventually('a container runs on a worker', async () => {
      const busy = await Promise.all(this.workers.map(async (host) => ({ host, count: (await host.mainPids()).size })));
      const most = busy.toSorted((a, b) => b.count - a.count)[0];
      return most !== undefined && most.count > 0 && most.host;
    });
  }

  /** The gRPC services of a host's socket. */
  api(host: LabHost): Api {
    const api = this.#apis.get(host) ?? new Api(host);
    this.#apis.set(host, api);
    return api;
  }

  /** Hosts that are not to be asked for what is true of the cluster, such as the lesser side of a partition. */
  async without<T>(hosts: readonly LabHost[], work: () => Promise<T>): Promise<T> {
    for (const host of hosts) this.#away.add(host);
    try {
      return await work();
    } finally {
      for (const host of hosts) this.#away.delete(host);
    }
  }

  /** What any manager says that is not away, the first that answers in time. */
  async ask<T>(question: (api: Api) => Promise<T>): Promise<T> {
    const hosts = this.managers.filter((host) => !this.#away.has(host));
    return Promise.any(hosts.map((host) => question(this.api(host)))).catch((error: unknown) => {
      throw error instanceof AggregateError ? new Error(`no manager answers: ${error.errors.map(String).join('; ')}`) : error;
    });
  }

  async nodes(): Promise<readonly NodeView[]> {
    return (await this.ask((api) => api.control((control) => control.listNodes({}, { deadlineMs: askMs })))).nodes;
  }

  /** The newest node of that host's name. */
  async node(host: LabHost): Promise<NodeView> {
    const named = (await this.nodes()).filter(({ node }) => node.description?.hostname === host.name);
    const found = named.toSorted((a, b) => b.node.meta.createdAtMs - a.node.meta.createdAtMs)[0];
    if (found === undefined) throw new Error(`there is no node ${host.name}`);
    return found;
  }

  /** The host whose manager leads. */
  async leader(): Promise<LabHost> {
    return eventually(
      'a manager leads',
      async () => {
        const leads = (await this.nodes()).find(({ leader }) => leader)?.node.description?.hostname;
        const host = this.managers.find(({ name }) => name === leads);
        return host !== undefined && !this.#away.has(host) && host;
      },
      settleMs,
    );
  }

  /** Managers that do not lead. */
  async followers(): Promise<readonly LabHost[]> {
    const leader = await this.leader();
    return this.managers.filter((host) => host !== leader && !this.#away.has(host));
  }

  /** Starts the agent of a host as all of them are started. */
  startAgent(host: LabHost): Promise<void> {
    return this.lab.startAgent(host, this.#options.agentArgs ?? patientArgs);
  }

  async token(role: Role): Promise<string> {
    const tokens = await this.ask((api) => api.ca((ca) => ca.getJoinTokens({}, { deadlineMs: askMs })));
    return tokens[role];
  }

  /** `tso join` on a host; any outcome is an answer. */
  async tryJoin(host: LabHost, token: string, by: LabHost = this.host('m1')): Promise<CommandOutcome> {
    return host.tso(['join', '--token', '-', `${by.name}:${clusterPort}`], { input: `${token}\n` });
  }

  /** Joins and waits until the node is ready, and votes if it is a manager. */
  async join(host: LabHost, role: Role, by?: LabHost): Promise<void> {
    const outcome = await this.tryJoin(host, await this.token(role), by);
    if (outcome.code !== 0) throw new Error(`tso join on ${host.name} ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}`);
    await this.ready(host, role);
  }

  async ready(host: LabHost, role?: Role): Promise<void> {
    await eventually(
      `${host.name} is ready${role === undefined ? '' : ` as a ${role}`}`,
      async () => {
        const { node, voter } = await this.node(host);
        const isManager = node.role === NodeRole.MANAGER && voter;
        return (
          node.state === NodeState.NODE_READY && (role === undefined || (role === 'manager' ? isManager : node.role === NodeRole.WORKER))
        );
      },
      settleMs,
    );
  }

  /** unknown, ready, down or disconnected. */
  async state(host: LabHost): Promise<string> {
    return nodeStateName((await this.node(host)).node.state);
  }

  /** Resolves once all nodes but those away are ready, and every manager is reachable and votes. */
  async settled(deadlineMs = settleMs): Promise<void> {
    await eventually('every node is ready and every manager votes', () => this.#isSettled(), deadlineMs);
  }

  /** The same, and it has been so for that long. */
  async calm(forMs: number, deadlineMs = settleMs): Promise<void> {
    let since = Number.POSITIVE_INFINITY;
    await eventually(
      `every node is ready and every manager votes, for ${forMs} ms`,
      async () => {
        const began = performance.now();
        try {
          await this.#isSettled();
        } catch (error) {
          since = Number.POSITIVE_INFINITY;
          throw error;
        }
        since = Math.min(since, began);
        return performance.now() - since >= forMs;
      },
      deadlineMs,
    );
  }

  /** True, or throws what is not as it should be. */
  async #isSettled(): Promise<boolean> {
    const nodes = await this.nodes();
    const wrong = nodes
      .filter(({ node }) => ![...this.#away].some(({ name }) => name === node.description?.hostname))
      .filter(
        ({ node, voter, reachability }) =>
          node.state !== NodeState.NODE_READY || (node.role === NodeRole.MANAGER && !(voter && reachability === 'reachable')),
      );
    if (wrong.length > 0) throw new Error(wrong.map(nodeLine).join('; '));
    return nodes.length > 0;
  }

  /** Applies a stack given as text, at any manager, and waits until it has converged. */
  async up(stack: string, yaml: string, by?: LabHost): Promise<void> {
    await (by ?? (await this.leader())).upOk(stack, yaml);
  }

  async stack(name: string): Promise<StackView> {
    return this.ask((api) => api.control((control) => control.getStack({ name }, { deadlineMs: askMs })));
  }

  /** Every task of a service that the cluster remembers. */
  async tasks(stack: string, service: string): Promise<readonly Task[]> {
    return (await this.stack(stack)).services.find((it) => it.service.spec.name === service)?.tasks ?? [];
  }

  /** Every container that runs on any host, as the kernel shows it. */
  seen(): Promise<readonly Seen[]> {
    return seenOn(this.lab.hosts);
  }

  /** Containers of a service that run, as the kernel shows them, with their slots as the cluster numbers them. */
  async running(stack: string, service: string): Promise<readonly (Seen & { readonly slot: number })[]> {
    const slots = new Map((await this.tasks(stack, service)).map(({ id, slot }) => [id, slot]));
    return (await this.seen()).flatMap((seen) => {
      const slot = slots.get(seen.taskId);
      return slot === undefined ? [] : [{ ...seen, slot }];
    });
  }

  /**
   * Resolves once exactly so many containers of the service run, one for each slot, on none of the hosts `butNot`, and the cluster says
   * the same. What runs where.
   */
  async spread(
    stack: string,
    service: string,
    replicas: number,
    { butNot = [], deadlineMs = settleMs, slots = true }: SpreadOptions = {},
  ): Promise<ReadonlyMap<string, number>> {
    return eventually(
      `${replicas} containers of ${stack}/${service} run${butNot.length === 0 ? '' : `, none on ${butNot.map(({ name }) => name).join(', ')}`}`,
      async () => {
        const tasks = (await this.tasks(stack, service)).filter(
          ({ status, desiredState }) => status.state === TaskState.RUNNING && desiredState === TaskState.RUNNING,
        );
        const running = await this.running(stack, service);
        const said = running.map(({ host, slot }) => `${slot}@${host}`).join(' ');
        const excluded = butNot.map(({ name }) => name);
        const places = new Set(running.map(({ slot, host }) => (slots ? slot : host)));
        if (running.length !== replicas || places.size !== replicas) throw new Error(`running: ${said}`);
        if (running.some(({ host }) => excluded.includes(host))) throw new Error(`running: ${said}`);
        if (
          tasks
            .map(({ id }) => id)
            .sort()
            .join() !==
          running
            .map(({ taskId }) => taskId)
            .sort()
            .join()
        )
          throw new Error(
            `the cluster says that ${tasks.map(({ slot, nodeId }) => `${slot}@${nodeId}`).join(' ')} run, and these do: ${said}`,
          );
        const counts = new Map<string, number>();
        for (const { host } of running) counts.set(host, (counts.get(host) ?? 0) + 1);
        return counts;
      },
      deadlineMs,
    );
  }

  async destroy(): Promise<void> {
    for (const api of this.#apis.values()) api.close();
    await this.lab.destroy();
  }

  async #form(): Promise<void> {
    const [first] = this.managers;
    if (first === undefined) throw new Error('a cluster has at least one manager');
    await Promise.all([this.#startAgents(), this.#formFirst(first)]);
  }

  async #startAgents(): Promise<void> {
    const { prepare = async () => undefined } = this.#options;
    await Promise.all(
      this.lab.hosts.map(async (host) => {
        await prepare(host);
        await this.startAgent(host);
      }),
    );
  }

  async #formFirst(first: LabHost): Promise<void> {
    await eventually(`the agent of ${first.name} answers`, async () => (await first.engine('GET', '/_ping')).status === 200);
    await first.tsoOk(['init', '--advertise-addr', first.address, ...(this.#options.initArgs ?? [])]);
    // One manager after the other, as people do; the workers at once.
    const workers = Promise.all(this.workers.map((host) => this.#joinOnce(host, 'worker')));
    for (const host of this.managers.slice(1)) await this.#joinOnce(host, 'manager');
    await workers;
    await this.#loadImages();
    await this.settled();
  }

  async #joinOnce(host: LabHost, role: Role): Promise<void> {
    await eventually(`the agent of ${host.name} answers`, async () => (await host.engine('GET', '/_ping')).status === 200);
    await this.join(host, role);
  }

  async #loadImages(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-busybox-'));
    try {
      const tar = await busyboxTar(folder);
      await Promise.all(this.lab.hosts.map((host) => importBusyboxTar(host, tar)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

const nodeStateName = (state: NodeState): string =>
  (Object.entries(NodeState).find(([, value]) => value === state)?.[0] ?? '').replace('NODE_', '').toLowerCase();

/** How a node is, in a few words. */
export const nodeLine = ({ node, leader, reachability, voter }: NodeView): string =>
  [
    node.description?.hostname ?? node.id,
    node.role === NodeRole.MANAGER ? 'manager' : 'worker',
    nodeStateName(node.state),
    node.stateMessage,
    reachability,
    ...(voter ? ['voter'] : []),
    ...(leader ? ['leader'] : []),
  ]
    .filter((word) => word !== '')
    .join(' ');
