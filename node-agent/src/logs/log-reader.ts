import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, type LogsOptions, TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { limits } from '../limits.ts';
import { FileSequence } from './file-sequence.ts';
import { entryAtMs, type LogEntry } from './log-format.ts';

export interface ReadLogOptions {
  readonly options: LogsOptions;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Whether more may still be written; a follow ends once it answers false and all is read. */
  readonly isLive: () => boolean;
  /** Calls whenever isLive may answer differently. Returns the unsubscribe. */
  readonly onLifeChange: (listener: () => void) => () => void;
}

/** Tells when the log's folder or the container's life changed, without missing what changed while nobody waited. */
class ChangeSignal {
  readonly #watcher: FSWatcher | undefined;
  readonly #release: () => void;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(folder: string, { signal, clock, options, onLifeChange }: ReadLogOptions) {
    const poke = (): void => {
      this.#changed = true;
      this.#wake?.();
    };
    this.#watcher = watchFolder(folder, poke);
    const unsubscribe = onLifeChange(poke);
    const untilEndMs = options.untilMs === undefined ? undefined : Math.max(0, options.untilMs - clock.now()) + 1;
    const cancel = untilEndMs === undefined ? undefined : clock.setTimer(Math.min(untilEndMs, limits.longestTimerMs), poke);
    signal.addEventListener('abort', poke, { once: true });
    this.#release = () => {
      unsubscribe();
      cancel?.();
      signal.removeEventListener('abort', poke);
    };
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
    this.#watcher?.close();
    this.#release();
  }
}

/** undefined: the folder is not there, so the task is being forgotten, and its life will say so. */
const watchFolder = (folder: string, onChange: () => void): FSWatcher | undefined => {
  try {
    return watch(folder, onChange).on('error', onChange);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new TsoError('RESOURCE_EXHAUSTED', `the log cannot be followed: ${(error as Error).message}`, {
      hint: 'Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances (sysctl)',
      cause: error,
    });
  }
};

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

/**
 * The entries of a container's log in order, over its rotated files: what is there, then, when asked to follow, what comes, until the
 * container has ended or the instant `untilMs` is over. A rotation meanwhile loses nothing and repeats nothing.
 */
export async function* readLog(path: string, reading: ReadLogOptions): AsyncGenerator<LogEntry> {
  const { options, signal, clock } = reading;
  const mayCome = (): boolean => reading.isLive() && (options.untilMs === undefined || clock.now() <= options.untilMs);
  const changes = options.follow && mayCome() ? new ChangeSignal(dirname(path), reading) : undefined;
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
      // Asked before reading: what was written while it still lived is then read for certain.
      const more = mayCome();
      for await (const entry of files.entries()) if (matches(entry, options)) yield entry;
      if (!more) return;
      await changes.next();
    }
  } finally {
    changes?.close();
    await files.close();
  }
}
