import { type CopyInRequest, type CopyOutRequest, type RelayFrame, type Task, TaskState, type TaskTarget, TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { forwardArchive } from './forward-archive.ts';
import { relayFailure } from './relay-failure.ts';
import { execTask, taskLabel, tasksOfTarget } from './targets.ts';
import { framesOfTask, openTaskStream, type TaskStreamPorts } from './task-stream.ts';

/** Whether there may be a container with files: made, and not cleared away yet. */
const mayHaveFiles = (task: Task): boolean =>
  task.nodeId !== '' && task.status.state >= TaskState.STARTING && task.status.state < TaskState.COMPLETE;

/**
 * The task whose files are meant: as exec chooses, else one that is about to run. FAILED_PRECONDITION: none of them has files, which go
 * with a task's end.
 */
const copyTask = (view: View, { stack, target, index }: TaskTarget): Task => {
  const candidates = tasksOfTarget(view, stack, target).filter((task) => index === 0 || task.slot === index);
  const starting = candidates.find(mayHaveFiles);
  return candidates.some(({ status }) => status.state === TaskState.RUNNING) || starting === undefined
    ? execTask(view, stack, target, index)
    : starting;
};

/** What stands at a path of a task's container, and its archive. Errors of the agent are errors of the call. */
export const copyOut = async function* (
  ports: TaskStreamPorts,
  { target, options }: CopyOutRequest,
  signal: AbortSignal,
): AsyncIterable<RelayFrame> {
  const task = copyTask(ports.proposer.view, target);
  for await (const frame of framesOfTask(ports, task, { copyOut: options }, signal)) {
    yield frame.path === undefined ? frame : { path: { ...frame.path, taskId: task.id } };
  }
  if (!signal.aborted) yield { end: true };
};

/** Unpacks the caller's archive in a task's container; the last frame is `end`. Errors of the agent are errors of the call. */
export const copyIn = async function* (
  ports: TaskStreamPorts,
  requests: AsyncIterable<CopyInRequest>,
  signal: AbortSignal,
): AsyncIterable<RelayFrame> {
  const incoming = requests[Symbol.asyncIterator]();
  const first = await incoming.next();
  const start = first.done === true ? undefined : first.value.start;
  if (start === undefined) throw new TsoError('INVALID_ARGUMENT', 'a copy begins with `start`');
  const task = copyTask(ports.proposer.view, start.target);
  const stream = await openTaskStream(ports, task, { copyIn: start.options }, signal);
  try {
    void forwardArchive(incoming, stream);
    for await (const frame of stream.frames) {
      if (frame.error !== undefined) throw relayFailure(frame.error);
      yield frame;
      if (frame.end === true) return stream.end();
    }
    throw new TsoError('UNAVAILABLE', `the stream to ${taskLabel(task)} broke off before the archive was unpacked`);
  } catch (error) {
    // Whoever ended it knows why.
    if (!signal.aborted) throw error;
  } finally {
    stream.cancel();
  }
};
