import type { Task } from '@tso/proto';
import { HealthState, isTerminal, isWishedRunning, TaskState } from '@tso/proto';

/** Whether it may still run somewhere, or come to. */
export const isLive = (task: Task): boolean => !isTerminal(task.status.state);

/** Whether it holds its place in the service: wished, even when it has ended and was not replaced yet. */
export const isOccupant = (task: Task): boolean => isWishedRunning(task.desiredState);

/** Whether a node was told of it. */
export const isAssigned = (task: Task): boolean => task.status.state >= TaskState.ASSIGNED;

/** Whether requests can be sent to it. */
export const isServing = (task: Task): boolean =>
  task.status.state === TaskState.RUNNING &&
  task.status.health !== HealthState.HEALTH_STARTING &&
  task.status.health !== HealthState.UNHEALTHY;

/** Whether others are sent to it: it serves and is meant to go on, hence neither draining nor replaced; one that is paused would answer nobody. */
export const isInService = (task: Task): boolean => isServing(task) && isOccupant(task) && task.status.paused !== true;

/** Whether it ended without being asked to, on a node that still answers: what a restart policy is about. */
export const endedByItself = ({ status }: Task): boolean =>
  status.state === TaskState.COMPLETE || status.state === TaskState.FAILED || status.state === TaskState.REJECTED;

export const hasFailed = ({ status }: Task): boolean => status.state === TaskState.FAILED || status.state === TaskState.REJECTED;

/** Whether its process ran, be it for a moment and before its health check passed. */
export const hasStarted = ({ status }: Task): boolean =>
  status.pid > 0 || status.startedAtMs > 0 || (status.state >= TaskState.RUNNING && status.state < TaskState.SHUTDOWN);

/** How long its process lived; 0 when it never started. */
export const lifetimeMs = ({ status }: Task): number =>
  status.startedAtMs === 0 ? 0 : Math.max(0, (status.finishedAtMs === 0 ? status.atMs : status.finishedAtMs) - status.startedAtMs);

/** What agents give a task to end that does not say it (the engine's figure). */
const defaultGraceMs = 10_000;

/** How long it may take to end once it is being stopped. */
export const stopMs = ({ drainMs, spec }: Task): number => drainMs + (spec.container.stopGracePeriodMs || defaultGraceMs);

/**
 * Since when it is as it is (its state, its health), by the cluster's clock: what a status says of the time comes from the node's, which
 * may be hours off, behind as well as ahead.
 */
export const statusAtMs = (task: Task): number => task.stateAtMs ?? task.meta.updatedAtMs;

/** Newest first; what was made at the same instant in the order of ids. */
export const byAge = (a: Task, b: Task): number => b.meta.createdAtMs - a.meta.createdAtMs || (a.id < b.id ? -1 : 1);

/** The task's words for its end: the agent's error, else the exit code. */
export const endText = ({ status }: Task): string => {
  if (status.error !== '') return status.error;
  if (status.exitCode !== undefined) return `exit code ${status.exitCode}`;
  return status.state === TaskState.REJECTED ? 'it could not be started' : 'it ended';
};
