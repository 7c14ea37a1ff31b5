import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Lifecycle, Logger } from '@tso/proto';
import type { Membership } from './identity.ts';
import { limits } from './limits.ts';
import { type AgentPaths, managerSocket, managerStateDir } from './paths.ts';

export interface ManagerChildOptions {
  readonly paths: AgentPaths;
  readonly nodeId: string;
  /** Entry file of the manager program. */
  readonly entry: string;
  readonly logLevel: string;
}

/** A smaller nursery than node's own, for its memory at rest; large enough for a plan of thousands of tasks. */
const nodeFlags = ['--max-semi-space-size=4', '--optimize-for-size'];

/** Supervises the manager, a process of its own so that its heartbeats never wait behind an image unpack. */
export class ManagerChild implements Lifecycle {
  readonly #options: ManagerChildOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #membership: Membership | undefined;
  #child: ChildProcess | undefined;
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

  /** Runs the manager with these settings from now on. Resolves when it answers, or after it ended early (it is then started again). */
  async join(membership: Membership): Promise<void> {
    this.#membership = membership;
    if (this.#child === undefined) await this.#spawn(membership);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart();
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const cancel = this.#clock.setTimer(limits.managerStopMs, () => child.kill('SIGKILL'));
    await ended;
    cancel();
  }

  async #spawn(membership: Membership): Promise<void> {
    const { paths, nodeId, entry, logLevel } = this.#options;
    const args = [
      ...nodeFlags,
      entry,
      '--state-dir',
      managerStateDir(paths),
      '--socket',
      managerSocket(paths),
      '--node-id',
      nodeId,
      '--log-level',
      logLevel,
      '--address-pool',
      membership.addressPool,
      '--first-vni',
      String(membership.firstVni),
      '--vxlan-port',
      String(membership.vxlanPort),
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    const startedAt = this.#clock.monotonic();
    await new Promise<void>((resolve) => {
      child.once('message', () => resolve());
      child.once('error', (error) => {
        this.#logger.error({ error: error.message }, 'the manager could not be started');
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        resolve();
        if (!this.#stopping) this.#restartLater(membership, this.#clock.monotonic() - startedAt, { code, signal });
      });
    });
  }

  #restartLater(membership: Membership, livedMs: number, end: { readonly code: number | null; readonly signal: string | null }): void {
    this.#pauseMs =
      livedMs > limits.managerRestartMaxMs ? limits.managerRestartMinMs : Math.min(this.#pauseMs * 2, limits.managerRestartMaxMs);
    this.#logger.error({ ...end, pauseMs: this.#pauseMs }, 'the manager ended unexpectedly and is started again');
    this.#cancelRestart = this.#clock.setTimer(this.#pauseMs, () => void this.#spawn(this.#membership ?? membership));
  }
}
