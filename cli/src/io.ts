import { once } from 'node:events';
import type { Clock } from '@tso/proto';

/** A stream that a command writes to: the process's own, or a test's. */
export interface Output {
  write(text: string | Uint8Array): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Where a command reads from. */
export interface Input extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything that a command sees of the process it runs in. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Numeric id of the user; 0 is root. */
  readonly uid: number;
  readonly clock: Clock;
  /** Hands keys through unseen and output through unchanged, or back to how the terminal was. */
  setRawTerminal(raw: boolean): void;
  /** Calls on each such signal instead of ending the process; the returned function gives it back. */
  onSignal(signal: Signal, callback: () => void): () => void;
}

/** Writes and waits until the reader took it. */
export const writeOut = async (output: Output, text: string | Uint8Array): Promise<void> => {
  if (!output.write(text)) await once(output as unknown as NodeJS.EventEmitter, 'drain');
};

/** Time as it is. */
export const processClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The real process. */
export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  uid: process.getuid?.() ?? -1,
  clock: processClock,
  setRawTerminal: (raw) => {
    process.stdin.setRawMode(raw);
    // Node leaves the translation of newlines on, which throws full-screen programs off: to them a newline means one line down.
    // A host without stty keeps it so. Leaving raw mode restores all of it.
    if (raw) process.getBuiltinModule('node:child_process').spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  },
  onSignal: (signal, callback) => {
    process.on(signal, callback);
    return () => process.off(signal, callback);
  },
});

/** Resolves once all that was written before has left the process: `process.exit` throws away what a slow reader has not taken yet. */
export const flushed = (output: Pick<NodeJS.WritableStream, 'write'>): Promise<void> =>
  new Promise((resolve) => {
    output.write('', () => resolve());
  });
