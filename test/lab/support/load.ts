import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { ClusterLab } from '../hosts/cluster-lab.ts';
import { eventually } from './eventually.ts';
import type { LabHost } from './lab-host.ts';
import type { HeldConnection, LoadOrder, LoadReport, LoadTarget } from './load-client.ts';

/** What a container needs to run the client: Node, the libraries that it loads, and the program. */
export const loadVolumes = [
  `${dirname(process.execPath)}:/load/node:ro`,
  '/usr/lib/x86_64-linux-gnu:/load/lib:ro',
  `${import.meta.dirname}:/load/client:ro`,
];

const program = 'load-client.ts';
const nothing: LoadReport = { answered: {}, bodies: {}, failures: [], failed: 0, slowestMs: 0, slowest: '', held: [], ended: false };

interface Client {
  readonly name: string;
  readonly process: ChildProcess;
  latest: LoadReport;
  errors: string;
  isEnding: boolean;
}

const begin = (name: string, command: string, args: readonly string[], order: LoadOrder): Client => {
  const child = spawn(command, [...args, JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const client: Client = { name, process: child, latest: nothing, errors: '', isEnding: false };
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    const last = lines.at(-1);
    if (last !== undefined && last !== '') client.latest = JSON.parse(last) as LoadReport;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    client.errors += chunk.toString();
  });
  return client;
};

/** Clients that ask a cluster without a pause while things happen to it, in containers, on hosts and outside. */
export class Load {
  readonly #cluster: ClusterLab;
  readonly #clients: Client[] = [];

  constructor(cluster: ClusterLab) {
    this.#cluster = cluster;
  }

  /** From within every container of that service, which has `loadVolumes`. @param on the hosts whose containers are meant */
  async inContainers(stack: string, service: string, order: LoadOrder, on: readonly LabHost[] = this.#cluster.members): Promise<void> {
    for (const { host, pid } of await this.#cluster.running(stack, service)) {
      if (!on.some(({ name }) => name === host)) continue;
      const inside = ['--target', String(pid), '--mount', '--net', '--uts', '--ipc', '--'];
      const run = ['/bin/env', 'LD_LIBRARY_PATH=/load/lib', '/load/node/node', '--no-warnings', `/load/client/${program}`];
      this.#clients.push(begin(`container on ${host}`, 'nsenter', [...inside, ...run], order));
    }
  }

  /** From outside of all hosts. */
  outside(order: LoadOrder): void {
    const { pin } = this.#cluster.lab.wires;
    const run = [`--net=${pin}`, '--', process.execPath, '--no-warnings', join(import.meta.dirname, program)];
    this.#clients.push(begin('outside', 'nsenter', run, order));
  }

  /** From a host itself. */
  onHost(host: LabHost, order: LoadOrder): void {
    const run = [`--net=${join(host.pin, 'net')}`, '--', process.execPath, '--no-warnings', join(import.meta.dirname, program)];
    this.#clients.push(begin(`host ${host.name}`, 'nsenter', run, order));
  }

  /** Requests that were answered, of all clients. */
  get answered(): number {
    return this.#clients.reduce((sum, { latest }) => sum + Object.values(latest.answered).reduce((all, count) => all + count, 0), 0);
  }

  get failed(): number {
    return this.#clients.reduce((sum, { latest }) => sum + latest.failed, 0);
  }

  /** One line for each failure that was kept. */
  get failures(): readonly string[] {
    return this.#clients.flatMap(({ name, latest }) => latest.failures.map((failure) => `${name}: ${failure}`)).toSorted();
  }

  /** The request of all that took longest, for people. */
  get slowest(): string {
    const [first] = this.#clients.toSorted((a, b) => b.latest.slowestMs - a.latest.slowestMs);
    return first === undefined ? 'none' : `${first.name}: ${first.latest.slowest}`;
  }

  /** Requests by client and target. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#clients.flatMap(({ name, latest }) => Object.entries(latest.answered).map(([target, count]) => [`${name}: ${target}`, count])),
    );
  }

  /** Who answered, over all clients and targets. */
  get answerers(): ReadonlySet<string> {
    return new Set(this.#clients.flatMap(({ latest }) => Object.keys(latest.bodies).map((key) => key.split(' ')[1] ?? '')));
  }

  /** Held connections of all clients. */
  get held(): readonly HeldConnection[] {
    return this.#clients.flatMap(({ name, latest }) => latest.held.map((one) => ({ ...one, target: `${name}: ${one.target}` })));
  }

  /** Resolves once so many connections are held and each of them has been used; says of those that are not what became of them. */
  async stands(count: number): Promise<void> {
    await eventually(`each of ${count} connections stands`, () => {
      this.#allGoOn();
      const idle = this.held.filter(({ echoes, endedAtMs }) => echoes === 0 || endedAtMs > 0);
      if (idle.length === 0 && this.held.length === count) return true;
      const each = idle.map(({ target, peer, end }) => `${target} to ${peer || 'nobody'}: ${end || 'nothing comes back'}`);
      throw new Error(`${this.held.length} of ${count} were begun; ${each.join('; ')}`);
    });
  }

  /** Resolves once each connection that is held has been used again; says of those that have not what became of them. */
  async goesOn(): Promise<void> {
    const before = this.held.map(({ echoes }) => echoes);
    await eventually('every connection goes on', () => {
      this.#allGoOn();
      const idle = this.held.filter(({ echoes }, index) => echoes <= (before[index] ?? 0));
      if (idle.length === 0) return true;
      throw new Error(idle.map(({ target, peer, end }) => `${target} to ${peer}: ${end || 'nothing comes back'}`).join('; '));
    });
  }

  #allGoOn(): void {
    for (const { name, process: child, errors, isEnding } of this.#clients)
      if (!isEnding && child.exitCode !== null) throw new Error(`the client ${name} ended with ${child.exitCode}: ${errors}`);
  }

  /** Resolves once each client has had so many more answers of each of its targets. */
  async flows(more = 5): Promise<void> {
    const before = this.counts;
    const asking = this.#clients.filter(({ isEnding }) => !isEnding);
    const targets = asking.flatMap(({ name, process: { spawnargs } }) =>
      (JSON.parse(spawnargs.at(-1) ?? '{}') as LoadOrder).targets.map((target: LoadTarget) => `${name}: ${target.name}`),
    );
    await eventually(`each client has ${more} more answers of each target`, () => {
      this.#allGoOn();
      const lacking = targets.filter((target) => (this.counts[target] ?? 0) < (before[target] ?? 0) + more);
      if (lacking.length > 0) throw new Error(`lacking: ${lacking.join(', ')}; ${this.failures.slice(0, 3).join('; ')}`);
      return true;
    });
  }

  /** Lets what is under way come to its end. What was seen stays to be asked for. @param only the clients of that name; all when left out */
  async stop(only?: string): Promise<void> {
    const ending = this.#clients.filter(({ name }) => only === undefined || name === only);
    await Promise.all(
      ending.map(async (client) => {
        const { process: child, name } = client;
        client.isEnding = true;
        child.stdin?.end();
        await eventually(`the client ${name} has ended`, () => child.exitCode !== null || child.signalCode !== null);
        if (child.exitCode !== 0) throw new Error(`the client ${name} ended with ${child.exitCode ?? child.signalCode}: ${client.errors}`);
      }),
    );
  }

  /** Ends them whatever they do. */
  kill(): void {
    for (const { process: child } of this.#clients) child.kill('SIGKILL');
  }
}
