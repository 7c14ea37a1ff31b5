import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { succeed } from './host.ts';
import { step } from './report.ts';
import type { TunnelKey, TunnelTimes } from './tunnel-world.ts';

const networksProgram = '/opt/tso/networks.mjs';

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string; readonly code?: string };

/** What the networks of a host refused to do. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A host: a network namespace with an interface on the wire, and the networks of an agent in it. */
export class TunnelHost {
  readonly name: string;
  readonly address: string;
  readonly #times: TunnelTimes;
  readonly #onKey: () => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #daemon: ChildProcess | undefined;
  #calls = 0;
  #isReady = false;
  /** The last lines that it logged, for when a call is not answered. */
  #log: readonly string[] = [];

  constructor(options: { readonly name: string; readonly address: string; readonly times: TunnelTimes }, onKey: () => void) {
    this.name = options.name;
    this.address = options.address;
    this.#times = options.times;
    this.#onKey = onKey;
  }

  get runDir(): string {
    return `/run/hosts/${this.name}`;
  }

  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** The namespace, on the bridge of the wire. */
  async make(): Promise<void> {
    mkdirSync(this.runDir, { recursive: true, mode: 0o700 });
    await succeed('ip', ['netns', 'add', this.name]);
    await succeed('ip', ['link', 'add', this.name, 'netns', 'wire', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name]);
    await succeed('ip', ['-n', 'wire', 'link', 'set', this.name, 'master', 'br0', 'up']);
    await succeed('ip', ['-n', this.name, 'address', 'add', `${this.address}/24`, 'dev', 'eth0']);
    await succeed('ip', ['-n', this.name, 'link', 'set', 'eth0', 'up']);
    await succeed('ip', ['-n', this.name, 'link', 'set', 'lo', 'up']);
  }

  /** A program with the host's network; see nsenter(1). */
  in(...command: readonly string[]): Promise<string> {
    return succeed('nsenter', [`--net=/run/netns/${this.name}`, ...command]);
  }

  /** Whether its agent has begun: before that nobody may ask or tell it anything, since it does not know yet what its predecessor had. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Its agent begins, or begins again. */
  async begin(): Promise<void> {
    this.#start();
    await this.call('start');
    await this.call('configure', { clusterId: 'c', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: this.address });
    this.#isReady = true;
  }

  #start(): void {
    const args = [networksProgram, this.runDir, this.name, '/etc/resolv.conf', JSON.stringify(this.#times)];
    const daemon = spawn('nsenter', [`--net=/run/netns/${this.name}`, process.execPath, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#daemon = daemon;
    createInterface({ input: daemon.stdout as Readable }).on('line', (line) => this.#hear(line));
    createInterface({ input: daemon.stderr as Readable }).on('line', (line) => {
      this.#log = [...this.#log.slice(-8), line];
    });
    // It was killed: its calls are answered by nobody.
    daemon.stdin?.on('error', () => undefined);
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#isReady = false;
    const ended = new Promise((resolve) => daemon.once('close', resolve));
    daemon.kill('SIGKILL');
    await ended;
    const unanswered = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of unanswered) answer({ id: 0, error: `${this.name} was killed` });
  }

  /** A method of the agent's port `Networks`. Rejects with a Refusal. */
  call(...call: readonly unknown[]): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} did not answer ${String(call[0])}: ${this.#log.join('\n')}`)), 60_000);
      this.#waiting.set(id, ({ value, error, code }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(value);
        else reject(new Refusal(code ?? '', error));
      });
      this.#daemon?.stdin?.write(`${JSON.stringify({ id, call })}\n`);
    });
  }

  async key(): Promise<TunnelKey | undefined> {
    return (await this.call('tunnelKey')) as TunnelKey | undefined;
  }

  /** Names of its WireGuard devices. */
  async tunnels(): Promise<readonly string[]> {
    const text = await this.in('wg', 'show', 'interfaces');
    return text.split(/\s+/).filter((name) => name !== '');
  }

  #hear(line: string): void {
    const answer = JSON.parse(line) as Answer & { readonly tunnelKeyChanged?: boolean };
    if (answer.tunnelKeyChanged === true) {
      step(`${this.name} has another key`);
      this.#onKey();
      return;
    }
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}
