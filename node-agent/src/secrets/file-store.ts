import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssignmentSet, decode, encode, type FileVersion, type Lifecycle, type Logger, sentenceOf, TsoError } from '@tso/proto';
import { namesIn } from '../durable-file.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { MemoryFolder } from './memory-folder.ts';

export interface FileStorePorts {
  readonly logger: Logger;
  readonly memory: MemoryFolder;
}

/** One file as a task is to see it; ids as the host counts them. */
export interface TaskFile {
  readonly data: Uint8Array;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
}

interface Waiter {
  readonly ids: readonly string[];
  readonly resolve: () => void;
}

/** Ids are names of files here. */
const safeId = /^[a-zA-Z0-9_-]{1,128}$/;

const requireSafe = (id: string): string => {
  if (safeId.test(id)) return id;
  throw new TsoError('INVALID_ARGUMENT', `${JSON.stringify(id)} is not an id`);
};

/**
 * What the secrets and configs hold that tasks of this node name: in memory, and in a file system in memory, from where the next agent has
 * them and containers see them. After a reboot it is empty, and a manager tells everything anew.
 */
export class FileStore implements Lifecycle {
  readonly #ports: FileStorePorts;
  readonly #versions = new Map<string, FileVersion>();
  readonly #waiters = new Set<Waiter>();
  readonly #lock = new KeyedLock();
  readonly #told = Promise.withResolvers<void>();

  constructor(ports: FileStorePorts) {
    this.#ports = ports;
  }

  /** Takes up what a predecessor was told. */
  async start(): Promise<void> {
    if (!(await this.#ports.memory.isThere())) return;
    for (const name of await namesIn(this.#versionsDir)) {
      const path = join(this.#versionsDir, name);
      try {
        if (name.endsWith('.tmp')) await rm(path, { force: true });
        else this.#versions.set(name, decode('FileVersion', await readFile(path)));
      } catch (error) {
        this.#ports.logger.error({ id: name, error: sentenceOf(error) }, 'a kept secret or config cannot be read; a manager tells it anew');
        await rm(path, { force: true });
      }
    }
  }

  /** What is under way has ended then. */
  async stop(): Promise<void> {
    await this.#alone(async () => undefined);
  }

  /** Takes up what a set of assignments says; resolves once the next agent has it as well, or could not be given it. */
  async apply(set: Pick<AssignmentSet, 'baseVersion' | 'files' | 'removedFiles'>): Promise<void> {
    const told = new Set(set.files.map(({ id }) => requireSafe(id)));
    const gone = set.baseVersion === 0 ? [...this.#versions.keys()].filter((id) => !told.has(id)) : set.removedFiles;
    for (const version of set.files) this.#versions.set(version.id, version);
    for (const id of gone) this.#versions.delete(id);
    this.#told.resolve();
    for (const waiter of [...this.#waiters]) if (this.#hasAll(waiter.ids)) waiter.resolve();
    if (set.files.length === 0 && gone.length === 0) return;
    try {
      await this.#alone(async () => {
        for (const version of set.files) await this.#keep(version);
        for (const id of gone) await rm(this.#versionPath(requireSafe(id)), { force: true });
      });
    } catch (error) {
      // Those that are here can be used. An agent that is started anew is told again.
      this.#ports.logger.error({ error: sentenceOf(error) }, 'secrets and configs could not be kept for the next agent');
    }
  }

  /** Undefined: not told yet. */
  version(id: string): FileVersion | undefined {
    return this.#versions.get(id);
  }

  /** Resolves once a manager has told this agent anything. */
  get told(): Promise<void> {
    return this.#told.promise;
  }

  /** Resolves once all of them were told; rejects when the signal is aborted. */
  async arrived(ids: readonly string[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#hasAll(ids)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { ids, resolve };
    const abort = (): void => reject(signal.reason);
    this.#waiters.add(waiter);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Makes the files of a task, in place of those it had. Returns their paths on the host, in the order given. */
  async write(taskId: string, files: readonly TaskFile[]): Promise<readonly string[]> {
    const folder = this.#taskDir(taskId);
    const paths = files.map((_, index) => join(folder, String(index)));
    await this.#alone(async () => {
      await this.#ports.memory.make();
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await Promise.all(files.map((file, index) => writeTaskFile(paths[index] ?? '', file)));
    });
    return paths;
  }

  /** Deletes the files of a task. No error when it has none. */
  async remove(taskId: string): Promise<void> {
    const folder = this.#taskDir(taskId);
    if (!(await this.owners()).includes(taskId)) return;
    await this.#alone(() => rm(folder, { recursive: true, force: true }));
  }

  /** Ids of the tasks that have files here. */
  owners(): Promise<readonly string[]> {
    return namesIn(this.#tasksDir);
  }

  /**
   * One change of the folder at a time, and the folder itself goes with the last thing in it: what is written while it is taken away would
   * come to lie on the disk below.
   */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.run('memory', async () => {
      try {
        return await work();
      } finally {
        await this.#removeIfEmpty();
      }
    });
  }

  async #removeIfEmpty(): Promise<void> {
    const { memory, logger } = this.#ports;
    try {
      if (this.#versions.size > 0 || (await this.owners()).length > 0 || !(await memory.isThere())) return;
      await memory.remove();
    } catch (error) {
      logger.warn(
        { error: sentenceOf(error) },
        'the empty folder for secrets and configs could not be removed; tries again with the next change',
      );
    }
  }

  #hasAll(ids: readonly string[]): boolean {
    return ids.every((id) => this.#versions.has(id));
  }

  async #keep(version: FileVersion): Promise<void> {
    await this.#ports.memory.make();
    await mkdir(this.#versionsDir, { recursive: true, mode: 0o700 });
    const path = this.#versionPath(version.id);
    const file = await open(`${path}.tmp`, 'w', 0o600);
    try {
      await file.writeFile(encode('FileVersion', version));
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
  }

  get #versionsDir(): string {
    return join(this.#ports.memory.path, 'versions');
  }

  get #tasksDir(): string {
    return join(this.#ports.memory.path, 'tasks');
  }

  #versionPath(id: string): string {
    return join(this.#versionsDir, id);
  }

  #taskDir(taskId: string): string {
    return join(this.#tasksDir, requireSafe(taskId));
  }
}

/** Nobody but root can open it before it has its owner, and then its mode. */
const writeTaskFile = async (path: string, { data, uid, gid, mode }: TaskFile): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(data);
    const made = await file.stat();
    if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
    await file.chmod(mode & 0o777);
  } finally {
    await file.close();
  }
};
