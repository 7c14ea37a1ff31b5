import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { IngressPort, NetworkAssignment, PortConfig } from '@tso/proto';
import { emptyPort, PublishMode } from '@tso/proto';
import { Lab } from '../hosts/lab.ts';
import { nft } from '../hosts/wires.ts';
import { type CommandOutcome, command } from './command.ts';
import { eventually } from './eventually.ts';
import type { LabHost } from './lab-host.ts';
import { labEndpoint, labNetwork, labPlan, NetworksDaemon } from './networks-daemon.ts';

const tool = join(import.meta.dirname, 'net-tool.ts');
const sctp = join(import.meta.dirname, 'sctp.py');

export type NodeName = 'a' | 'b' | 'c';
export const nodes: readonly NodeName[] = ['a', 'b', 'c'];

/** A task `web` on node a and one on b, a client of the same network and one of another on a; nothing on c. Port 7000 answers with its name. */
export const tasks = {
  weba: { node: 'a', networks: { 1: '10.32.1.3', 9: '10.32.9.3' } },
  webb: { node: 'b', networks: { 1: '10.32.1.4', 9: '10.32.9.4' } },
  db: { node: 'a', networks: { 1: '10.32.1.5' } },
  lone: { node: 'a', networks: { 2: '10.32.2.3' } },
} as const satisfies Readonly<Record<string, { readonly node: NodeName; readonly networks: Readonly<Record<number, string>> }>>;
export type TaskName = keyof typeof tasks;

/** Of each node on the ingress network. */
export const ingressAddress: Readonly<Record<NodeName, string>> = { a: '10.32.9.250', b: '10.32.9.251', c: '10.32.9.252' };
export const web: readonly TaskName[] = ['weba', 'webb'];

/** Networks 1 and 9 have IPv6 as well, with the same host numbers. */
const address6Of = (address: string): string => {
  const [, , number = '', host = ''] = address.split('.');
  return number === '1' || number === '9' ? `fd00:${number}::${host}` : '';
};

/** Of nodes and the client outside. */
export const nodeAddress6: Readonly<Record<NodeName, string>> = { a: 'fd79::1', b: 'fd79::2', c: 'fd79::3' };
export const clientAddress6 = 'fd79::254';
export const ingressAddress6: Readonly<Record<NodeName, string>> = { a: 'fd00:9::250', b: 'fd00:9::251', c: 'fd00:9::252' };

/** A port of the service web as every node has it. */
export const webPort = (
  port: Partial<PortConfig>,
  backends: readonly TaskName[] = web,
  changes: Partial<IngressPort> = {},
): IngressPort => ({
  serviceId: 'web',
  serviceName: 'web',
  stack: 'lab',
  affinity: false,
  backends: backends.map((taskId) => {
    const networks: Readonly<Record<number, string>> = tasks[taskId].networks;
    return { taskId, nodeId: tasks[taskId].node, address: networks[9] ?? '', address6: address6Of(networks[9] ?? '') };
  }),
  ...changes,
  port: { ...emptyPort, target: 7000, published: 8080, mode: PublishMode.INGRESS, ...port },
});

/** A client that says something whenever it is told to, and hears the answers. */
export class Talk {
  readonly #child: ChildProcess;
  readonly lines: string[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
  }

  /** Says one thing and waits for one more line. */
  async ask(what: string): Promise<string> {
    const before = this.lines.length;
    this.#child.stdin?.write('?\n');
    return eventually(what, () => this.lines[before]);
  }

  /** Says something until an answer begins with that, and how often it took. */
  async until(name: string): Promise<number> {
    let said = 0;
    await eventually(`an answer of ${name}`, async () => {
      said += 1;
      const before = this.lines.length;
      this.#child.stdin?.write('?\n');
      await eventually('an answer, or none', () => this.lines.length > before, 300).catch(() => undefined);
      return this.lines.slice(before).some((line) => line.startsWith(name));
    });
    return said;
  }
}

/** The networks of agents on three hosts, with plain processes in the namespaces of tasks, and a client outside of all. */
export class IngressLab {
  readonly lab: Lab;
  readonly #daemons: Readonly<Record<NodeName, NetworksDaemon>>;
  readonly #children: ChildProcess[] = [];

