import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { TsoError } from './errors.ts';
import type { Clock } from './ports.ts';

export interface DirectoryLockOptions {
  /** Must be there. */
  readonly directory: string;
  /** Who works in it, for the message to another one: `manager`. */
  readonly holder: string;
  /** What names the directory on a command line, for the hint: `--data-dir`. */
  readonly flag: string;
}

const retryMs = 20;

/**
 * Sees to it that one process at a time works in a directory. The lock is an abstract unix socket named after the directory's
 * device and inode (unix(7)): the kernel gives it back when its holder dies, however it dies, so there is no stale lock to judge.
 * It holds within one network namespace, which the processes that may share a directory share.
 */
export class DirectoryLock {
  readonly #options: DirectoryLockOptions;
  readonly #clock: Clock;
  #server: Server | undefined;

  constructor(options: DirectoryLockOptions, ports: { readonly clock: Clock }) {
    this.#options = options;
    this.#clock = ports.clock;
  }

  /** Waits up to `patienceMs` for a predecessor that is still stopping. FAILED_PRECONDITION: another process has it. */
  async acquire(patienceMs: number): Promise<void> {
    if (this.#server !== undefined) return;
    const { directory, holder, flag } = this.#options;
    const { dev, ino } = await stat(directory);
    const name = `\0tso-state-${dev}-${ino}`;
    const deadline = this.#clock.monotonic() + patienceMs;
    for (;;) {
      this.#server = await listen(name);
      if (this.#server !== undefined) return;
      if (this.#clock.monotonic() >= deadline) {
        throw new TsoError('FAILED_PRECONDITION', `another ${holder} is working in ${directory}`, {
          hint: `Stop it first, or give this one a ${flag} of its own`,
        });
      }
      await new Promise<void>((resolve) => this.#clock.setTimer(retryMs, resolve));
    }
  }

  /** Idempotent. */
  async release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Undefined when the name is taken. */
const listen = (name: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ path: name }, () => {
      // A connection that cannot be accepted (EMFILE) takes nothing from the lock: holding the name is all it does.
      server.on('error', () => undefined);
      server.unref();
      resolve(server);
    });
  });
