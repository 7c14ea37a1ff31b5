import type { Service, Task } from '@tso/proto';
import { EndpointMode, newId, newTaskStatus, TaskState } from '@tso/proto';
import { isByNode } from '../rules/jobs.ts';
import type { Place } from '../rules/places.ts';
import { leavingLender } from '../rules/shared-namespaces.ts';
import { isAssigned, isInService, isLive, isOccupant } from '../rules/task-facts.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { Pass } from './pass.ts';

export interface NewTask {
  readonly desiredState: TaskState;
  /** 0: at once. */
  readonly notBeforeMs: number;
  readonly pendingReason: string;
}

/** Whether a template may name them: one in the spec that does, or a file, whose content is not looked at here. */
const asksForServiceLabels = ({ spec: { task }, files }: Service): boolean => {
  const { hostname, env, mounts } = task.container;
  return files.length > 0 || [hostname, ...env, ...mounts.map(({ source }) => source)].some((text) => text.includes('.Service.Labels'));
};

/** A task of the service's present spec in that place, not placed yet. */
export const newTask = (pass: Pass, service: Service, place: Pick<Place, 'slot' | 'nodeId'>, wish: NewTask): Task => ({
  id: newId(pass.random),
  meta: { version: 0, createdAtMs: pass.now, updatedAtMs: pass.now },
  serviceId: service.id,
  serviceName: service.spec.name,
  stack: service.stack,
  slot: place.slot,
  nodeId: place.nodeId,
  spec: service.spec.task,
  specVersion: service.specVersion,
  status: { ...newTaskStatus, atMs: pass.now },
  networks: [],
  generic: [],
  ports: [],
  mode: service.spec.mode,
  drainMs: 0,
  networkOf: '',
  pidOf: '',
  ipcOf: '',
  files: service.files,
  jobIteration: service.jobIteration,
  serviceLabels: asksForServiceLabels(service) ? service.spec.labels : {},
  ...wish,
});

export const stoppedText = 'its service was stopped';

/** Why a place of a service is given up that is neither being removed nor stopped. */
export const noPlaceText = ({ spec: { mode } }: Service): string =>
  isByNode(mode) ? 'its service is not to run on its node any more' : 'its service was scaled down';

/** Whether the store may drop the task: it has ended, or no node was ever told of it. */
export const isForgettable = (task: Task): boolean => !isLive(task) || !isAssigned(task);

/** How long a task goes on after it has left all answers, where its service does not say. */
export const defaultDrainMs = 1_000;

/** The same where names lead to tasks themselves: an answer may be used for as long as its TTL, a second, after it was given. */
export const namedDrainMs = 2_000;

/**
 * How long a task that is stopped now goes on after it has left all answers and maps, so that nobody is refused who was just sent to it;
 * 0 when nobody is sent to it, when its service goes as a whole, or when there is nobody else to send to. Who shares something with a task
 * that is being stopped ends with that one.
 * @param leaving ids of tasks that are stopped together with it
 */
const drainMsOf = (view: View, task: Task, leaving: ReadonlySet<string>): number => {
  const service = view.service(task.serviceId);
  if (service === undefined || service.removing || !isInService(task)) return 0;
  const lender = leavingLender(view, task);
  if (lender !== undefined) return lender.drainMs;
  if (service.spec.drainMs !== undefined) return Math.max(0, service.spec.drainMs);
  const isReplaced = view.tasksOfService(service.id).some((other) => !leaving.has(other.id) && isInService(other));
  if (!isReplaced) return 0;
  return service.spec.endpointMode === EndpointMode.DNSRR ? namedDrainMs : defaultDrainMs;
};

/** The task with why it is stopped, when it is: what has ended was not, and who was told before keeps the reason. */
const withReason = (task: Task, why: string): Task =>
  isLive(task) && isOccupant(task) && task.retiredBecause === undefined ? { ...task, retiredBecause: why } : task;

const retireWith = (draft: Draft, task: Task, why: string, drainMs: () => number): Task | undefined => {
  if (isLive(task) && !isAssigned(task)) {
    draft.remove('task', task.id);
    return undefined;
  }
  if (!isOccupant(task)) return task;
  const retired: Task = { ...withReason(task, why), drainMs: drainMs(), desiredState: TaskState.SHUTDOWN, pendingReason: '' };
  draft.putTask(retired);
  return retired;
};

/**
 * Takes a task out of its place; what was never given to a node is dropped, the rest is stopped and kept as history.
 * @param why it is stopped, one sentence; of what has ended already nothing is said
 */
export const retire = (draft: Draft, task: Task, why: string): Task | undefined =>
  retireWith(draft, task, why, () => drainMsOf(draft, task, new Set([task.id])));

/** The same for tasks that go together: none of them drains for the sake of the others. */
export const retireTogether = (draft: Draft, tasks: readonly Task[], why: string): void => {
  const leaving = new Set(tasks.map(({ id }) => id));
  for (const task of tasks) retireWith(draft, task, why, () => drainMsOf(draft, task, leaving));
};

/** The same where each has a reason of its own. How long they drain is found for all before the first is written: a look at a changed service costs much. */
export const retireEach = (draft: Draft, reasons: ReadonlyMap<Task, string>): void => {
  const leaving = new Set([...reasons.keys()].map(({ id }) => id));
  const drains = new Map([...reasons.keys()].map((task) => [task, drainMsOf(draft, task, leaving)]));
  for (const [task, why] of reasons) {
    // Who shares with one of them ends with that one.
    const shares = task.networkOf !== '' || task.pidOf !== '' || task.ipcOf !== '';
    retireWith(draft, task, why, () => (shares ? drainMsOf(draft, task, leaving) : (drains.get(task) ?? 0)));
  }
};

/**
 * Stops the tasks for good; each is dropped as soon as nothing of it runs.
 * @param why they are stopped, one sentence
 */
export const forget = (draft: Draft, tasks: readonly Task[], why: string): void => {
  const leaving = new Set(tasks.map(({ id }) => id));
  const forgotten = tasks.map((task): Task => {
    const wasStopped = !isOccupant(task) && draft.service(task.serviceId)?.removing === false;
    return {
      ...withReason(task, why),
      desiredState: TaskState.REMOVE,
      pendingReason: '',
      drainMs: wasStopped ? task.drainMs : drainMsOf(draft, task, leaving),
    };
  });
  for (const task of forgotten) {
    if (isForgettable(task)) draft.remove('task', task.id);
    else draft.putTask(task);
  }
};
