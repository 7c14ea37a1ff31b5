import type { Service, Task } from '@tso/proto';
import { newId, newTaskStatus, TaskState } from '@tso/proto';
import type { Place } from '../rules/places.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import type { Draft } from '../store/transaction.ts';
import type { Pass } from './pass.ts';

export interface NewTask {
  readonly desiredState: TaskState;
  /** 0: at once. */
  readonly notBeforeMs: number;
  readonly pendingReason: string;
}

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
  ports: [],
  mode: service.spec.mode,
  drainMs: 0,
  networkOf: '',
  ...wish,
});

/** Whether the store may drop the task: it has ended, or no node was ever told of it. */
export const isForgettable = (task: Task): boolean => !isLive(task) || !isAssigned(task);

/** Takes a task out of its place; what was never given to a node is dropped, the rest is stopped and kept as history. */
export const retire = (draft: Draft, task: Task): Task | undefined => {
  if (isLive(task) && !isAssigned(task)) {
    draft.remove('task', task.id);
    return undefined;
  }
  if (!isOccupant(task)) return task;
  const retired: Task = { ...task, desiredState: TaskState.SHUTDOWN, pendingReason: '' };
  draft.putTask(retired);
  return retired;
};

/** Stops the task for good; it is dropped as soon as nothing of it runs. */
export const forget = (draft: Draft, task: Task): void => {
  if (isForgettable(task)) draft.remove('task', task.id);
  else draft.putTask({ ...task, desiredState: TaskState.REMOVE, pendingReason: '' });
};
