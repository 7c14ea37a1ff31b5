import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';
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
  /** What runs it. @default the program that runs this */
  readonly program?: string;
}

/** How a child ended, or why it never began. */
interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

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

  async #spawn(membership: Membership): Promise<void> {
    const startedAt = this.#clock.monotonic();
    const child = spawn(this.#options.program ?? process.execPath, this.#args(membership), {
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
    const ready = new Promise<void>((resolve) => child.once('message', () => resolve()));
    try {
      await patiently(
        Promise.race([ready, this.#ended]),
        { what: 'the start of the manager', limitMs: limits.managerStartMs },
        this.#clock,
      );
    } catch (error) {
      this.#logger.warn({ error: sentenceOf(error), pid: child.pid }, 'the manager is not ready yet; goes on without it');
    }
  }

  #args(membership: Membership): readonly string[] {
    const { paths, nodeId, entry, logLevel } = this.#options;
    return [
      entry,
      ...['--state-dir', managerStateDir(paths)],
      ...['--socket', managerSocket(paths)],
      ...['--node-id', nodeId],
      ...['--log-level', logLevel],
      ...['--address-pool', membership.addressPool],
      ...['--first-vni', String(membership.firstVni)],
      ...['--vxlan-port', String(membership.vxlanPort)],
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
