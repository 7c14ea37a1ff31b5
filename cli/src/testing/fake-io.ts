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

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still; `ring` calls whoever waits that long. */
export const clockByHand = (): { readonly clock: Clock; ring(delayMs: number): void } => {
  const timers = new Map<number, () => void>();
  const setTimer: Clock['setTimer'] = (delayMs, callback) => {
    timers.set(delayMs, callback);
    return () => timers.delete(delayMs);
  };
  return { clock: { now: () => 0, monotonic: () => 0, setTimer }, ring: (delayMs) => timers.get(delayMs)?.() };
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
    clock: options.clock ?? realClock,
    setRawTerminal: () => undefined,
    onSignal: (signal, callback) => {
      signals.on(signal, callback);
      return () => signals.off(signal, callback);
    },
    raise: (signal) => signals.emit(signal),
  };
};
