import type { LogPosition, LogsReply, LogsRequest } from '@tso/proto';
import type { ControlClient } from './control-client.ts';
import type { Io } from './io.ts';
import { takeUpAgain } from './take-up-again.ts';

/** The request as it is made again: behind the last line of each task that was heard. */
const continued = (request: LogsRequest, seen: ReadonlyMap<string, LogPosition>, calledAtMs: number): LogsRequest => {
  const { tail, ...options } = request.options;
  // Of a task that has said nothing yet, the last lines must not be cut again to those of now: what it said since the call is wanted.
  const since = tail === undefined ? {} : { sinceMs: Math.max(options.sinceMs ?? 0, calledAtMs) };
  return { ...request, options: { ...options, ...since }, seen: [...seen].map(([taskId, position]) => ({ taskId, position })) };
};

/**
 * The replies of `Logs`. A followed call that breaks off is made again, and goes on behind the last line of each task: none twice, none
 * lost that the files still have.
 */
export const followLogs = (
  control: Pick<ControlClient, 'logs'>,
  request: LogsRequest,
  io: Io,
  signal: AbortSignal,
): AsyncIterable<LogsReply> => {
  if (!request.options.follow) return control.logs(request, { signal });
  const seen = new Map<string, LogPosition>();
  const calledAtMs = io.clock.now();
  let isFirst = true;
  const call = async function* (): AsyncGenerator<LogsReply> {
    const wish = isFirst ? request : continued(request, seen, calledAtMs);
    isFirst = false;
    for await (const reply of control.logs(wish, { signal })) {
      const { line } = reply;
      if (line !== undefined) seen.set(line.taskId, { atNsHigh: line.atNsHigh, atNsLow: line.atNsLow, ordinal: line.ordinal });
      yield reply;
    }
  };
  return takeUpAgain(call, { io, signal });
};
