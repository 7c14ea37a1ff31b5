import type { FileHandle } from 'node:fs/promises';
import { type LogFile, listLog, openListed } from './log-files.ts';
import { LineSplitter, type LogEntry, parseLogLine } from './log-format.ts';

const chunkBytes = 64 * 1024;

interface Current {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Files of up to this number are older. */
  readonly after: number;
  readonly splitter: LineSplitter;
}

/**
 * The entries of a log from its oldest file to its newest; stays there for more. All files that there are at the start are opened then:
 * rotations delete the oldest, and a reader that is slower than they are would find a gap.
 */
export class FileSequence {
  readonly #path: string;
  readonly #signal: AbortSignal;
  #current: Current | undefined;
  /** Opened at the start and not read yet, oldest first. */
  #ahead: Current[] = [];

  constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** What was written since the last call, up to the present end of the newest file. */
  async *entries(): AsyncGenerator<LogEntry> {
    if (this.#current === undefined) {
      this.#ahead = await this.#openAll();
      this.#current = this.#ahead.shift();
    }
    while (this.#current !== undefined && !this.#signal.aborted) {
      const current = this.#current;
      const ahead = this.#ahead.shift();
      if (ahead !== undefined) {
        // It had a successor when it was opened, so it is complete.
        yield* this.#read(current);
        await current.handle.close();
        this.#current = ahead;
        continue;
      }
      // Asked before reading: only a file that already has a successor is complete once it is read to its end.
      const next = successor(await listLog(this.#path), current);
      yield* this.#read(current);
      if (next === undefined) return;
      const opened = await this.#open((files) => successor(files, current));
      if (opened === undefined) return;
      await current.handle.close();
      this.#current = opened;
    }
  }

  async close(): Promise<void> {
    await this.#current?.handle.close();
    this.#current = undefined;
    for (const { handle } of this.#ahead.splice(0)) await handle.close();
  }

  async #openAll(): Promise<Current[]> {
    for (;;) {
      const opened: Current[] = [];
      const files = await listLog(this.#path);
      for (const file of files) {
        const handle = await openListed(file);
        if (handle === undefined) break;
        opened.push(currentOf(file, handle, files));
      }
      if (opened.length === files.length) return opened;
      for (const { handle } of opened) await handle.close();
    }
  }

  async #open(choose: (files: readonly LogFile[]) => LogFile | undefined): Promise<Current | undefined> {
    for (;;) {
      const files = await listLog(this.#path);
      const file = choose(files);
      if (file === undefined) return undefined;
      const handle = await openListed(file);
      if (handle === undefined) continue;
      return currentOf(file, handle, files);
    }
  }

  async *#read({ handle, splitter }: Current): AsyncGenerator<LogEntry> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0 || this.#signal.aborted) return;
      for (const line of splitter.push(buffer.subarray(0, bytesRead))) {
        const entry = parseLogLine(line);
        if (entry !== undefined) yield entry;
      }
    }
  }
}

const currentOf = (file: LogFile, handle: FileHandle, files: readonly LogFile[]): Current => {
  const numbers = files.map(({ number }) => number).filter((number) => number <= file.number && Number.isFinite(number));
  // A new splitter: a line that a crash tore at the end of one file does not go on in the next.
  return { handle, inode: file.inode, after: numbers.at(-1) ?? 0, splitter: new LineSplitter() };
};

/** The file that follows the open one. When that was deleted for its age, or replaced, what is newer than it comes next, never what is older. */
const successor = (files: readonly LogFile[], current: Current): LogFile | undefined => {
  const index = files.findIndex(({ inode }) => inode === current.inode);
  return index < 0 ? files.find(({ number }) => number > current.after) : files[index + 1];
};
