import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nft } from '../hosts/wires.ts';
import { type CommandOutcome, command } from './command.ts';
import { eventually } from './eventually.ts';
import { LabHost } from './lab-host.ts';
import { labEndpoint, labNetwork, labPlan, labPort, NetworksDaemon } from './networks-daemon.ts';

const tool = join(import.meta.dirname, 'net-tool.ts');

export { nft };

/** What the lab's resolver of the host says to every question. */
export const upstreamAddress = '203.0.113.7';
/** What somebody deletes is back by then. */
const mendLimitMs = 10_000;

export const settings = { clusterId: 'lab', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: '' };

/** Two tasks `web` and a task `db` on network 1, `lone` on network 2, `vault` on the internal network 3. */
export const addresses = { weba: '10.32.1.3', webb: '10.32.1.4', db: '10.32.1.5', lone: '10.32.2.3', vault: '10.32.3.3' };

export const labNetworks = (serving: Partial<Record<keyof typeof addresses, boolean>> = {}) => {
  const endpoint = (taskId: keyof typeof addresses, service: string, names: string[]) =>
    labEndpoint(taskId, service, addresses[taskId], { names, serving: serving[taskId] ?? true });
  return [
    labNetwork(1, {
      endpoints: [
        endpoint('weba', 'web', ['web', 'page', 'weba']),
        endpoint('webb', 'web', ['web', 'page', 'webb']),
        endpoint('db', 'db', ['db']),
      ],
    }),
    labNetwork(2, { endpoints: [endpoint('lone', 'lone', ['lone'])] }),
    labNetwork(3, { internal: true, endpoints: [endpoint('vault', 'vault', ['vault'])] }),
  ];
};

export const plans = [
  labPlan('weba', { 1: addresses.weba }),
  labPlan('webb', { 1: addresses.webb }),
  labPlan('db', { 1: addresses.db }),
  labPlan('lone', { 2: addresses.lone }),
  labPlan('vault', { 3: addresses.vault }),
];

/** In host mode: one web task at 8080/tcp and 8053/udp, the other at 8088/tcp, and more. */
export const webPorts = (serving = true, extra: readonly object[] = []) => [
  labPort('weba', 'web', addresses.weba, { published: 8080, target: 7000, serving }),
  labPort('webb', 'web', addresses.webb, { published: 8088, target: 7000, serving }),
  labPort('weba', 'web', addresses.weba, { published: 8053, target: 7000, protocol: 1, serving }),
  ...extra,
];

/** Who answers, and whom it saw asking. */
export const answer = (outcome: CommandOutcome): string =>
  outcome.code === 0 ? outcome.stdout.trim() : `failed: ${outcome.stderr.trim().split('\n')[0]}`;

export interface DnsReply {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly count: number;
  readonly addresses: readonly string[];
}

/** The networks of an agent on a lab host, with plain processes in the namespaces of tasks instead of containers. */
export class NetworkLab {
  readonly host: LabHost;
  readonly resolvConf: string;
  /** What the host was before anything of ours ran. */
  readonly beginning: string;
  readonly #children: ChildProcess[] = [];
  #daemon: NetworksDaemon;

  private constructor(host: LabHost, resolvConf: string, beginning: string, daemon: NetworksDaemon) {
    this.host = host;
    this.resolvConf = resolvConf;
    this.beginning = beginning;
    this.#daemon = daemon;
  }

  static async create(): Promise<NetworkLab> {
    const host = await LabHost.create();
    try {
      const resolvConf = join(host.folder, 'resolv.conf');
      await writeFile(resolvConf, 'nameserver 127.0.0.53\nsearch example.test\n');
      await host.run('mkdir', ['-p', host.runDir]);
      // A new namespace has what the first one has; forwarding is ours to switch on.
      await host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=0']);
      const beginning = await inventoryOf(host);
      const lab = new NetworkLab(host, resolvConf, beginning, await NetworksDaemon.start(host, host.runDir, resolvConf));
      await lab.#begin();
      return lab;
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await this.call('configure', settings);
    await this.call('setNetworks', labNetworks());
    for (const plan of plans) await this.call('attach', plan);
    await Promise.all([
      ...Object.keys(addresses).map((taskId) => this.serve(taskId, 7000)),
      this.onHost('resolver', '127.0.0.53', upstreamAddress),
    ]);
  }

  /** Calls the daemon: see node-agent/src/network/testing/main.ts. */
  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#daemon.call(method, ...args);
  }

  /** How long the last call took inside the daemon. */
  get lastMs(): number {
    return this.#daemon.lastMs;
  }

  crash(): Promise<void> {
    return this.#daemon.kill();
  }

