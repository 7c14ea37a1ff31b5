import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { Clock } from '@tso/proto';
import type { Input, Io, Output, Signal } from '../io.ts';

/** Keeps what was written. */
export class Capture extends EventEmitter implements Output {
  readonly chunks: Buffer[] = [];
  readonly isTTY: boolean | undefined;
  columns: number | undefined;
  rows: number | undefined;

  constructor(terminal?: { readonly columns: number; readonly rows: number }) {
    super();
    this.isTTY = terminal === undefined ? undefined : true;
    this.columns = terminal?.columns;
    this.rows = terminal?.rows;
  }

  write(text: string | Uint8Array): boolean {
    this.chunks.push(Buffer.from(text as string));
    this.emit('written');
    return true;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

export interface FakeIo extends Io {
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Calls who waits for that signal; false when nobody does. */
  raise(signal: Signal): boolean;
}

/** The real time, with delays a hundredfold shorter where a command waits for time to pass. */
const quickClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface FakeIoOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly clock?: Clock;
}

/** A process's surroundings without a process. */
export const fakeIo = (options: FakeIoOptions = {}): FakeIo => {
  const signals = new EventEmitter();
  return {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]) as unknown as Input,
    stdout: new Capture(options.terminal),
    stderr: new Capture(options.terminal),
    env: options.env ?? {},
    cwd: options.cwd ?? '/',
    uid: options.uid ?? 1000,
    clock: options.clock ?? quickClock,
    onSignal: (signal, callback) => {
      signals.on(signal, callback);
      return () => signals.off(signal, callback);
    },
    raise: (signal) => signals.emit(signal),
  };
};
