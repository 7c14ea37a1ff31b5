import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, type Lifecycle, type Logger, sentenceOf, TsoError } from '@tso/proto';
import type { Membership } from './identity.ts';
import { limits } from './limits.ts';
import { type AgentPaths, managerSocket, managerStateDir } from './paths.ts';
import { patiently } from './task/patience.ts';

export interface ManagerChildOptions {
  readonly paths: AgentPaths;
  readonly nodeId: string;
  /** Entry file of the manager program. */
  readonly entry: string;
  readonly logLevel: string;
  /** Further flags for it. */
  readonly flags?: readonly string[];
  /** What runs it. @default the program that runs this */
  readonly program?: string;
}

/** How a child ended, or why it never began. */
interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

/** What a manager says that could not start (`{ type: 'failed', message }`); undefined for one that is ready. */
const failureIn = (message: unknown): string | undefined => {
  if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'failed') return undefined;
  return 'message' in message && typeof message.message === 'string' ? message.message : 'it did not say why';
};

/** Supervises the manager, a process of its own so that its heartbeats never wait behind an image unpack. */
export class ManagerChild implements Lifecycle {
  readonly #options: ManagerChildOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #membership: Membership | undefined;
  #child: ChildProcess | undefined;
  /** Resolves when `#child` has ended. */
  #ended: Promise<End> = Promise.resolve({ code: null, signal: null });
  #stopping = false;
  #pauseMs: number = limits.managerRestartMinMs;
  #cancelRestart: () => void = () => undefined;

  constructor(options: ManagerChildOptions, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#options = options;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Nothing runs before join(). */
  async start(): Promise<void> {
    this.#stopping = false;
  }

  /**
   * Runs the manager with these settings from now on. Resolves when it answers, when it ended early (it is then started again), or
   * when it has taken longer than `managerStartMs`.
   */
  async join(membership: Membership): Promise<void> {
    this.#membership = membership;
    if (this.#child === undefined && !this.#stopping) await this.#spawn(membership);
  }

  /**
   * Ends the manager and starts it with the order to begin a new cluster of what it has on disk; only this once. Its own words when it
   * cannot: it is then started again as it was.
   */
  async forceNewCluster(): Promise<void> {
    const membership = this.#membership;
    if (membership === undefined) throw new TsoError('FAILED_PRECONDITION', 'this node runs no manager that could begin a new cluster');
    await this.stop();
    this.#stopping = false;
    const answer = await this.#spawn(membership, ['--force-new-cluster']);
    if (answer !== undefined) throw new TsoError('FAILED_PRECONDITION', `no new cluster was made: ${answer}`);
  }

  /** Bounded by `managerStopMs`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart();
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const cancel = this.#clock.setTimer(limits.managerStopMs, () => child.kill('SIGKILL'));
    await this.#ended;
    cancel();
  }

  /** What kept it from starting, in its own words; undefined when it is ready, or takes long. */
  async #spawn(membership: Membership, orders: readonly string[] = []): Promise<string | undefined> {
    const startedAt = this.#clock.monotonic();
    const child = spawn(this.#options.program ?? process.execPath, [...this.#args(membership), ...orders], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#ended = new Promise<End>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      // Without a pid it never began, and no exit follows. An error later on (a signal that could not be sent) ends nothing.
      child.on('error', (error) => child.pid === undefined && resolve({ code: null, signal: null, error: error.message }));
    });
    void this.#ended.then((end) => {
      this.#child = undefined;
      if (!this.#stopping) this.#restartLater(this.#clock.monotonic() - startedAt, end);
    });
    const answered = new Promise<string | undefined>((resolve) => child.once('message', (message) => resolve(failureIn(message))));
    const ended = this.#ended.then(({ code, signal, error }) => error ?? `it ended with ${signal ?? `exit code ${code}`}`);
    try {
      return await patiently(
        Promise.race([answered, ended]),
        { what: 'the start of the manager', limitMs: limits.managerStartMs },
        this.#clock,
      );
    } catch (error) {
      this.#logger.warn({ error: sentenceOf(error), pid: child.pid }, 'the manager is not ready yet; goes on without it');
      return undefined;
    }
  }

  #args(membership: Membership): readonly string[] {
    const { paths, nodeId, entry, logLevel, flags = [] } = this.#options;
    return [
      entry,
      ...['--state-dir', managerStateDir(paths)],
      ...['--socket', managerSocket(paths)],
      ...['--node-id', nodeId],
      ...['--log-level', logLevel],
      ...['--address-pool', membership.addressPool],
      ...['--first-vni', String(membership.firstVni)],
      ...['--vxlan-port', String(membership.vxlanPort)],
      ...flags,
    ];
  }

  #restartLater(livedMs: number, end: End): void {
    const membership = this.#membership;
    if (membership === undefined) return;
    this.#pauseMs =
      livedMs > limits.managerRestartMaxMs ? limits.managerRestartMinMs : Math.min(this.#pauseMs * 2, limits.managerRestartMaxMs);
    this.#logger.error({ ...end, pauseMs: this.#pauseMs }, 'the manager ended unexpectedly and is started again');
    this.#cancelRestart = this.#clock.setTimer(this.#pauseMs, () => void this.#spawn(this.#membership ?? membership));
  }
}
