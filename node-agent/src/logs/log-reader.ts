import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, type LogPosition, type LogsOptions, TsoError } from '@tso/proto';
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
  #entries: NumberedEntry[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  push(entry: NumberedEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#count * 2 + 1_000) this.#entries = [...this.lines()];
  }

  lines(): readonly NumberedEntry[] {
    return lastLines(this.#entries, this.#count);
  }
}

/** A line with its number among those that bear the same instant. */
export interface NumberedEntry extends LogEntry {
  readonly ordinal: number;
}

/** The entries of a log in order, from its oldest file on, numbered; may be asked again for what came since. */
class NumberedSequence {
  readonly #files: FileSequence;
  #last: NumberedEntry | undefined;

  constructor(path: string, signal: AbortSignal) {
    this.#files = new FileSequence(path, signal);
  }

  async *entries(): AsyncGenerator<NumberedEntry> {
    for await (const entry of this.#files.entries()) {
      const last = this.#last;
      const isSame = last?.atSeconds === entry.atSeconds && last.atNanos === entry.atNanos;
      this.#last = { ...entry, ordinal: isSame ? last.ordinal + 1 : 1 };
      yield this.#last;
    }
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}

const isAt = (entry: NumberedEntry, position: LogPosition): boolean =>
  entry.atSeconds === position.atNsHigh && entry.atNanos === position.atNsLow && entry.ordinal === position.ordinal;

const isLater = (entry: LogEntry, position: LogPosition): boolean =>
  entry.atSeconds > position.atNsHigh || (entry.atSeconds === position.atNsHigh && entry.atNanos > position.atNsLow);

const matches = (entry: LogEntry, options: LogsOptions): boolean => {
  const atMs = entryAtMs(entry);
  // Who goes on behind a line has had all before it, whatever their time: a clock may have been set back.
  if (options.after !== undefined) return options.untilMs === undefined || atMs <= options.untilMs;
  return (options.sinceMs === undefined || atMs >= options.sinceMs) && (options.untilMs === undefined || atMs <= options.untilMs);
};

/** The last n whole lines: entries of a split line count once. */
const lastLines = <T extends LogEntry>(entries: readonly T[], count: number): readonly T[] => {
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

/** What stands behind the line; what is later than it when that line is not there any more. */
async function* behind(
  files: NumberedSequence,
  position: LogPosition,
  again: () => Promise<NumberedSequence>,
): AsyncGenerator<NumberedEntry> {
  let found = false;
  for await (const entry of files.entries()) {
    if (found) yield entry;
    else found = isAt(entry, position);
  }
  if (found) return;
  for await (const entry of (await again()).entries()) if (isLater(entry, position)) yield entry;
}

/**
 * The entries of a container's log in order, over its rotated files: what is there, then, when asked to follow, what comes, until the
 * container has ended or the instant `untilMs` is over. A rotation meanwhile loses nothing and repeats nothing.
 */
export async function* readLog(path: string, reading: ReadLogOptions): AsyncGenerator<NumberedEntry> {
  const { options, signal, clock } = reading;
  const mayCome = (): boolean => reading.isLive() && (options.untilMs === undefined || clock.now() <= options.untilMs);
  const changes = options.follow && mayCome() ? new ChangeSignal(dirname(path), reading) : undefined;
  let files = new NumberedSequence(path, signal);
  const again = async (): Promise<NumberedSequence> => {
    await files.close();
    files = new NumberedSequence(path, signal);
    return files;
  };
  const { after } = options;
  const tail = options.tail === undefined || after !== undefined ? undefined : new Tail(options.tail);
  try {
    for await (const entry of after === undefined ? files.entries() : behind(files, after, again)) {
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