  private constructor(lab: Lab, daemons: Readonly<Record<NodeName, NetworksDaemon>>) {
    this.lab = lab;
    this.#daemons = daemons;
  }

  static async create(): Promise<IngressLab> {
    const lab = await Lab.create({ hosts: nodes });
    try {
      const start = async (name: NodeName): Promise<NetworksDaemon> => {
        const host = lab.host(name);
        await host.run('mkdir', ['-p', host.runDir]);
        return NetworksDaemon.start(host, host.runDir, '/etc/resolv.conf', name);
      };
      const ingress = new IngressLab(lab, { a: await start('a'), b: await start('b'), c: await start('c') });
      await ingress.#begin();
      return ingress;
    } catch (error) {
      await lab.destroy();
      throw error;
    }
  }

  host(name: NodeName): LabHost {
    return this.lab.host(name);
  }

  address(name: NodeName): string {
    return this.lab.host(name).address;
  }

  daemon(name: NodeName): NetworksDaemon {
    return this.#daemons[name];
  }

  /** The networks as the manager tells them to a node: the ingress network everywhere, the others where a task is. */
  networks(node: NodeName): readonly NetworkAssignment[] {
    const endpointsOn = (number: number) =>
      Object.entries(tasks).flatMap(([taskId, task]) => {
        const networks: Readonly<Record<number, string>> = task.networks;
        const address = networks[number];
        const service = taskId.startsWith('web') ? 'web' : taskId;
        return address === undefined
          ? []
          : [labEndpoint(taskId, service, address, { nodeId: task.node, vtep: this.address(task.node), address6: address6Of(address) })];
      });
    const hosts = nodes.map((nodeId) => ({
      nodeId,
      address: ingressAddress[nodeId],
      address6: ingressAddress6[nodeId],
      vtep: this.address(nodeId),
    }));
    const six = (number: number) => (number === 2 ? {} : { subnet6: `fd00:${number}::/64`, gateway6: `fd00:${number}::1` });
    return [1, 2, 9]
      .map((number) =>
        labNetwork(number, {
          endpoints: endpointsOn(number),
          ...six(number),
          ...(number === 9 ? { ingress: true, name: 'ingress', hosts } : {}),
        }),
      )
      .filter((network) => network.ingress || network.endpoints.some((endpoint) => endpoint.nodeId === node));
  }

