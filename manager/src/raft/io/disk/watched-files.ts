import { TsoError } from '@tso/proto';
import { diskFailure } from './failures.ts';
import type { Files, OpenFile, OpenMode } from './files.ts';

/** What stands in front of the disk, and is told of its first failure. */
export interface Watch {
  /** Throws what the disk failed with, once it has. */
  check(): void;
  failed(error: TsoError): void;
}

const whatOf = (path: string): string => {
  if (/\.snapshot/.test(path)) return 'writing a snapshot';
  if (/keys\.json/.test(path)) return 'writing the keys';
  return 'writing the log';
};

const readingOf = (path: string): string => whatOf(path).replace('writing', 'reading');

const failing = (watch: Watch, what: string, path: string, error: unknown): TsoError => {
  if (error instanceof TsoError) return error;
  const failure = diskFailure(what, path, error);
  watch.failed(failure);
  return failure;
};

const guard = async <T>(watch: Watch, what: string, path: string, work: () => Promise<T>): Promise<T> => {
  watch.check();
  try {
    return await work();
  } catch (error) {
    throw failing(watch, what, path, error);
  }
};

class WatchedFile implements OpenFile {
  readonly #file: OpenFile;
  readonly #path: string;
  readonly #watch: Watch;
  readonly #what: string;

  constructor(file: OpenFile, path: string, watch: Watch) {
    this.#file = file;
    this.#path = path;
    this.#watch = watch;
    this.#what = whatOf(path);
  }

  append(bytes: Uint8Array): Promise<void> {
    return guard(this.#watch, this.#what, this.#path, () => this.#file.append(bytes));
  }

  datasync(): Promise<void> {
    return guard(this.#watch, this.#what, this.#path, () => this.#file.datasync());
  }

  read(into: Uint8Array, offset: number): Promise<number> {
    return guard(this.#watch, readingOf(this.#path), this.#path, () => this.#file.read(into, offset));
  }

  readSync(into: Uint8Array, offset: number): number {
    try {
      return this.#file.readSync(into, offset);
    } catch (error) {
      throw failing(this.#watch, readingOf(this.#path), this.#path, error);
    }
  }

  size(): Promise<number> {
    return guard(this.#watch, readingOf(this.#path), this.#path, () => this.#file.size());
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * The same files, but the first error of any of them is the last: after a failed sync the kernel may have dropped the dirty pages,
 * and trying again could succeed and still have lost them. RESOURCE_EXHAUSTED: no space left. DATA_LOSS: any other error.
 */
export const watchedFiles = (files: Files, watch: Watch): Files => {
  const guarded = <T>(path: string, work: () => Promise<T>): Promise<T> => guard(watch, whatOf(path), path, work);
  return {
    open: async (path: string, mode: OpenMode) => {
      const what = mode === 'read' ? readingOf(path) : whatOf(path);
      return new WatchedFile(await guard(watch, what, path, () => files.open(path, mode)), path, watch);
    },
    truncate: (path, bytes) => guarded(path, () => files.truncate(path, bytes)),
    rename: (from, to) => guarded(to, () => files.rename(from, to)),
    remove: (path) => guarded(path, () => files.remove(path)),
    list: (directory) => guarded(directory, () => files.list(directory)),
    makeDirectory: (directory) => guarded(directory, () => files.makeDirectory(directory)),
    syncDirectory: (directory) => guarded(directory, () => files.syncDirectory(directory)),
    lock: (directory, patienceMs) => files.lock(directory, patienceMs),
  };
};
