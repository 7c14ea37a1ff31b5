import { constants, readSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import type { Clock } from '@tso/proto';
import { DirectoryLock } from '@tso/proto/directory-lock';

/** One open file. It stays readable when its name is gone. Errors are those of node:fs, with their `code`. */
export interface OpenFile {
  /**
   * Behind what is there: all bytes or an error. Durable when it resolves, if the file was opened that way. The bytes are the
   * caller's again then.
   */
  append(bytes: Uint8Array): Promise<void>;
  datasync(): Promise<void>;
  /** How many bytes it read: fewer than fit only at the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>;
  readSync(into: Uint8Array, offset: number): number;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** `create` begins an empty file, `create-durable` one whose every append is synced before it resolves. */
export type OpenMode = 'read' | 'create' | 'create-durable';

/** All that this room asks of a file system; what simulations and tests put a faulty one in place of. */
export interface Files {
  open(path: string, mode: OpenMode): Promise<OpenFile>;
  /** Cuts the file, durable. */
  truncate(path: string, bytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error when there is none. */
  remove(path: string): Promise<void>;
  /** Names in the directory; none when it is not there. */
  list(directory: string): Promise<readonly string[]>;
  makeDirectory(directory: string): Promise<void>;
  /** Makes names that were created, renamed or removed in it durable (fsync(2): a file's own sync does not). */
  syncDirectory(directory: string): Promise<void>;
  /** Takes the directory for this process; the function gives it back. FAILED_PRECONDITION: another process has it. */
  lock(directory: string, patienceMs: number): Promise<() => Promise<void>>;
}

const flags: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND,
  // As though fdatasync(2) followed each write (open(2)), for one turn through the thread pool instead of two.
  'create-durable': constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_DSYNC,
};

class RealFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) done += (await this.#handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  readSync(into: Uint8Array, offset: number): number {
    let done = 0;
    while (done < into.length) {
      const bytesRead = readSync(this.#handle.fd, into, done, into.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const withHandle = async (path: string, how: string | number, work: (handle: FileHandle) => Promise<void>): Promise<void> => {
  const handle = await open(path, how);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
};

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** The machine's own file system. */
export const realFiles = (clock: Clock): Files => ({
  open: async (path, mode) => new RealFile(await open(path, flags[mode], 0o600)),
  truncate: (path, bytes) =>
    withHandle(path, 'r+', async (handle) => {
      await handle.truncate(bytes);
      await handle.sync();
    }),
  rename,
  remove: (path) => rm(path, { force: true }),
  list: async (directory) => {
    try {
      return (await stat(directory)).isDirectory() ? await readdir(directory) : [];
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  makeDirectory: async (directory) => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  },
  syncDirectory: (directory) => withHandle(directory, 'r', (handle) => handle.sync()),
  lock: async (directory, patienceMs) => {
    const lock = new DirectoryLock({ directory, holder: 'manager', flag: '--data-dir' }, { clock });
    await lock.acquire(patienceMs);
    return () => lock.release();
  },
});
