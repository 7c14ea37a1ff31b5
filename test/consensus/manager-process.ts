import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Control, Managers, RpcChannel, type RpcClient } from '@tso/proto/rpc';
import { within } from './within.ts';

const entry = fileURLToPath(import.meta.resolve('@tso/manager/main'));

/** What a manager is started with, besides what makes it who it is: flag without dashes, value. */
export type Flags = Readonly<Record<string, string | number>>;

export interface ManagerOptions {
  readonly nodeId: string;
  /** Of this manager alone: its state, sockets. */
  readonly folder: string;
  /** The door for other managers: host:port or unix:/path. */
  readonly peerListen: string;
  readonly flags: Flags;
  /** A program that runs another one somewhere else, with its arguments: nsenter --net=FILE --. */
  readonly enter?: readonly string[];
  /** For node itself, such as --cpu-prof. */
  readonly nodeFlags?: readonly string[];
}

interface Report {
  readonly type: 'ready' | 'failed';
  readonly message?: string;
}

/** Runs a program that ends when whoever started it ends, even one that is stopped by a signal. */
export const endsWithParent: readonly string[] = ['setpriv', '--pdeathsig', 'KILL', '--'];

const startWithinMs = 120_000;
const stopWithinMs = 30_000;
const keptOutput = 60_000;

/** One manager as users run it: a process of its own, on a directory of its own, which it keeps from one start to the next. */
export class ManagerProcess {
  readonly options: ManagerOptions;
  #child: ChildProcess | undefined;
  #channel: RpcChannel | undefined;
  #output = '';
  #paused = false;

  constructor(options: ManagerOptions) {
    this.options = options;
  }

  get nodeId(): string {
    return this.options.nodeId;
  }

  get stateDir(): string {
    return join(this.options.folder, 'state');
  }

  /** Where its log and snapshots are. */
  get logDir(): string {
    return join(this.stateDir, 'raft');
  }

  /** Where operators reach it. */
  get target(): string {
    return `unix:${join(this.options.folder, 'api.sock')}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Alive and not stopped by a signal. */
  get running(): boolean {
    return this.alive && !this.#paused;
  }

  /** The end of what it wrote to its log, over all its starts. */
  get output(): string {
    return this.#output;
  }

  get control(): RpcClient<typeof Control> {
    return this.#open().client(Control);
  }

  get managers(): RpcClient<typeof Managers> {
    return this.#open().client(Managers);
  }

  /**
   * Resolves when it says that it is ready.
   * @param more flags of this start alone, such as join
   * @throws Error with its own sentence when it cannot start
   */
  async start(more: Flags = {}, switches: readonly string[] = []): Promise<void> {
    if (this.alive) throw new Error(`${this.nodeId} runs already`);
    const { folder, nodeId, peerListen, flags, enter = [], nodeFlags = [] } = this.options;
    await mkdir(this.stateDir, { recursive: true, mode: 0o700 });
    const named = { 'state-dir': this.stateDir, socket: join(folder, 'api.sock'), 'node-id': nodeId, 'peer-listen': peerListen };
    const args = Object.entries({ ...named, ...flags, ...more }).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const [program = process.execPath, ...prefix] = [...endsWithParent, ...enter, process.execPath];
    const child = fork(entry, [...args, ...switches], {
      execPath: program,
      execArgv: [...prefix, ...nodeFlags],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: folder,
    });
    this.#child = child;
    this.#paused = false;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-keptOutput);
    });
    const report = await within(startWithinMs, `${nodeId} to start`, firstReport(child));
    if (report.type === 'ready') return;
    if (this.alive) await within(stopWithinMs, `${nodeId} to end after its failed start`, once(child, 'exit'));
    throw new Error(report.message ?? 'it failed without a word');
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM: the leader hands over first. Its exit code. */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child?.exitCode ?? null;
  }

  /** SIGSTOP: it neither runs nor closes its connections. */
  pause(): void {
    this.#paused = true;
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
    this.#paused = false;
  }

  #open(): RpcChannel {
    this.#channel ??= new RpcChannel(this.target);
    return this.#channel;
  }

  /** Resolves with the exit code when it ends by itself. */
  async ended(withinMs: number): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && this.alive) await within(withinMs, `${this.nodeId} to end`, once(child, 'exit'));
    return child?.exitCode ?? null;
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#channel?.close();
    this.#channel = undefined;
    if (child === undefined || !this.alive) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    if (this.#paused && signal === 'SIGTERM') child.kill('SIGCONT');
    this.#paused = false;
    await within(stopWithinMs, `${this.nodeId} to end by ${signal}`, gone);
    // A socket that nobody listens on would be refused all the same; without its file that shows at once.
    if (signal === 'SIGKILL') rmSync(join(this.options.folder, 'api.sock'), { force: true });
  }
}

const firstReport = async (child: ChildProcess): Promise<Report> => {
  const ended = Promise.withResolvers<Report>();
  child.once('exit', (code, signal) => ended.resolve({ type: 'failed', message: `it ended with ${code ?? signal} before it was ready` }));
  child.once('error', (error) => ended.resolve({ type: 'failed', message: error.message }));
  child.on('message', (message) => ended.resolve(message as Report));
  return await ended.promise;
};
