import {
  type Logger,
  type SignalledTask,
  type SignalReply,
  type SignalRequest,
  sentenceOf,
  signalNumberOf,
  type Task,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import type { Caller } from './caller.ts';
import { atMost, isRunning, notRunning } from './stats.ts';
import { nodeOfTask, taskLabel, tasksOfTargets } from './targets.ts';
import { framesOfTask, type TaskStreamPorts } from './task-stream.ts';

export interface SignalPorts extends TaskStreamPorts {
  readonly logger: Logger;
}

const byPlace = (a: Task, b: Task): number =>
  a.stack.localeCompare(b.stack) || a.serviceName.localeCompare(b.serviceName) || a.slot - b.slot || a.id.localeCompare(b.id);

/** INVALID_ARGUMENT: there is no such signal. */
const checkSignal = (signal: string): void => {
  if (signalNumberOf(signal) !== undefined) return;
  throw new TsoError('INVALID_ARGUMENT', `there is no signal ${signal === '' ? '""' : signal}`, {
    hint: 'Use a name such as SIGHUP or a number from 1 to 64',
  });
};

/**
 * Sends the signal to the first process of each running task meant; answers with those that got it, by stack, service and slot. One that could not be
 * reached is a warning. INVALID_ARGUMENT: no such signal, or neither a stack nor a task. NOT_FOUND: no such stack, service or task. FAILED_PRECONDITION: none of them runs.
 */
export const signal = async (
  ports: SignalPorts,
  request: SignalRequest,
  { actor, source }: Pick<Caller, 'actor' | 'source'>,
  ended: AbortSignal,
): Promise<SignalReply> => {
  const { stack, targets, signal: name } = request;
  const { view } = ports.proposer;
  checkSignal(name);
  if (stack === '' && targets.length === 0)
    throw new TsoError('INVALID_ARGUMENT', 'it was not said which tasks the signal is for', {
      hint: 'Name a stack (-p), or tasks by their ids',
      details: { outcome: 'refused' },
    });
  const tasks = tasksOfTargets(view, stack, targets).filter(isRunning).toSorted(byPlace);
  const warnings = [...notRunning(view, stack, targets)];
  const first = warnings[0] ?? `no task of stack ${stack} is running`;
  if (tasks.length === 0)
    throw new TsoError('FAILED_PRECONDITION', first, { hint: 'tso ps shows what runs', details: { outcome: 'refused' } });
  const reached = new Map<string, SignalledTask>();
  const send = async (task: Task): Promise<void> => {
    try {
      for await (const { warning } of framesOfTask(ports, task, { signal: { signal: name } }, ended))
        if (warning !== undefined) warnings.push(`${taskLabel(task)}: ${warning}`);
      const { id: taskId, serviceName: service, slot } = task;
      if (!ended.aborted) reached.set(taskId, { taskId, service, slot, node: nodeOfTask(ports.proposer.view, task).hostname });
    } catch (error) {
      warnings.push(`${taskLabel(task)}: ${sentenceOf(error)}`);
    }
  };
  // Nothing in the cluster's own log is changed by it: this is all that is left of who asked.
  ports.logger.info({ actor, source, stack, targets, signal: name, tasks: tasks.length }, 'a signal is sent to tasks');
  await atMost(tasks, limits.relaysAtOnce, send);
  if (ended.aborted)
    throw new TsoError('UNAVAILABLE', 'the call was cut short: some of the tasks may have got the signal', {
      details: { outcome: 'unknown' },
    });
  return { tasks: tasks.flatMap(({ id }) => reached.get(id) ?? []), warnings };
};
