import { runningMessage, TaskState, type TaskStatus } from '@tso/proto';

/** The status with what the task runs without behind its state, for as long as it runs: a later agent, which made nothing, goes on saying it. */
export const withNotes = (before: TaskStatus, status: TaskStatus, notes: readonly string[] = []): TaskStatus => {
  if (status.state !== TaskState.RUNNING) return status;
  if (before.state === TaskState.RUNNING) return { ...status, message: before.message };
  return { ...status, message: notes.length === 0 ? status.message : runningMessage(notes) };
};
