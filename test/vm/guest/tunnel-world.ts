import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Endpoint, NetworkAssignment, TunnelPeer } from '@tso/proto';
import { eventually, succeed } from './host.ts';
import { TunnelHost } from './tunnel-host.ts';

export interface TunnelKey {
  readonly publicKey: string;
  readonly port: number;
  readonly generation: number;
}

export interface TunnelTimes {
  readonly rotationMs: number;
  readonly graceMs: number;
  readonly keepaliveS: number;
}

/** One task on each host and network. */
export interface TunnelTask {
  readonly id: string;
  readonly host: string;
  readonly network: string;
  readonly address: string;
}

/** Starts traffic.ts. */
const traffic = [process.execPath, '/opt/tso/traffic.mjs'] as const;

/** Agents are programs of Node.js, which is slow in a guest whose machine has other work. */
const rotationLooks = { limitMs: 150_000, everyMs: 1_000 };

/** VNIs of the two networks. */
export const vnis = { sealed: 4097, plain: 4098 } as const;
const macOf = (address: string): string =>
  ['02', '42', ...address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');

export { macOf };

/** Three hosts on one wire, and who tells them what a manager would: which networks there are, who is on them, and each other's keys. */
export class TunnelWorld {
  readonly hosts: readonly TunnelHost[];
  readonly tasks: readonly TunnelTask[];
  readonly #namespaces = new Map<string, string>();
  readonly #servers: ChildProcess[] = [];
  /** What each host told last. */
  readonly #keys = new Map<string, TunnelKey | undefined>();
  #telling: Promise<void> = Promise.resolve();

  /** @param times of the first host, and of the others */
  constructor(times: readonly TunnelTimes[]) {
    this.hosts = ['h1', 'h2', 'h3'].map(
      (name, index) =>
        new TunnelHost(
          { name, address: `10.77.0.${11 + index}`, times: times[index] ?? (times[0] as TunnelTimes) },
          () => void this.tellKeys(),
        ),
    );
    const sealed = this.hosts.map(({ name }, index) => ({
      id: `sealed-${name}`,
      host: name,
      network: 'sealed',
      address: `10.32.1.${10 + index}`,
    }));
    const plain = ['h1', 'h3'].map((host, index) => ({ id: `plain-${host}`, host, network: 'plain', address: `10.32.2.${10 + index}` }));
    this.tasks = [...sealed, ...plain];
  }

  tunnelAddress(host: string): string {
    return `10.47.240.${this.hosts.findIndex(({ name }) => name === host) + 1}`;
  }

  host(name: string): TunnelHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`there is no host ${name}`);
    return found;
  }

  async makeWire(): Promise<void> {
    // Of all namespaces: as much as the traffic program asks for.
    writeFileSync('/proc/sys/net/core/rmem_max', String(8 << 20));
    await succeed('ip', ['netns', 'add', 'wire']);
    await succeed('ip', ['-n', 'wire', 'link', 'add', 'br0', 'type', 'bridge']);
    await succeed('ip', ['-n', 'wire', 'link', 'set', 'br0', 'up']);
    for (const host of this.hosts) await host.make();
  }

  networksOf(host: TunnelHost): readonly NetworkAssignment[] {
    const names = [...new Set(this.tasks.filter((task) => task.host === host.name).map(({ network }) => network))];
    return names.map((name) => this.#network(name));
  }

  #network(name: string): NetworkAssignment {
    const sealed = name === 'sealed';
    return {
      id: name,
      name,
      vni: sealed ? vnis.sealed : vnis.plain,
      subnet: sealed ? '10.32.1.0/24' : '10.32.2.0/24',
      gateway: sealed ? '10.32.1.1' : '10.32.2.1',
      internal: false,
      endpoints: this.tasks.filter((task) => task.network === name).map((task) => this.#endpoint(task)),
      driver: 'overlay',
      subnet6: '',
      gateway6: '',
      driverOpts: sealed ? { encrypted: 'true' } : {},
      services: [],
      hosts: [],
      ingress: false,
    };
  }

  #endpoint({ id, host, network, address }: TunnelTask): Endpoint {
    return {
      taskId: id,
      serviceName: network,
      stack: '',
      slot: 1,
      address,
      mac: macOf(address),
      nodeId: host,
      vtep: network === 'sealed' ? this.tunnelAddress(host) : this.host(host).address,
      names: [],
      serving: true,
      address6: '',
      serviceId: network,
    };
  }

  async tellNetworks(host: TunnelHost): Promise<void> {
    await host.call('setNetworks', this.networksOf(host));
    const tasks = this.tasks.filter((task) => task.host === host.name).map(({ id }) => id);
    await host.call('collectGarbage', tasks);
    // With this a new agent knows all, and its rules take the place of its predecessor's.
    await host.call('publish', []);
  }

  /** Everyone's newest key to everyone else, as the manager spreads them: of a host without an agent it knows what that told last. */
  tellKeys(): Promise<void> {
    const turn = this.#telling.then(async () => {
      const ready = this.hosts.filter(({ isReady }) => isReady);
      await Promise.all(ready.map(async (host) => this.#keys.set(host.name, await host.key())));
      await Promise.all(
        ready.map((host) => host.call('setTunnels', { address: this.tunnelAddress(host.name), peers: this.#peersOf(host) })),
      );
    });
    // A host that is just being killed hears it from who starts it again.
    this.#telling = turn.catch(() => undefined);
    return this.#telling;
  }

  #peersOf(own: TunnelHost): readonly TunnelPeer[] {
    return this.hosts.flatMap((host) => {
      const key = this.#keys.get(host.name);
      return host === own || key === undefined
        ? []
        : [{ nodeId: host.name, tunnelAddress: this.tunnelAddress(host.name), endpoint: host.address, ...key }];
    });
  }

  async attach(task: TunnelTask): Promise<void> {
    const allocation = { networkId: task.network, address: task.address, mac: macOf(task.address), aliases: [], address6: '' };
    const plan = {
      taskId: task.id,
      ownNamespace: true,
      attachments: [allocation],
      networkOf: '',
      pidOf: '',
      serviceLabels: {},
      ipcOf: '',
      files: [],
      jobIteration: 0,
      links: [],
      stack: '',
      serviceName: task.network,
      sysctls: {},
    };
    this.#namespaces.set(task.id, String(await this.host(task.host).call('attach', plan)));
  }

  /** Starts the traffic program in the namespace of a task; see traffic.ts. */
  traffic(task: string, ...args: readonly string[]): ChildProcess {
    return spawn('nsenter', [`--net=${this.#namespaces.get(task)}`, ...traffic, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** The same in the namespace of a host, to its end. */
  onHost(host: string, ...args: readonly string[]): Promise<string> {
    return this.host(host).in(...traffic, ...args);
  }

  async serve(task: string): Promise<void> {
    const server = this.traffic(task, 'serve');
    this.#servers.push(server);
    await once(createInterface({ input: server.stdout as Readable }), 'line');
  }

  /** What the traffic program prints at its end. */
  async ask<T>(task: string, ...args: readonly string[]): Promise<T> {
    return answerOf<T>(this.traffic(task, ...args));
  }

  /** Generations of the tunnels of each host. Looked for in the kernel: whoever asks an agent for its key has been told of it. */
  async generations(): Promise<readonly (readonly number[])[]> {
    return Promise.all(this.hosts.map(async (host) => (await host.tunnels()).map(generationOf)));
  }

  /** The newest generation of them all. */
  async newest(): Promise<number> {
    return Math.max(...(await this.generations()).flat());
  }

  /** Until a host has a tunnel of this generation or a newer one. */
  begun(generation: number): Promise<void> {
    return this.#until(`a tunnel of generation ${generation}`, (all) => all.some((one) => one.some((it) => it >= generation)));
  }

  /** Until the tunnels of every host are of this generation or a newer one. */
  settled(generation: number): Promise<void> {
    const what = `the tunnels of each host are of generation ${generation} or newer`;
    return this.#until(what, (all) => all.every((one) => one.length > 0 && one.every((it) => it >= generation)));
  }

  async #until(what: string, isSo: (generations: readonly (readonly number[])[]) => boolean): Promise<void> {
    let seen: unknown;
    await eventually(
      what,
      async () => {
        const all = await this.generations();
        seen = all;
        return isSo(all) || undefined;
      },
      () => seen,
      rotationLooks,
    );
  }

  /** Ends what runs; the namespaces go with the machine. */
  async end(): Promise<void> {
    for (const server of this.#servers) server.kill('SIGKILL');
    await Promise.all(this.hosts.map((host) => host.kill()));
  }
}

/** `tsow`, six characters of the daemon's, and the generation in base 36. */
const generationOf = (device: string): number => Number.parseInt(device.slice(10), 36);

/** What a program printed last, once it has ended. */
export const answerOf = async <T>(program: ChildProcess): Promise<T> => {
  let text = '';
  program.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(program, 'close');
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as T;
};
