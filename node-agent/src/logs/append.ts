import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, LogStream } from '@tso/proto';
import { formatLogLine, LineSplitter } from './log-format.ts';

/** Longer lines are written in pieces, as conmon does. */
const pieceBytes = 16 * 1024;

/** Adds to the log of a container what something beside its own process says: whole lines, each with the instant at which it came. */
export class LogAppender {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #splitters = new Map<LogStream, LineSplitter>();
  #lastLine = '';
  /** Lines are written in the order in which they came. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: { readonly path: string }, ports: { readonly clock: Clock }) {
    this.#path = options.path;
    this.#clock = ports.clock;
  }

  /** The last line that was not empty. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** Resolves once the lines that this completes are written. */
  push(stream: LogStream, chunk: Uint8Array): Promise<void> {
    const splitter = this.#splitters.get(stream) ?? new LineSplitter();
    this.#splitters.set(stream, splitter);
    return this.#write(stream, splitter.push(chunk));
  }

  /** Completes what has no newline yet. */
  async end(): Promise<void> {
    for (const [stream, splitter] of this.#splitters)
      await this.#write(
        stream,
        splitter.push(Buffer.from('\n')).filter(({ length }) => length > 0),
      );
  }

  #write(stream: LogStream, lines: readonly Uint8Array[]): Promise<void> {
    const atMs = this.#clock.now();
    const text = lines.map((line) => {
      const said = Buffer.from(line).toString().trim();
      if (said !== '') this.#lastLine = said;
      return formatLine(line, stream, atMs);
    });
    if (text.length === 0) return this.#writing;
    this.#writing = this.#writing.then(() => this.#append(Buffer.concat(text.flat())));
    return this.#writing;
  }

  /** By its name each time, which a rotation may have given to a new file. */
  async #append(bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await appendFile(this.#path, bytes, { mode: 0o600 });
  }
}

const formatLine = (line: Uint8Array, stream: LogStream, atMs: number): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from === 0 || from < line.length; from += pieceBytes) {
    const data = line.subarray(from, from + pieceBytes);
    pieces.push(formatLogLine({ atMs, stream, data, partial: from + pieceBytes < line.length }));
  }
  return pieces;
};
