import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';
import { hasTmpfsAt } from '../mountinfo.ts';

/** What a folder in memory needs of its host. */
export interface MemoryMounts {
  isMounted(path: string): Promise<boolean>;
  mount(path: string): Promise<void>;
  unmount(path: string): Promise<void>;
}

/** Programs are not forbidden here: that is said where a file is mounted in a container. */
const mountOptions = 'nosuid,nodev,mode=0700';

const mountTmpfs = async (path: string): Promise<void> => {
  const mount = (options: string): Promise<unknown> => runCommand('mount', ['-t', 'tmpfs', '-o', options, 'tso-memory', path]);
  try {
    // noswap: since Linux 6.4. Elsewhere what is in memory may be swapped out, which docs/secrets.md says.
    await mount(`${mountOptions},noswap`);
  } catch (error) {
    if (!(error instanceof TsoError) || error.code !== 'INTERNAL') throw error;
    await mount(mountOptions);
  }
};

/** Mounts of this host. */
export const hostMemoryMounts: MemoryMounts = {
  isMounted: async (path) => hasTmpfsAt(await readFile('/proc/self/mountinfo', 'utf8'), path),
  mount: mountTmpfs,
  unmount: async (path) => {
    await runCommand('umount', [path]);
  },
};

/** A folder that lies in memory, whatever the run directory lies on: nothing in it ever reaches a disk. Made when it is first needed. */
export class MemoryFolder {
  readonly path: string;
  readonly #mounts: MemoryMounts;
  #making: Promise<void> | undefined;

  constructor(options: { readonly path: string }, ports: { readonly mounts: MemoryMounts }) {
    this.path = options.path;
    this.#mounts = ports.mounts;
  }

  /** Whether it is there, of a predecessor perhaps. */
  isThere(): Promise<boolean> {
    return this.#mounts.isMounted(this.path);
  }

  /** Looked at each time: what took it away meanwhile must not bring secrets to a disk. FAILED_PRECONDITION: the host has no memory to give. */
  make(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  /** Takes it away with all that is in it. No error when it is not there. */
  async remove(): Promise<void> {
    if (await this.isThere()) await this.#mounts.unmount(this.path);
    try {
      await rmdir(this.path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #make(): Promise<void> {
    if (await this.isThere()) return;
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    try {
      await this.#mounts.mount(this.path);
    } catch (cause) {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `no memory could be had for secrets and configs at ${this.path}: ${(cause as Error).message}`,
        {
          hint: 'They are never put on a disk: see why this host cannot mount a tmpfs',
          cause,
        },
      );
    }
  }
}
