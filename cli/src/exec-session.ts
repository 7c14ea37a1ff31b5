import { type ErrorCode, type ExecStart, errorCodes, type RelayFrame, type TerminalSize, TsoError } from '@tso/proto';
import type { ControlClient } from './control-client.ts';
import { exitCodes } from './exit-codes.ts';
import { printWarning } from './failure.ts';
import { type Io, type Output, writeOut } from './io.ts';
import { DetachScanner } from './view-model/detach-keys.ts';

const sizeOf = (output: Output): TerminalSize | undefined =>
  output.columns && output.rows ? { columns: output.columns, rows: output.rows } : undefined;

const errorOf = (frame: NonNullable<RelayFrame['error']>): TsoError => {
  const code: ErrorCode = errorCodes.find((known) => known === frame.code) ?? 'INTERNAL';
  return new TsoError(code, frame.message, frame.hint === '' ? {} : { hint: frame.hint });
};

/**
 * Runs a command in a task, with our own standard streams as its, and resolves with its exit code.
 * With a terminal, keys go through unseen and the window's size follows ours; the detach keys leave the command running, exit code 0.
 */
export const runExec = async (control: ControlClient, io: Io, start: ExecStart, detachKeys: readonly number[]): Promise<number> => {
  const { tty, interactive } = start.options;
  const stream = control.exec();
  const cleanups: (() => void)[] = [];
  const send = (frame: RelayFrame): void => {
    // What is sent to a stream that just ended is lost with it; the reading side tells why it ended.
    stream.send({ frame }).catch(() => undefined);
  };
  const size = tty ? sizeOf(io.stdout) : undefined;
  await stream.send({ start: { ...start, options: { ...start.options, ...(size === undefined ? {} : { size }) } } });
  if (tty) {
    const resize = () => {
      const now = sizeOf(io.stdout);
      if (now !== undefined) send({ resize: now });
    };
    io.stdout.on('resize', resize);
    cleanups.push(() => io.stdout.off('resize', resize));
  }
  if (tty && interactive) {
    io.setRawTerminal(true);
    cleanups.push(() => io.setRawTerminal(false));
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) cleanups.push(io.onSignal(signal, () => send({ signal })));
  let ended = false;
  if (interactive) {
    // A stream that cannot be written to has ended; the reading side tells why.
    const scanner = tty ? new DetachScanner(detachKeys) : undefined;
    passInput(io, stream, scanner, () => ended).catch(() => undefined);
    cleanups.push(() => io.stdin.pause());
  }
  try {
    for await (const frame of stream) {
      if (frame.end === true) {
        io.stderr.write('\r\nThe command goes on without this terminal.\r\n');
        return exitCodes.done;
      }
      const code = await show(io, frame);
      if (code !== undefined) return code;
    }
    throw new TsoError('UNAVAILABLE', 'the connection to the command ended before its exit code came');
  } finally {
    ended = true;
    for (const cleanup of cleanups) cleanup();
    stream.end();
    stream.cancel();
  }
};

/** Prints what a frame carries; the exit code when it is the last one. */
const show = async (io: Io, frame: RelayFrame): Promise<number | undefined> => {
  if (frame.stdout) await writeOut(io.stdout, frame.stdout);
  else if (frame.stderr) await writeOut(io.stderr, frame.stderr);
  else if (frame.warning) printWarning(io, frame.warning);
  else if (frame.error) throw errorOf(frame.error);
  else if (typeof frame.exitCode === 'number') return frame.exitCode;
  return undefined;
};

type ExecStream = ReturnType<ControlClient['exec']>;

/** Passes standard input on as fast as the other side takes it, then its end; after the detach keys only that. */
const passInput = async (io: Io, stream: ExecStream, scanner: DetachScanner | undefined, isOver: () => boolean): Promise<void> => {
  for await (const chunk of io.stdin) {
    if (isOver()) return;
    const typed = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
    const { passed, detached } = scanner?.push(typed) ?? { passed: typed, detached: false };
    if (passed.length > 0) await stream.send({ frame: { stdin: passed } });
    if (detached) return stream.send({ frame: { detach: true } });
  }
  const rest = scanner?.rest();
  if (rest !== undefined && rest.length > 0) await stream.send({ frame: { stdin: rest } });
  if (!isOver()) await stream.send({ frame: { stdinEnd: true } });
};
