import { shortId, type Task, TaskState, TsoError, taskStateName } from '@tso/proto';
import type { View } from '../store/view.ts';

/** The name a person knows a task by: `web.2`. */
export const taskLabel = (task: Task): string =>
  task.slot === 0 ? `${task.serviceName} (${shortId(task.id)})` : `${task.serviceName}.${task.slot}`;

/** Where a task is, with the name that people know the machine by. */
export const nodeOfTask = (view: View, task: Task): { readonly id: string; readonly hostname: string } => ({
  id: task.nodeId,
  hostname: view.node(task.nodeId)?.description.hostname ?? task.nodeId,
});

const slotPattern = /^(.+)\.([0-9]+)$/;
const shortestPrefix = 3;

const byService = (tasks: readonly Task[], target: string): readonly Task[] => tasks.filter((task) => task.serviceName === target);

const bySlot = (tasks: readonly Task[], target: string): readonly Task[] => {
  const [, service, slot] = slotPattern.exec(target) ?? [];
  return tasks.filter((task) => task.serviceName === service && task.slot === Number(slot));
};

const byId = (tasks: readonly Task[], target: string): readonly Task[] => {
  const found = target.length < shortestPrefix ? [] : tasks.filter((task) => task.id.startsWith(target));
  if (found.length > 1) {
    throw new TsoError('INVALID_ARGUMENT', `${target} is the beginning of ${found.length} task ids`, {
      hint: 'Give more characters of the one you mean',
    });
  }
  return found;
};

const refuseAmbiguous = (tasks: readonly Task[], target: string): readonly Task[] => {
  const stacks = [...new Set(tasks.map((task) => task.stack))].sort();
  if (stacks.length > 1) {
    throw new TsoError('INVALID_ARGUMENT', `${target} is in more than one stack: ${stacks.join(', ')}`, {
      hint: 'Say which one: -p STACK',
    });
  }
  return tasks;
};

const isServiceOf = (view: View, stack: string, name: string): boolean =>
  (stack === '' ? view.services() : view.servicesOfStack(stack)).some((service) => service.spec.name === name);

/**
 * The tasks that a target means, in any state: a service, service.slot, or a task id or a beginning of one. An empty stack looks
 * through all. Empty for a service without tasks. NOT_FOUND: nothing of that name. INVALID_ARGUMENT: more than one thing of that name.
 */
export const tasksOfTarget = (view: View, stack: string, target: string): readonly Task[] => {
  const tasks = stack === '' ? view.tasks() : view.tasksOfStack(stack);
  const named = byService(tasks, target);
  if (named.length > 0 || isServiceOf(view, stack, target)) return refuseAmbiguous(named, target);
  const inSlot = bySlot(tasks, target);
  if (inSlot.length > 0) return refuseAmbiguous(inSlot, target);
  const identified = byId(tasks, target);
  if (identified.length > 0) return identified;
  throw new TsoError(
    'NOT_FOUND',
    stack === '' ? `there is no service or task ${target}` : `stack ${stack} has no service or task ${target}`,
    {
      hint: 'tso ps -a lists what there is',
    },
  );
};

/** The tasks of all the targets, each once; of the whole stack when there are none. NOT_FOUND also for a stack that does not exist. */
export const tasksOfTargets = (view: View, stack: string, targets: readonly string[]): readonly Task[] => {
  if (targets.length > 0) return [...new Set(targets.flatMap((target) => tasksOfTarget(view, stack, target)))];
  const tasks = stack === '' ? view.tasks() : view.tasksOfStack(stack);
  if (stack !== '' && tasks.length === 0 && view.stackByName(stack) === undefined && view.servicesOfStack(stack).length === 0) {
    throw new TsoError('NOT_FOUND', `there is no stack ${stack}`, { hint: 'tso ls lists the stacks' });
  }
  return tasks;
};

const newest = (a: Task, b: Task): number => b.meta.createdAtMs - a.meta.createdAtMs;

/**
 * The running task that an exec goes to: of the slot `index`, or of the lowest slot when that is 0.
 * FAILED_PRECONDITION: none of them runs; the message says what they do instead.
 */
export const execTask = (view: View, stack: string, target: string, index: number): Task => {
  const candidates = tasksOfTarget(view, stack, target).filter((task) => index === 0 || task.slot === index);
  const running = candidates
    .filter((task) => task.status.state === TaskState.RUNNING && task.nodeId !== '')
    .sort((a, b) => a.slot - b.slot || newest(a, b));
  const [first] = running;
  if (first !== undefined) return first;
  const [latest] = [...candidates].sort(newest);
  const what = index === 0 ? target : `${target}.${index}`;
  if (latest === undefined) throw new TsoError('NOT_FOUND', `${what} has no task`, { hint: `tso ps -a ${target} lists what there is` });
  const why = latest.status.error === '' ? latest.pendingReason : latest.status.error;
  throw new TsoError(
    'FAILED_PRECONDITION',
    `no task of ${what} is running: ${taskLabel(latest)} is ${taskStateName(latest.status.state)}${why === '' ? '' : ` (${why})`}`,
  );
};
