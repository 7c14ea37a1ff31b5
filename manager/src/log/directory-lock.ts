import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { type Clock, TsoError } from '@tso/proto';

const retryMs = 20;

/**
 * Sees to it that one process at a time works in a directory. The lock is an abstract unix socket named after the directory's
 * device and inode (unix(7)): the kernel gives it back when its holder dies, however it dies, so there is no stale lock to judge.
 * It holds within one network namespace, which the managers of one state directory share.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #clock: Clock;
  #server: Server | undefined;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Waits up to `patienceMs` for a predecessor that is still stopping. FAILED_PRECONDITION: another process has it. */
  async acquire(patienceMs: number): Promise<void> {
    const { dev, ino } = await stat(this.#directory);
    const name = `\0tso-state-${dev}-${ino}`;
    const deadline = this.#clock.monotonic() + patienceMs;
    for (;;) {
      this.#server = await listen(name);
      if (this.#server !== undefined) return;
      if (this.#clock.monotonic() >= deadline) {
        throw new TsoError('FAILED_PRECONDITION', `another manager is working in ${this.#directory}`, {
          hint: 'Stop it first, or give this one a --data-dir of its own',
        });
      }
      await new Promise<void>((resolve) => this.#clock.setTimer(retryMs, resolve));
    }
  }

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
      server.unref();
      resolve(server);
    });
  });
