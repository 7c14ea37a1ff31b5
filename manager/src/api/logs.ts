import {
  type Clock,
  isTerminal,
  type LogLine,
  type LogPosition,
  type LogsOptions,
  type LogsReply,
  type LogsRequest,
  sentenceOf,
  type Task,
  TaskState,
} from '@tso/proto';
import { followTasks, persistently } from './follow-tasks.ts';
import { mergeByTime } from './merge-logs.ts';
import { nodeOfTask, taskLabel, tasksOfTargets } from './targets.ts';
import { framesOfTask, type TaskStreamPorts } from './task-stream.ts';

export interface LogsPorts extends TaskStreamPorts {
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

/** How far each task has been heard: behind its last line, or answered without a line. Tasks that could not be asked are not in it. */
type Heard = Map<string, LogPosition | 'nothing yet'>;

/** One task's lines that are there. What cannot be had becomes a warning: the other tasks' lines are worth having. */
const presentLines = async function* (
  ports: LogsPorts,
  task: Task,
  options: LogsOptions,
  heard: Heard,
  signal: AbortSignal,
): AsyncGenerator<LogsReply> {
  let lines = 0;
  try {
    for await (const reply of linesOfTask(ports, task, options, signal)) {
      lines += 1;
      if (reply.line !== undefined) heard.set(task.id, positionOf(reply.line));
      yield reply;
    }
    if (!heard.has(task.id)) heard.set(task.id, options.after ?? 'nothing yet');
  } catch (error) {
    if (!signal.aborted) yield warningOf(task, error, lines === 0 ? '' : '; its last lines are missing');
  }
};

/** One task's lines as they come. After an interruption it goes on behind the last line that was sent. */
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
const optionsFor = ({ options, seen }: LogsRequest, task: Task): LogsOptions => {
  const position = seen.find(({ taskId }) => taskId === task.id)?.position;
  return position === undefined ? options : { ...options, after: position };
};

/** What is wished of one task from now on, by how far it has been heard. */
const restFor = (request: LogsRequest, task: Task, heard: Heard, isNew: boolean): LogsOptions => {
  const { tail, sinceMs, ...rest } = optionsFor(request, task);
  const known = heard.get(task.id);
  if (known === 'nothing yet') return { ...rest, ...(sinceMs === undefined ? {} : { sinceMs }) };
  if (known !== undefined) return { ...rest, after: known };
  // A task that came after the call is heard from its first line.
  return isNew ? rest : optionsFor(request, task);
};

const tasksWithLogs = ({ proposer }: LogsPorts, { stack, targets }: LogsRequest): readonly Task[] =>
  tasksOfTargets(proposer.view, stack, targets).filter(mayHaveLogs);

const present = (
  ports: LogsPorts,
  request: LogsRequest,
  tasks: readonly Task[],
  heard: Heard,
  signal: AbortSignal,
): AsyncIterable<LogsReply> => {
  const lines = (task: Task) => presentLines(ports, task, { ...optionsFor(request, task), follow: false }, heard, signal);
  return mergeByTime(tasks.map(lines));
};

const follow = async function* (ports: LogsPorts, request: LogsRequest, signal: AbortSignal): AsyncIterable<LogsReply> {
  const heard: Heard = new Map();
  const asked = tasksWithLogs(ports, request);
  // What is there comes in the order of its time; then each task's lines as they come. Who wants none of what is there waits for nothing.
  if (request.options.tail !== 0) yield* present(ports, request, asked, heard, signal);
  if (signal.aborted) return;
  const known = new Set(asked.map(({ id }) => id));
  const over = new Set(asked.filter(({ id, status }) => isTerminal(status.state) && heard.has(id)).map(({ id }) => id));
  const isWanted = (task: Task): boolean => mayHaveLogs(task) && !over.has(task.id);
  const listen = (task: Task, ended: AbortSignal): AsyncIterable<LogsReply> =>
    followedLines(ports, task, restFor(request, task, heard, !known.has(task.id)), ended);
  yield* followTasks(ports, request, isWanted, listen, signal);
};

/**
 * The lines of all tasks meant, those that have ended too as long as they are remembered: by time, and when following, as they come from
 * then on. NOT_FOUND: no such stack, service or task.
 */
export const logs = (ports: LogsPorts, request: LogsRequest, signal: AbortSignal): AsyncIterable<LogsReply> =>
  request.options.follow ? follow(ports, request, signal) : present(ports, request, tasksWithLogs(ports, request), new Map(), signal);
