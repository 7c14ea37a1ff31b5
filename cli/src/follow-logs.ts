import { type LogPosition, type LogsReply, type LogsRequest, sentenceOf, TsoError } from '@tso/proto';
import type { ControlClient } from './control-client.ts';
import type { Io } from './io.ts';

/** Pauses before a call that broke off is made again, and how long that is tried in vain. */
const againMinMs = 200;
const againMaxMs = 2_000;
const patienceMs = 60_000;

/** Whether the manager that carried the call was lost or gave its office away: another one, or the same later, takes over. */
const mayComeBack = (error: unknown): error is TsoError =>
  error instanceof TsoError && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED');

/** The request as it is made again: behind the last line of each task that was heard. */
const continued = (request: LogsRequest, seen: ReadonlyMap<string, LogPosition>, calledAtMs: number): LogsRequest => {
  const { tail, ...options } = request.options;
  // Of a task that has said nothing yet, the last lines must not be cut again to those of now: what it said since the call is wanted.
  const since = tail === undefined ? {} : { sinceMs: Math.max(options.sinceMs ?? 0, calledAtMs) };
  return { ...request, options: { ...options, ...since }, seen: [...seen].map(([taskId, position]) => ({ taskId, position })) };
};

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
 * The replies of `Logs`. A followed call that breaks off after it had begun is made again, and goes on behind the last line of each task:
 * none twice, none lost that the files still have. It ends as the call ends; UNAVAILABLE once nobody has answered for a minute.
 */
export const followLogs = async function* (
  control: Pick<ControlClient, 'logs'>,
  request: LogsRequest,
  io: Io,
  signal: AbortSignal,
): AsyncGenerator<LogsReply> {
  const seen = new Map<string, LogPosition>();
  const calledAtMs = io.clock.now();
  let wish = request;
  let lostAt: number | undefined;
  let delayMs = againMinMs;
  for (;;) {
    try {
      for await (const reply of control.logs(wish, { signal })) {
        if (lostAt !== undefined) io.stderr.write('The lines go on.\n');
        lostAt = undefined;
        delayMs = againMinMs;
        const { line } = reply;
        if (line !== undefined) seen.set(line.taskId, { atNsHigh: line.atNsHigh, atNsLow: line.atNsLow, ordinal: line.ordinal });
        yield reply;
      }
      return;
    } catch (error) {
      if (signal.aborted || !request.options.follow || !mayComeBack(error)) throw error;
      const now = io.clock.monotonic();
      if (lostAt === undefined) io.stderr.write(`warning: the connection was lost and is made again: ${sentenceOf(error)}\n`);
      lostAt ??= now;
      if (now - lostAt >= patienceMs) throw error;
    }
    await pause(io, delayMs, signal);
    delayMs = Math.min(delayMs * 2, againMaxMs);
    wish = continued(request, seen, calledAtMs);
  }
};
