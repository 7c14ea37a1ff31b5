import {
  type Clock,
  type LogLine,
  type LogPosition,
  type LogsOptions,
  type LogsReply,
  type LogsRequest,
  sentenceOf,
  type Task,
  TaskState,
} from '@tso/proto';
import type { Proposer } from '../replication/proposer.ts';
import { followTasks, persistently } from './follow-tasks.ts';
import { mergeByTime } from './merge-logs.ts';
import type { Relays } from './relays.ts';
import { nodeOfTask, taskLabel, tasksOfTargets } from './targets.ts';
import { framesOfTask } from './task-stream.ts';

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

const warningOf = (task: Task, error: unknown, more = ''): LogsReply => ({
  warning: `logs of ${taskLabel(task)}: ${sentenceOf(error)}${more}`,
});

const positionOf = ({ atNsHigh, atNsLow, ordinal }: LogLine): LogPosition => ({ atNsHigh, atNsLow, ordinal });

const linesOfTask = async function* (ports: LogsPorts, task: Task, options: LogsOptions, signal: AbortSignal): AsyncGenerator<LogsReply> {
  for await (const { log, warning } of framesOfTask(ports, task, { logs: options }, signal)) {
    if (log !== undefined) yield { line: labelled(ports, task, log) };
    else if (warning !== undefined) yield { warning };
  }
};

/** One task's lines that are there. What cannot be had becomes a warning: the other tasks' lines are worth having. */
const presentLines = async function* (ports: LogsPorts, task: Task, options: LogsOptions, signal: AbortSignal): AsyncGenerator<LogsReply> {
  let lines = 0;
  try {
    for await (const reply of linesOfTask(ports, task, options, signal)) {
      lines += 1;
      yield reply;
    }
  } catch (error) {
    if (!signal.aborted) yield warningOf(task, error, lines === 0 ? '' : '; its last lines are missing');
  }
};

/** One task's lines as they come. After an interruption it goes on behind the last line that was sent, whoever leads the agent's side by then. */
const followedLines = (ports: LogsPorts, task: Task, options: LogsOptions, signal: AbortSignal): AsyncIterable<LogsReply> => {
  let wish = options;
  const attempt = async function* (alive: () => void): AsyncGenerator<LogsReply> {
    for await (const reply of linesOfTask(ports, task, wish, signal)) {
      alive();
      if (reply.line !== undefined) wish = { ...wish, after: positionOf(reply.line) };
      yield reply;
    }
  };
  const tell = (error: unknown, goesOn: boolean): LogsReply => warningOf(task, error, goesOn ? '; they go on once that is over' : '');
  return persistently(ports, task, attempt, tell, signal);
};

/** What is wished of one task: what comes behind the line that its caller had last, else what was asked of all. */
const optionsFor = ({ options, seen }: LogsRequest, task: Task, isNew: boolean): LogsOptions => {
  const position = seen.find(({ taskId }) => taskId === task.id)?.position;
  if (position !== undefined) return { ...options, after: position };
  // A task that came after the call is heard from its first line.
  return isNew ? { follow: options.follow, ...(options.untilMs === undefined ? {} : { untilMs: options.untilMs }) } : options;
};

/**
 * The lines of all tasks meant, those that have ended too as long as they are remembered: by time, or as they come when following.
 * NOT_FOUND: no such stack, service or task.
 */
export const logs = (ports: LogsPorts, request: LogsRequest, signal: AbortSignal): AsyncIterable<LogsReply> => {
  if (request.options.follow) {
    const listen = (task: Task, isNew: boolean, ended: AbortSignal): AsyncIterable<LogsReply> =>
      followedLines(ports, task, optionsFor(request, task, isNew), ended);
    return followTasks(ports, request, mayHaveLogs, listen, signal);
  }
  const tasks = tasksOfTargets(ports.proposer.view, request.stack, request.targets).filter(mayHaveLogs);
  return mergeByTime(tasks.map((task) => presentLines(ports, task, optionsFor(request, task, false), signal)));
};
