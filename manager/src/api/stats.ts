import { type Clock, type StatsReply, type StatsRequest, type StatsSample, sentenceOf, type Task, TaskState } from '@tso/proto';
import { limits } from '../limits.ts';
import type { View } from '../store/view.ts';
import { followTasks, persistently } from './follow-tasks.ts';
import { Pipe } from './pipe.ts';
import { nodeOfTask, taskLabel, tasksOfTarget, tasksOfTargets } from './targets.ts';
import { framesOfTask, type TaskStreamPorts } from './task-stream.ts';

export interface StatsPorts extends TaskStreamPorts {
  readonly clock: Clock;
}

export const isRunning = (task: Task): boolean => task.status.state === TaskState.RUNNING && task.nodeId !== '';

const sampleOf = ({ proposer }: StatsPorts, task: Task, stats: StatsSample): StatsReply => ({
  sample: {
    stats: { ...stats, taskId: task.id },
    stack: task.stack,
    serviceName: task.serviceName,
    slot: task.slot,
    node: nodeOfTask(proposer.view, task).hostname,
  },
});

const warningOf = (task: Task, error: unknown): StatsReply => ({ warning: `${taskLabel(task)}: ${sentenceOf(error)}` });

const samplesOf = async function* (
  ports: StatsPorts,
  task: Task,
  stream: boolean,
  signal: AbortSignal,
  alive: () => void,
): AsyncGenerator<StatsReply> {
  for await (const { stats, warning } of framesOfTask(ports, task, { stats: { stream } }, signal)) {
    alive();
    if (stats !== undefined) yield sampleOf(ports, task, stats);
    else if (warning !== undefined) yield { warning };
  }
};

/** Works through the items in order, at most `limit` at a time. The work does not throw. */
export const atMost = async <T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
};

/** What was named and has no running task, in a sentence each. NOT_FOUND: there is no such thing. */
export const notRunning = (view: View, stack: string, targets: readonly string[]): readonly string[] =>
  targets.filter((target) => !tasksOfTarget(view, stack, target).some(isRunning)).map((target) => `no task of ${target} is running`);

/** One sample of each, as they come in; many agents measure side by side. */
const once = async function* (ports: StatsPorts, { stack, targets }: StatsRequest, signal: AbortSignal): AsyncGenerator<StatsReply> {
  const { view } = ports.proposer;
  const tasks = tasksOfTargets(view, stack, targets).filter(isRunning);
  for (const warning of notRunning(view, stack, targets)) yield { warning };
  const replies = new Pipe<StatsReply>(limits.relayFrames);
  const measure = async (task: Task): Promise<void> => {
    try {
      for await (const reply of samplesOf(ports, task, false, signal, () => undefined)) await replies.write(reply);
    } catch (error) {
      // Nobody is there to be told when the pipe has ended.
      if (!signal.aborted) await replies.write(warningOf(task, error)).catch(() => undefined);
    }
  };
  void atMost(tasks, limits.relaysAtOnce, measure).then(() => replies.end());
  yield* replies;
};

/**
 * What the running tasks meant use: one sample of each, or one each second, of those that come later too. A task that cannot be asked is a
 * warning. NOT_FOUND: no such stack, service or task.
 */
export const stats = (ports: StatsPorts, request: StatsRequest, signal: AbortSignal): AsyncIterable<StatsReply> => {
  if (!request.stream) return once(ports, request, signal);
  const listen = (task: Task, ended: AbortSignal): AsyncIterable<StatsReply> =>
    persistently(
      ports,
      task,
      (alive) => samplesOf(ports, task, true, ended, alive),
      (error) => warningOf(task, error),
      ended,
    );
  return followTasks(ports, request, isRunning, listen, signal);
};
