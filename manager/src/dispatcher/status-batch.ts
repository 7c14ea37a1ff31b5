import { isTerminal, type StoreAction, TaskState, type TaskStatus, type TaskStatusUpdate } from '@tso/proto';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** What agents last said of tasks: by node, then by task, so that no node can stand in another's way. */
export type StatusBatch = ReadonlyMap<string, ReadonlyMap<string, TaskStatus>>;

/** A state only ever increases, an end is final, and `remove` and `orphaned` are not an agent's to say. */
export const supersedes = (stored: TaskStatus, reported: TaskStatus): boolean => {
  if (reported.state === TaskState.REMOVE || reported.state === TaskState.ORPHANED) return false;
  if (isTerminal(stored.state) || reported.state < stored.state) return false;
  return !sameData(stored, reported);
};

/** The batch with a report added: of two statuses of one task the later one in its life stays, of equal ones the newer. */
export const withReport = (batch: StatusBatch, nodeId: string, updates: readonly TaskStatusUpdate[]): StatusBatch => {
  const merged = new Map(batch.get(nodeId));
  for (const { taskId, status } of updates) {
    const held = merged.get(taskId);
    if (held === undefined || supersedes(held, status)) merged.set(taskId, status);
  }
  return new Map(batch).set(nodeId, merged);
};

/** The changes that the batch makes to the store: none for tasks that are gone, elsewhere, or already further. */
export const statusActions = (view: View, batch: StatusBatch): readonly StoreAction[] => {
  const actions: StoreAction[] = [];
  for (const [nodeId, statuses] of batch) {
    for (const [taskId, status] of statuses) {
      const task = view.task(taskId);
      if (task === undefined || task.nodeId !== nodeId || !supersedes(task.status, status)) continue;
      actions.push({ putTask: { ...task, status } });
    }
  }
  return actions;
};
