import {
  type Clock,
  type LogLine,
  type LogsOptions,
  type LogsReply,
  type LogsRequest,
  sentenceOf,
  type Task,
  TaskState,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import { mergeByTime } from './merge-logs.ts';
import { Pipe } from './pipe.ts';
import { relayFailure } from './relay-failure.ts';
import type { Relays } from './relays.ts';
import { nodeOfTask, taskLabel, tasksOfTargets } from './targets.ts';

export interface LogsPorts {
  readonly proposer: Proposer;
  readonly relays: Relays;
  readonly clock: Clock;
}

/** Whether a task may have written anything that is still there: it came as far as a container, and is not forgotten. */
const mayHaveLogs = (task: Task): boolean =>
  task.nodeId !== '' &&
  task.status.state >= TaskState.STARTING &&
  task.status.state !== TaskState.REJECTED &&
  !(task.desiredState === TaskState.REMOVE && task.status.state >= TaskState.COMPLETE);

/** The line with what the manager knows better than the agent: whose it is. */
const labelled = (ports: LogsPorts, task: Task, line: LogLine): LogLine => ({
  ...line,
  taskId: task.id,
  serviceName: task.serviceName,
  slot: task.slot,
  stack: task.stack,
  node: nodeOfTask(ports.proposer.view, task).hostname,
});

/** One task's lines. What cannot be had becomes a warning: the other tasks' lines are worth having. */
const linesOfTask = async function* (ports: LogsPorts, task: Task, options: LogsOptions, signal: AbortSignal): AsyncGenerator<LogsReply> {
  const warning = (error: unknown): LogsReply => ({ warning: `logs of ${taskLabel(task)}: ${sentenceOf(error)}` });
  try {
    const connection = await ports.relays.open(nodeOfTask(ports.proposer.view, task), task.id, { logs: options }, signal);
    const onAbort = (): void => connection.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const { log, warning, error, end } of connection.frames) {
        if (log !== undefined) yield { line: labelled(ports, task, log) };
        else if (warning !== undefined) yield { warning };
        else if (error !== undefined) throw relayFailure(error);
        else if (end === true) return connection.end();
      }
      throw new TsoError('UNAVAILABLE', 'the stream broke off, lines may be missing');
    } finally {
      signal.removeEventListener('abort', onAbort);
      connection.cancel();
    }
  } catch (error) {
    if (!signal.aborted) yield warning(error);
  }
};

/** Follows every task that the targets mean, those that come later too, until the caller ends it or the stack is gone. */
const follow = async function* (ports: LogsPorts, { stack, targets, options }: LogsRequest, signal: AbortSignal): AsyncIterable<LogsReply> {
  const { proposer } = ports;
  const ended = new AbortController();
  const onAbort = (): void => ended.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const lines = new Pipe<LogsReply>(limits.relayFrames);
  const followed = new Set<string>();
  const pump = async (task: Task, wish: LogsOptions): Promise<void> => {
    try {
      for await (const reply of linesOfTask(ports, task, wish, ended.signal)) await lines.write(reply);
    } catch {
      // The pipe ended: nobody reads any more, and the end is not this task's to report.
    }
  };
  const join = (wish: LogsOptions): void => {
    for (const task of tasksOfTargets(proposer.view, stack, targets)) {
      if (followed.has(task.id) || !mayHaveLogs(task)) continue;
      followed.add(task.id);
      void pump(task, wish);
    }
  };
  const watch = async (): Promise<void> => {
    try {
      const relevant = proposer.subscribe(({ kind }) => kind === 'task' || kind === 'service' || kind === 'stack', {
        limit: limits.watchedChanges,
        signal: ended.signal,
      });
      join(options);
      for await (const _ of relevant) join({ follow: true });
      lines.end();
    } catch (error) {
      // What was followed is gone from the store: the end of the story, unless it never was there.
      lines.end(followed.size > 0 && error instanceof TsoError && error.code === 'NOT_FOUND' ? undefined : error);
    }
  };
  try {
    if (signal.aborted) return;
    void watch();
    yield* lines;
  } finally {
    signal.removeEventListener('abort', onAbort);
    ended.abort();
  }
};

/** The lines of all tasks meant: by time, or as they come when following. NOT_FOUND: no such stack, service or task. */
export const logs = (ports: LogsPorts, request: LogsRequest, signal: AbortSignal): AsyncIterable<LogsReply> => {
  if (request.options.follow) return follow(ports, request, signal);
  const tasks = tasksOfTargets(ports.proposer.view, request.stack, request.targets).filter(mayHaveLogs);
  return mergeByTime(tasks.map((task) => linesOfTask(ports, task, request.options, signal)));
};
