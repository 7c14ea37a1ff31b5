import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogsOptions } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { logFiles } from './log-files.ts';
import { entryAtMs, LineSplitter, type LogEntry, parseLogLine } from './log-format.ts';

const chunkBytes = 64 * 1024;

export interface ReadLogOptions {
  readonly options: LogsOptions;
  readonly signal: AbortSignal;
  /** Whether more may still be written; a follow ends once it answers false and all is read. */
  readonly isLive: () => boolean;
  /** Calls whenever isLive may answer differently. Returns the unsubscribe. */
  readonly onLifeChange: (listener: () => void) => () => void;
}

const openIfThere = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Reads one open file from where it stands to its present end. */
async function* readEntries(file: FileHandle, splitter: LineSplitter, signal: AbortSignal): AsyncGenerator<LogEntry> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
    if (bytesRead === 0 || signal.aborted) return;
    for (const line of splitter.push(Uint8Array.from(buffer.subarray(0, bytesRead)))) {
      const entry = parseLogLine(line);
      if (entry !== undefined) yield entry;
    }
  }
}

/** Tells when the log's folder or the container's life changed, without missing what changed while nobody waited. */
class ChangeSignal {
  readonly #watcher: FSWatcher;
  readonly #unsubscribe: () => void;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(folder: string, { signal, onLifeChange }: ReadLogOptions) {
    const poke = () => {
      this.#changed = true;
      this.#wake?.();
    };
    this.#watcher = watch(folder, poke);
    this.#watcher.on('error', poke);
    this.#unsubscribe = onLifeChange(poke);
    signal.addEventListener('abort', poke, { once: true });
  }

  async next(): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#changed = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#watcher.close();
    this.#unsubscribe();
  }
}

/** The last n lines of what is pushed, without holding a whole log in memory. */
class Tail {
  readonly #count: number;
  #entries: LogEntry[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  push(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#count * 2 + 1_000) this.#entries = [...this.lines()];
  }

  lines(): readonly LogEntry[] {
    return lastLines(this.#entries, this.#count);
  }
}

const matches = (entry: LogEntry, options: LogsOptions): boolean => {
  const atMs = entryAtMs(entry);
  return (options.sinceMs === undefined || atMs >= options.sinceMs) && (options.untilMs === undefined || atMs <= options.untilMs);
};

/** The last n whole lines: entries of a split line count once. */
const lastLines = (entries: readonly LogEntry[], count: number): readonly LogEntry[] => {
  let lines = 0;
  let from = entries.length;
  while (from > 0) {
    const isLineEnd = !entries[from - 1]?.partial || from === entries.length;
    if (isLineEnd && lines === count) break;
    if (isLineEnd) lines += 1;
    from -= 1;
  }
  return entries.slice(from);
};

/** The file that follows an open one in the order of their ages, or undefined when it is the newest. */
const successor = async (file: FileHandle, path: string): Promise<string | undefined> => {
  const { ino } = await file.stat();
  for (;;) {
    const files = await logFiles(path);
    const inodes = await Promise.all(files.map(inodeOf));
    // A rotation in between changes the names: only what held still is believed.
    if ((await logFiles(path)).join() !== files.join()) continue;
    // A file deleted for its age meanwhile: all that is left is newer, and the oldest of it comes next.
    return files[inodes.indexOf(ino) + 1];
  }
};

const inodeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/**
 * The entries of a container's log in order, over its rotated files: what is there, then, when asked to follow, what comes.
 * A rotation meanwhile loses nothing: a file is read to its end before its successor is opened.
 */
export async function* readLog(path: string, reading: ReadLogOptions): AsyncGenerator<LogEntry> {
  const { options, signal } = reading;
  const changes = options.follow ? new ChangeSignal(dirname(path), reading) : undefined;
  const files = new FileSequence(path, signal);
  const tail = options.tail === undefined ? undefined : new Tail(options.tail);
  try {
    for await (const entry of files.entries()) {
      if (!matches(entry, options)) continue;
      if (tail === undefined) yield entry;
      else tail.push(entry);
    }
    if (tail !== undefined) yield* tail.lines();
    while (changes !== undefined && !signal.aborted) {
      const live = reading.isLive();
      for await (const entry of files.entries()) if (matches(entry, options)) yield entry;
      if (!live) return;
      await changes.next();
    }
  } finally {
    changes?.close();
    await files.close();
  }
}

/** Walks from the oldest file to the newest, and stays there for more. */
class FileSequence {
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #splitter = new LineSplitter();
  #current: FileHandle | undefined;

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** What was written since the last call, up to the present end of the newest file. */
  async *entries(): AsyncGenerator<LogEntry> {
    this.#current ??= await this.#oldest();
    while (this.#current !== undefined && !this.#signal.aborted) {
      // Asked before reading: only a file that already has a successor is complete once it is read to its end.
      const next = await successor(this.#current, this.#path);
      yield* readEntries(this.#current, this.#splitter, this.#signal);
      if (next === undefined) return;
      const opened = await openIfThere(next);
      if (opened === undefined) continue;
      await this.#current.close();
      this.#current = opened;
    }
  }

  async close(): Promise<void> {
    await this.#current?.close();
  }

  async #oldest(): Promise<FileHandle | undefined> {
    for (const file of await logFiles(this.#path)) {
      const opened = await openIfThere(file);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }
}