  async #begin(): Promise<void> {
    for (const node of nodes) {
      const daemon = this.#daemons[node];
      const settings = { clusterId: 'lab', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: this.address(node) };
      await this.host(node).run('ip', ['-6', 'address', 'add', `${nodeAddress6[node]}/64`, 'dev', 'eth0', 'nodad']);
      await daemon.call('configure', settings);
      await daemon.call('setNetworks', this.networks(node));
    }
    await this.lab.client('ip', ['-6', 'address', 'add', `${clientAddress6}/64`, 'dev', 'switch', 'nodad']);
    for (const [taskId, task] of Object.entries(tasks)) {
      const plan = labPlan(taskId, task.networks);
      const attachments = plan.attachments.map((attachment) => ({ ...attachment, address6: address6Of(attachment.address) }));
      await this.#daemons[task.node].call('attach', { ...plan, attachments });
      await this.serve(taskId as TaskName, taskId, 7000);
    }
  }

  /** The same wish on all nodes. */
  async publish(...ports: readonly IngressPort[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.#daemons[node].call('setIngress', ports)));
  }

  inTask(taskId: TaskName, ...args: readonly string[]): Promise<CommandOutcome> {
    return this.host(tasks[taskId].node).exec('nsenter', [this.#namespace(taskId), ...args]);
  }

  toolIn(taskId: TaskName, ...args: readonly string[]): Promise<CommandOutcome> {
    return this.inTask(taskId, process.execPath, tool, ...args);
  }

  toolOn(node: NodeName, ...args: readonly string[]): Promise<CommandOutcome> {
    return this.host(node).exec(process.execPath, [tool, ...args]);
  }

  toolOutside(...args: readonly string[]): Promise<CommandOutcome> {
    return command('nsenter', [`--net=${this.lab.wires.pin}`, '--', process.execPath, tool, ...args]);
  }

  /** Starts a server in a task; resolves once it is ready. */
  serve(taskId: TaskName, name: string, port: number): Promise<ChildProcess> {
    const args = [this.#namespace(taskId), process.execPath, tool, 'serve', name, String(port)];
    return this.untilReady(this.host(tasks[taskId].node).spawn('nsenter', args));
  }

  spawnOn(node: NodeName, ...args: readonly string[]): Promise<ChildProcess> {
    return this.untilReady(this.host(node).spawn(process.execPath, [tool, ...args]));
  }

  /** A client outside that goes on: `flow` and `chat` of net-tool.ts. */
  talk(command: 'flow' | 'chat', address: string, port: number): Talk {
    const child = spawn('nsenter', [`--net=${this.lab.wires.pin}`, '--', process.execPath, tool, command, address, String(port)]);
    this.#children.push(child);
    return new Talk(child);
  }

  /** Hears datagrams in a task: the lines, of which the first is `ready`. */
  async hearIn(taskId: TaskName, address: string, port: number): Promise<readonly string[]> {
    return this.#heard(taskId, process.execPath, tool, 'hear', address, String(port));
  }

  /** The same of SCTP packets to that port: see sctp.py. */
  async hearSctp(taskId: TaskName, port: number): Promise<readonly string[]> {
    return this.#heard(taskId, '/usr/bin/python3', sctp, 'hear', String(port));
  }

  async #heard(taskId: TaskName, ...args: readonly string[]): Promise<readonly string[]> {
    const child = this.host(tasks[taskId].node).spawn('nsenter', [this.#namespace(taskId), ...args]);
    const lines: string[] = [];
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    this.#children.push(child);
    await eventually('it listens', () => lines[0] === 'ready');
    return lines;
  }

  /** Watches the rules of a node. The function returned gives what changed since it was called last: all that was done before the call. */
  async watchRules(node: NodeName): Promise<() => Promise<readonly string[]>> {
    const child = this.host(node).spawn(nft, ['monitor']);
    this.#children.push(child);
    const lines: string[] = [];
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    let marks = 0;
    const mark = async (): Promise<readonly string[]> => {
      marks += 1;
      const name = `mark${marks}`;
      await this.host(node).run(nft, [`add table ip ${name}; delete table ip ${name}`]);
      await eventually(`the kernel tells of ${name}`, () => lines.some((line) => line.includes(`delete table ip ${name}`)));
      const end = lines.findIndex((line) => line.includes(`add table ip ${name}`));
      const before = lines.splice(0, end < 0 ? lines.length : end);
      lines.splice(0);
      return before.filter((line) => !line.includes('table ip mark'));
    };
    // A change is told of once the program listens, so there is one for each look.
    await eventually('rules are watched', async () => {
      await this.host(node).run(nft, ['add table ip mark0; delete table ip mark0']);
      return lines.some((line) => line.includes('delete table ip mark0'));
    });
    await mark();
    return mark;
  }

  sendSctp(address: string, port: number, count: number): Promise<CommandOutcome> {
    const { gateway } = this.lab.wires;
    return command('nsenter', [
      `--net=${this.lab.wires.pin}`,
      '--',
      '/usr/bin/python3',
      sctp,
      'send',
      gateway,
      address,
      String(port),
      String(count),
    ]);
  }

  async untilReady(child: ChildProcess): Promise<ChildProcess> {
    this.#children.push(child);
    if (child.stdout !== null) await once(createInterface({ input: child.stdout }), 'line');
    return child;
  }

  async end(...children: readonly ChildProcess[]): Promise<void> {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  async destroy(): Promise<void> {
    await this.end(...this.#children);
    for (const node of nodes) await this.#daemons[node].kill();
    await this.lab.destroy();
  }

  #namespace(taskId: TaskName): string {
    return `--net=${this.host(tasks[taskId].node).runDir}/netns/${taskId}`;
  }
}
