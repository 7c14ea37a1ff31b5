import { LogStream } from '@tso/proto';

/** One line of a container's output, as conmon writes it. */
export interface LogEntry {
  readonly atSeconds: number;
  readonly atNanos: number;
  readonly stream: LogStream;
  readonly data: Uint8Array;
  /** The line goes on in the next entry (conmon splits long ones). */
  readonly partial: boolean;
}

const space = 0x20;
const newline = 0x0a;
const headFields = 3;
/** Longer than any instant, stream and tag: in what is not such a line nothing is looked for in vain. */
const maxHeadBytes = 64;
/** Far longer than what conmon writes as one line (16 KiB); a file without newlines is damaged. */
const maxLineBytes = 1024 * 1024;

/**
 * One line of the Kubernetes CRI log format: `2026-11-21T03:00:00.123456789+00:00 stdout F text`.
 * undefined for what is not such a line (a torn write after a crash).
 */
export const parseLogLine = (line: Uint8Array): LogEntry | undefined => {
  const ends: number[] = [];
  const head = line.subarray(0, maxHeadBytes);
  for (let from = 0; ends.length < headFields; ) {
    const end = head.indexOf(space, from);
    if (end < 0) return undefined;
    ends.push(end);
    from = end + 1;
  }
  const [timeEnd = 0, streamEnd = 0, tagEnd = 0] = ends;
  const text = (from: number, to: number) => String.fromCharCode(...line.subarray(from, to));
  const time = parseTime(text(0, timeEnd));
  const stream = text(timeEnd + 1, streamEnd);
  if (time === undefined || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
  return {
    ...time,
    stream: stream === 'stdout' ? LogStream.STDOUT : LogStream.STDERR,
    data: line.subarray(tagEnd + 1),
    partial: text(streamEnd + 1, tagEnd) === 'P',
  };
};

const timePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

const parseTime = (text: string): { readonly atSeconds: number; readonly atNanos: number } | undefined => {
  const match = timePattern.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', zone = ''] = match;
  const atMs = Date.parse(`${whole}${zone}`);
  return Number.isNaN(atMs) ? undefined : { atSeconds: atMs / 1_000, atNanos: Number(fraction.padEnd(9, '0')) };
};

/** Epoch milliseconds, rounded down. */
export const entryAtMs = (entry: LogEntry): number => entry.atSeconds * 1_000 + Math.floor(entry.atNanos / 1e6);

/** Cuts a stream of bytes into lines; what has no newline yet waits for more. */
export class LineSplitter {
  #rest: Uint8Array = new Uint8Array(0);

  /** The whole lines that this piece completes, without their newline. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const piece = chunk.subarray(from, end);
      lines.push(this.#rest.length === 0 ? piece : joined(this.#rest, piece));
      this.#rest = new Uint8Array(0);
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    this.#rest = this.#rest.length + rest.length > maxLineBytes ? new Uint8Array(0) : joined(this.#rest, rest);
    return lines;
  }

  /** How much waits for its newline. */
  get waitingBytes(): number {
    return this.#rest.length;
  }

  /** Takes out what waits for its newline: the next line is what comes behind it. */
  take(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest;
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** One line as parseLogLine reads it, newline included. */
export const formatLogLine = (entry: Pick<LogEntry, 'stream' | 'data' | 'partial'> & { readonly atMs: number }): Uint8Array => {
  const stream = entry.stream === LogStream.STDERR ? 'stderr' : 'stdout';
  const head = new TextEncoder().encode(`${new Date(entry.atMs).toISOString()} ${stream} ${entry.partial ? 'P' : 'F'} `);
  return joined(joined(head, entry.data), Uint8Array.of(newline));
};
