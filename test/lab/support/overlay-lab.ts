import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Endpoint, NetworkAssignment } from '@tso/proto';
import { emptyAllocation } from '@tso/proto';
import { Lab } from '../hosts/lab.ts';
import { type CommandOutcome, command } from './command.ts';
import type { LabHost } from './lab-host.ts';
import { labEndpoint, labNetwork, labPlan, macOf, NetworksDaemon } from './networks-daemon.ts';

const tool = join(import.meta.dirname, 'net-tool.ts');

const startDaemon = (host: LabHost, name: NodeName): Promise<NetworksDaemon> =>
  NetworksDaemon.start(host, host.runDir, '/etc/resolv.conf', name);

export type NodeName = 'a' | 'b';
export const nodes: readonly NodeName[] = ['a', 'b'];

/** A task of the lab: where it is, and its address on each network by number; the second address is of IPv6. */
export interface LabTask {
  readonly node: NodeName;
  readonly networks: Readonly<Record<number, readonly [address: string, address6?: string]>>;
}

/** The networks of agents on two hosts, with plain processes in the namespaces of tasks. */
export class OverlayLab {
  readonly lab: Lab;
  readonly tasks: Readonly<Record<string, LabTask>>;
  readonly #networks: Readonly<Record<number, Partial<NetworkAssignment>>>;
  readonly #daemons: Record<NodeName, NetworksDaemon>;
  readonly #children: ChildProcess[] = [];

  private constructor(
    lab: Lab,
    daemons: Record<NodeName, NetworksDaemon>,
    networks: Readonly<Record<number, Partial<NetworkAssignment>>>,
    tasks: Readonly<Record<string, LabTask>>,
  ) {
    this.lab = lab;
    this.#daemons = daemons;
    this.#networks = networks;
    this.tasks = tasks;
  }

  /** @param prepare what the hosts are like before anything of ours runs there */
  static async create(
    networks: Readonly<Record<number, Partial<NetworkAssignment>>>,
    tasks: Readonly<Record<string, LabTask>>,
    prepare: (host: LabHost) => Promise<void> = async () => undefined,
  ): Promise<OverlayLab> {
    const lab = await Lab.create({ hosts: nodes });
    try {
      const start = async (name: NodeName): Promise<NetworksDaemon> => {
        const host = lab.host(name);
        await host.run('mkdir', ['-p', host.runDir]);
        await prepare(host);
        return startDaemon(host, name);
      };
      const overlay = new OverlayLab(lab, { a: await start('a'), b: await start('b') }, networks, tasks);
      await overlay.#begin();
      return overlay;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  host(name: NodeName): LabHost {
    return this.lab.host(name);
  }

  /** Calls a host's daemon: see node-agent/src/network/testing/main.ts. */
  call(node: NodeName, method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#daemons[node].call(method, ...args);
  }

  /** The networks as the manager tells them to a node: those that a task of it is on, and the ingress network. */
  networks(node: NodeName): readonly NetworkAssignment[] {
    return Object.entries(this.#networks)
      .map(([number, changes]) => {
        const isLocal = changes.driver === 'bridge' || changes.driver === 'macvlan';
        const endpoints = this.#endpoints(Number(number)).filter((endpoint) => !isLocal || endpoint.nodeId === node);
        return labNetwork(Number(number), { name: `net${number}`, endpoints, ...changes });
      })
      .filter((network) => network.ingress || network.endpoints.some((endpoint) => endpoint.nodeId === node));
  }

  #endpoints(number: number): readonly Endpoint[] {
    return Object.entries(this.tasks).flatMap(([taskId, { node, networks }]) => {
      const [address, address6 = ''] = networks[number] ?? [];
      const vtep = this.host(node).address;
      return address === undefined ? [] : [labEndpoint(taskId, taskId, address, { nodeId: node, vtep, address6 })];
    });
  }

  /** Ends the daemon of a host as a crash does, and starts another, which is told nothing yet. */
  async restart(node: NodeName): Promise<void> {
    await this.#daemons[node].kill();
    this.#daemons[node] = await startDaemon(this.host(node), node);
  }

  async configure(node: NodeName): Promise<void> {
    const settings = { clusterId: 'lab', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: this.host(node).address };
    await this.call(node, 'configure', settings);
  }

  async #begin(): Promise<void> {
    for (const node of nodes) {
      await this.configure(node);
      await this.call(node, 'setNetworks', this.networks(node));
    }
    for (const taskId of Object.keys(this.tasks)) {
      await this.attach(taskId);
      await this.untilReady(this.spawnIn(taskId, 'serve', taskId, '7000'));
    }
  }

  async attach(taskId: string): Promise<void> {
    const { node, networks } = this.#task(taskId);
    const attachments = Object.entries(networks).map(([number, [address, address6 = '']]) => ({
      ...emptyAllocation,
      networkId: `network-${number}`,
      address,
      address6,
      mac: macOf(address),
    }));
    await this.call(node, 'attach', { ...labPlan(taskId, {}), attachments });
  }

  inTask(taskId: string, ...args: readonly string[]): Promise<CommandOutcome> {
    return this.host(this.#task(taskId).node).exec('nsenter', [this.#namespace(taskId), ...args]);
  }

  toolIn(taskId: string, ...args: readonly string[]): Promise<CommandOutcome> {
    return this.inTask(taskId, process.execPath, tool, ...args);
  }

  toolOutside(...args: readonly string[]): Promise<CommandOutcome> {
    return command('nsenter', [`--net=${this.lab.wires.pin}`, '--', process.execPath, tool, ...args]);
  }

  spawnIn(taskId: string, ...args: readonly string[]): ChildProcess {
    return this.host(this.#task(taskId).node).spawn('nsenter', [this.#namespace(taskId), process.execPath, tool, ...args]);
  }

  async untilReady(child: ChildProcess): Promise<ChildProcess> {
    this.#children.push(child);
    if (child.stdout !== null) await once(createInterface({ input: child.stdout }), 'line');
    return child;
  }

  async destroy(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const node of nodes) await this.#daemons[node].kill();
    await this.lab.destroy();
  }

  #task(taskId: string): LabTask {
    const task = this.tasks[taskId];
    if (task === undefined) throw new Error(`the lab has no task ${taskId}`);
    return task;
  }

  #namespace(taskId: string): string {
    return `--net=${this.host(this.#task(taskId).node).runDir}/netns/${taskId}`;
  }
}
