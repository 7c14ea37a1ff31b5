import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, LogStream } from '@tso/proto';
import { formatLogLine, LineSplitter, type LogEntry } from './log-format.ts';

/** Longer lines are written in pieces, as conmon does. */
const pieceBytes = 16 * 1024;

/** Adds to the log of a container what something beside its own process says: whole lines, each with the instant at which it came. */
export class LogAppender {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #streams = new Map<LogStream, LineCutter>();
  #lastLine = '';
  /** Lines are written in the order in which they came. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: { readonly path: string }, ports: { readonly clock: Clock }) {
    this.#path = options.path;
    this.#clock = ports.clock;
  }

  /** The last line that was not empty; of a long one its last piece. */
  get lastLine(): string {
    return this.#lastLine;
  }

  /** Resolves once the lines and pieces that this completes are written. */
  push(stream: LogStream, chunk: Uint8Array): Promise<void> {
    const cutter = this.#streams.get(stream) ?? new LineCutter();
    this.#streams.set(stream, cutter);
    return this.#write(stream, cutter.push(chunk));
  }

  /** Completes what has no newline yet. */
  async end(): Promise<void> {
    for (const [stream, cutter] of this.#streams) await this.#write(stream, cutter.end());
  }

  #write(stream: LogStream, pieces: readonly Piece[]): Promise<void> {
    const atMs = this.#clock.now();
    const lines = pieces.map(({ data, partial }) => {
      const said = Buffer.from(data).toString().trim();
      if (said !== '') this.#lastLine = said;
      return formatLogLine({ atMs, stream, data, partial });
    });
    if (lines.length === 0) return this.#writing;
    this.#writing = this.#writing.then(() => this.#append(Buffer.concat(lines)));
    return this.#writing;
  }

  /** By its name each time, which a rotation may have given to a new file. */
  async #append(bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await appendFile(this.#path, bytes, { mode: 0o600 });
  }
}

/** What one entry of the log holds. */
type Piece = Pick<LogEntry, 'data' | 'partial'>;

/** @param isOpen the line goes on behind the last piece */
const piecesOf = (line: Uint8Array, isOpen: boolean): readonly Piece[] => {
  const pieces: Piece[] = [];
  for (let from = 0; from === 0 || from < line.length; from += pieceBytes)
    pieces.push({ data: line.subarray(from, from + pieceBytes), partial: isOpen || from + pieceBytes < line.length });
  return pieces;
};

/** Cuts what one stream says into lines, and a long line as it comes: whoever never ends a line has no more waiting here than a piece. */
class LineCutter {
  readonly #splitter = new LineSplitter();
  /** Pieces of the line that waits were given out already. */
  #isOpen = false;

  push(chunk: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      const lines = this.#splitter.push(chunk.subarray(from, from + pieceBytes));
      pieces.push(...lines.flatMap((line) => piecesOf(line, false)));
      if (lines.length > 0) this.#isOpen = false;
      if (this.#splitter.waitingBytes < pieceBytes) continue;
      pieces.push(...piecesOf(this.#splitter.take(), true));
      this.#isOpen = true;
    }
    return pieces;
  }

  /** The line that waits, as a whole one. */
  end(): readonly Piece[] {
    const rest = this.#splitter.take();
    const pieces = rest.length > 0 || this.#isOpen ? piecesOf(rest, false) : [];
    this.#isOpen = false;
    return pieces;
  }
}
