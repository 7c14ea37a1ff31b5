import { sentenceOf, type Task, type TaskProcesses, type TopReply, type TopRequest, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { atMost, isRunning, notRunning } from './stats.ts';
import { nodeOfTask, taskLabel, tasksOfTargets } from './targets.ts';
import { framesOfTask, type TaskStreamPorts } from './task-stream.ts';

const byPlace = (a: Task, b: Task): number =>
  a.stack.localeCompare(b.stack) || a.serviceName.localeCompare(b.serviceName) || a.slot - b.slot || a.id.localeCompare(b.id);

/**
 * The processes of the running tasks meant, by stack, service and slot. One that cannot be asked is a warning.
 * NOT_FOUND: no such stack, service or task.
 */
export const top = async (ports: TaskStreamPorts, { stack, targets }: TopRequest, signal: AbortSignal): Promise<TopReply> => {
  const tasks = tasksOfTargets(ports.proposer.view, stack, targets).filter(isRunning).toSorted(byPlace);
  const found = new Map<string, TaskProcesses>();
  const warnings = [...notRunning(ports.proposer.view, stack, targets)];
  const ask = async (task: Task): Promise<void> => {
    try {
      for await (const { processes, warning } of framesOfTask(ports, task, { top: { psOptions: [] } }, signal)) {
        if (processes !== undefined) found.set(task.id, { task, node: nodeOfTask(ports.proposer.view, task).hostname, processes });
        else if (warning !== undefined) warnings.push(`${taskLabel(task)}: ${warning}`);
      }
    } catch (error) {
      warnings.push(`${taskLabel(task)}: ${sentenceOf(error)}`);
    }
  };
  await atMost(tasks, limits.relaysAtOnce, ask);
  if (signal.aborted) throw new TsoError('UNAVAILABLE', 'the call was cut short', { hint: 'Try again' });
  return { tasks: tasks.flatMap(({ id }) => found.get(id) ?? []), warnings };
};
