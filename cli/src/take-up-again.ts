import { sentenceOf, TsoError } from '@tso/proto';
import type { Io } from './io.ts';

/** Pauses before a call that broke off is made again, and how long that is tried in vain. */
const againMinMs = 200;
const againMaxMs = 2_000;
const patienceMs = 60_000;

/** Whether the manager that carried the call was lost or gave its office away: another one, or the same later, takes over. */
const mayComeBack = (error: unknown): error is TsoError =>
  error instanceof TsoError && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED');

const pause = (io: Io, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = io.clock.setTimer(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });

/**
 * What a call that goes on for ever answers. One that breaks off is made again, by `call`, which knows what was answered before. Ends as
 * the call ends; UNAVAILABLE at once when nobody could be reached at all, and later once nobody has answered for a minute.
 */
export const takeUpAgain = async function* <T>(
  call: () => AsyncIterable<T>,
  { io, signal }: { readonly io: Io; readonly signal: AbortSignal },
): AsyncGenerator<T> {
  let lostAt: number | undefined;
  let delayMs = againMinMs;
  let isFirst = true;
  for (;;) {
    try {
      for await (const reply of call()) {
        isFirst = false;
        if (lostAt !== undefined) io.stderr.write('It goes on.\n');
        lostAt = undefined;
        delayMs = againMinMs;
        yield reply;
      }
      return;
    } catch (error) {
      if (signal.aborted || !mayComeBack(error)) throw error;
      // What never began is no loss: the place that was named may be the wrong one.
      if (isFirst && error.details.reason === 'unreachable') throw error;
      isFirst = false;
      const now = io.clock.monotonic();
      if (lostAt === undefined) io.stderr.write(`warning: the connection was lost and is made again: ${sentenceOf(error)}\n`);
      lostAt ??= now;
      if (now - lostAt >= patienceMs) throw error;
    }
    await pause(io, delayMs, signal);
    delayMs = Math.min(delayMs * 2, againMaxMs);
  }
};
