/** What the pure rooms and the edges ask of the machine. `system.ts` has the real ones, simulations fake ones. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that never go back; only differences mean something. */
  monotonic(): number;
  /** Calls once after the delay; the returned function cancels. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** Uniform in [0, 1). */
  number(): number;
}

export type LogFields = Readonly<Record<string, unknown>>;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Started in listed order, stopped in reverse; both idempotent and bounded in time. */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}
