import { isTerminal, type StoreAction, TaskState, type TaskStatus, type TaskStatusUpdate } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** What an agent last said of a task. */
export interface Reported {
  readonly nodeId: string;
  readonly status: TaskStatus;
}
/** By task id. */
export type StatusBatch = ReadonlyMap<string, Reported>;

/** A state only ever increases, an end is final, and `remove` and `orphaned` are not an agent's to say. */
export const supersedes = (stored: TaskStatus, reported: TaskStatus): boolean => {
  if (reported.state === TaskState.REMOVE || reported.state === TaskState.ORPHANED) return false;
  if (isTerminal(stored.state) || reported.state < stored.state) return false;
  return !sameData(stored, reported);
};

/** The batch with a report added: of two statuses of one task the later one in its life stays, of equal ones the newer. */
export const withReport = (batch: StatusBatch, nodeId: string, updates: readonly TaskStatusUpdate[]): StatusBatch => {
  const merged = new Map(batch);
  for (const { taskId, status } of updates) {
    const held = merged.get(taskId);
    if (held === undefined || held.nodeId !== nodeId || supersedes(held.status, status)) merged.set(taskId, { nodeId, status });
  }
  return merged;
};

/** The changes that the batch makes to the store: none for tasks that are gone, elsewhere, or already further. */
export const statusActions = (view: View, batch: StatusBatch): readonly StoreAction[] => {
  const actions: StoreAction[] = [];
  for (const [taskId, { nodeId, status }] of batch) {
    const task = view.task(taskId);
    if (task === undefined || task.nodeId !== nodeId || !supersedes(task.status, status)) continue;
    actions.push({ putTask: { ...task, status } });
  }
  return actions;
};
