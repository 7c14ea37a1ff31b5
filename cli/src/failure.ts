import { type TsoError, toTsoError } from '@tso/proto';
import { exitCodeOf } from './exit-codes.ts';
import type { Io } from './io.ts';
import { colorsFor } from './output/color.ts';
import { oneLine } from './view-model/task-text.ts';

/** The failure as `--format json` shows it on stderr. */
export const failureDocument = (error: TsoError): object => ({
  error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details },
});

/** One sentence, or two when there is something to do; with a full stop. */
export const failureSentence = (error: TsoError): string => {
  const message = oneLine(error.message).replace(/\.+$/, '');
  return error.hint === undefined ? `${message}.` : `${message}. ${error.hint}`;
};

/** Tells what went wrong on stderr and gives the exit code for it. With TSO_DEBUG set, a bug's stack trace too. */
export const printFailure = (io: Io, thrown: unknown, json: boolean): number => {
  const error = toTsoError(thrown);
  if (json) {
    io.stderr.write(`${JSON.stringify(failureDocument(error))}\n`);
  } else {
    io.stderr.write(`${colorsFor(io.stderr, io.env).red('error:')} ${failureSentence(error)}\n`);
  }
  if (io.env.TSO_DEBUG && thrown instanceof Error) io.stderr.write(`${thrown.stack ?? ''}\n`);
  return exitCodeOf(error);
};

/** Tells on stderr what somebody elsewhere warns of, which must not steer the terminal. */
export const printWarning = (io: Pick<Io, 'stderr'>, warning: string): void => void io.stderr.write(`warning: ${oneLine(warning)}\n`);
