import { type LogLine, LogStream } from '@tso/proto';

/** One whole line of one task's output. */
export interface LogEntry {
  readonly taskId: string;
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly node: string;
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, UTC. */
  readonly time: string;
  readonly data: Uint8Array;
}

/** A line that goes on forever is printed in pieces of this size. */
const maxLineBytes = 1024 * 1024;

/** `2026-01-31T10:00:00.123456789Z`. */
export const logTime = (seconds: number, nanoseconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, '0')}Z`;

const entryOf = (line: LogLine, data: Uint8Array): LogEntry => ({
  taskId: line.taskId,
  stack: line.stack,
  service: line.serviceName,
  slot: line.slot,
  node: line.node,
  stream: line.stream === LogStream.STDERR ? 'stderr' : 'stdout',
  time: logTime(line.atNsHigh, line.atNsLow),
  data,
});

const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

interface OpenLine {
  readonly first: LogLine;
  readonly parts: Uint8Array[];
  size: number;
}

/** Puts partial lines together, each task's streams for themselves, so that tasks never mix within a line. */
export class LineJoiner {
  readonly #open = new Map<string, OpenLine>();

  /** The whole line that this piece completes, or undefined. */
  add(line: LogLine): LogEntry | undefined {
    const key = `${line.taskId}/${line.stream}`;
    const open = this.#open.get(key) ?? { first: line, parts: [], size: 0 };
    open.parts.push(line.data);
    open.size += line.data.length;
    if (line.partial && open.size < maxLineBytes) {
      this.#open.set(key, open);
      return undefined;
    }
    this.#open.delete(key);
    return entryOf(open.first, concat(open.parts));
  }

  /** What was begun and never ended. */
  rest(): readonly LogEntry[] {
    const entries = [...this.#open.values()].map(({ first, parts }) => entryOf(first, concat(parts)));
    this.#open.clear();
    return entries;
  }
}

/** `web.1`. */
export const logName = (entry: Pick<LogEntry, 'service' | 'slot' | 'taskId'>): string =>
  entry.slot > 0 ? `${entry.service}.${entry.slot}` : `${entry.service}.${entry.taskId.slice(0, 12)}`;
