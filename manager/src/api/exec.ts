import { type ExecRequest, type RelayFrame, TsoError } from '@tso/proto';
import { relayFailure } from './relay-failure.ts';
import type { RelayConnection } from './relays.ts';
import { execTask, taskLabel } from './targets.ts';
import { openTaskStream, type TaskStreamPorts } from './task-stream.ts';

/** What the caller types goes on to the agent until one of them ends; the end of what is typed is said as such. */
const forward = async (incoming: AsyncIterator<ExecRequest>, connection: RelayConnection): Promise<void> => {
  try {
    for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) {
      if (next.value.frame !== undefined) await connection.send(next.value.frame);
    }
    await connection.send({ stdinEnd: true });
  } catch {
    // The agent's side ended first, or the caller's stream broke: whoever reads the frames sees it and says so.
    connection.cancel();
  }
};

/**
 * Runs a command in a task and relays frames both ways; the last one has the exit code. A command that could not be run, and an
 * agent that cannot be reached, are errors of the call. A caller that goes away takes the command with it.
 */
export const exec = async function* (
  ports: TaskStreamPorts,
  requests: AsyncIterable<ExecRequest>,
  signal: AbortSignal,
): AsyncIterable<RelayFrame> {
  const incoming = requests[Symbol.asyncIterator]();
  const first = await incoming.next();
  const start = first.done === true ? undefined : first.value.start;
  if (start === undefined) throw new TsoError('INVALID_ARGUMENT', 'an exec begins with `start`');
  if (start.options.command.length === 0) throw new TsoError('INVALID_ARGUMENT', 'exec needs a command to run');
  const task = execTask(ports.proposer.view, start.stack, start.target, start.index);
  const connection = await openTaskStream(ports, task, { exec: start.options }, signal);
  try {
    void forward(incoming, connection);
    for await (const frame of connection.frames) {
      if (frame.error !== undefined) throw relayFailure(frame.error);
      yield frame;
      // `end`: the caller left the command running.
      if (frame.exitCode !== undefined || frame.end === true) return connection.end();
    }
    throw new TsoError('UNAVAILABLE', `the stream to ${taskLabel(task)} broke off before the command ended`);
  } catch (error) {
    // Whoever ended it knows why.
    if (!signal.aborted) throw error;
  } finally {
    connection.cancel();
  }
};