  /** Ends the daemon the proper way. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  /** Ends the daemon as a crash does, and starts it the way the agent does. */
  async restart(...moreTasks: string[]): Promise<void> {
    await this.crash();
    this.#daemon = await NetworksDaemon.start(this.host, this.host.runDir, this.resolvConf);
    await this.call('configure', settings);
    await this.call('collectGarbage', [...Object.keys(addresses), ...moreTasks]);
    await this.call('setNetworks', labNetworks());
    await this.call('publish', webPorts());
  }

  inTask(taskId: string, program: string, ...args: string[]): Promise<CommandOutcome> {
    return this.host.exec('nsenter', [this.#namespace(taskId), program, ...args]);
  }

  toolIn(taskId: string, ...args: string[]): Promise<CommandOutcome> {
    return this.inTask(taskId, process.execPath, tool, ...args);
  }

  /** The same in a namespace of another daemon. */
  toolAt(namespaceFile: string, ...args: string[]): Promise<CommandOutcome> {
    return this.host.exec('nsenter', [`--net=${namespaceFile}`, process.execPath, tool, ...args]);
  }

  toolHere(...args: string[]): Promise<CommandOutcome> {
    return this.host.exec(process.execPath, [tool, ...args]);
  }

  toolOutside(...args: string[]): Promise<CommandOutcome> {
    return command('nsenter', [this.#outside(), '--', process.execPath, tool, ...args]);
  }

  /** Starts a server in a task, on the host or outside; resolves once it is ready. */
  serve(taskId: string, port: number): Promise<ChildProcess> {
    return this.#untilReady(this.host.spawn('nsenter', [this.#namespace(taskId), process.execPath, tool, 'serve', taskId, String(port)]));
  }

  serveAt(namespaceFile: string, name: string, port: number): Promise<ChildProcess> {
    return this.#untilReady(this.host.spawn('nsenter', [`--net=${namespaceFile}`, process.execPath, tool, 'serve', name, String(port)]));
  }

  onHost(...args: string[]): Promise<ChildProcess> {
    return this.#untilReady(this.host.spawn(process.execPath, [tool, ...args]));
  }

  outside(...args: string[]): Promise<ChildProcess> {
    return this.#untilReady(this.host.spawn('nsenter', [this.#outside(), process.execPath, tool, ...args]));
  }

  /** A client that stays connected: see `chat` of net-tool.ts. */
  chat(taskId: string | undefined, address: string, port: number): ChildProcess {
    const args = [process.execPath, tool, 'chat', address, String(port)];
    const child =
      taskId === undefined
        ? this.host.spawn(process.execPath, args.slice(1))
        : this.host.spawn('nsenter', [this.#namespace(taskId), ...args]);
    this.#children.push(child);
    return child;
  }

  /** Starts the tool in a task; its input and output are the caller's. */
  startIn(taskId: string, ...args: string[]): ChildProcess {
    const child = this.host.spawn('nsenter', [this.#namespace(taskId), process.execPath, tool, ...args]);
    this.#children.push(child);
    return child;
  }

  async #untilReady(child: ChildProcess): Promise<ChildProcess> {
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

  endAll(): Promise<void> {
    return this.end(...this.#children);
  }

  async dns(taskId: string, name: string, type = 'A', transport = 'udp', size = 0): Promise<DnsReply> {
    const outcome = await this.toolIn(taskId, 'dns', '127.0.0.11', name, type, transport, String(size));
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return JSON.parse(outcome.stdout) as DnsReply;
  }

  /** Waits until the repair loop has put something right: ten seconds at most. Returns how long that took. */
  async untilMended(what: string, isMended: () => Promise<boolean>): Promise<number> {
    const begun = performance.now();
    await eventually(what, async () => ((await isMended()) ? true : undefined), mendLimitMs);
    return performance.now() - begun;
  }

  /** The name of the daemon's table, while it is the only one. */
  async table(): Promise<string> {
    return (await this.host.run(nft, ['list', 'tables'])).trim().split(' ').at(-1) ?? '';
  }

  inventory(): Promise<string> {
    return inventoryOf(this.host);
  }

  async destroy(): Promise<void> {
    await this.endAll();
    await this.crash();
    await this.host.destroy();
  }

  #namespace(taskId: string): string {
    return `--net=${this.host.runDir}/netns/${taskId}`;
  }

  #outside(): string {
    return `--net=${join(this.host.folder, 'ns/client')}`;
  }
}

/** What the host's namespace and run directory hold, to be compared. */
const inventoryOf = async (host: LabHost): Promise<string> => {
  const parts = await Promise.all([
    host.run('ip', ['-brief', 'link']),
    host.run('ip', ['-brief', '-4', 'address']),
    host.run('ip', ['route']),
    host.run(nft, ['list', 'ruleset']),
    host.run('sh', ['-c', `ls ${host.runDir}/netns 2>/dev/null; grep -c ${host.runDir} /proc/self/mountinfo; true`]),
  ]);
  return parts.join('\n');
};
