import { HealthState, isTerminal, isWishedRunning, shortId, type Task, TaskState, taskStateName } from '@tso/proto';

/** `web.1`; a task of a global service has its node instead of a slot. */
export const taskName = (task: Pick<Task, 'serviceName' | 'slot' | 'nodeId'>): string =>
  task.slot > 0 ? `${task.serviceName}.${task.slot}` : `${task.serviceName}.${shortId(task.nodeId) || '?'}`;

/** What a slot is known by while its tasks come and go. */
export const slotKey = (task: Pick<Task, 'serviceName' | 'slot' | 'nodeId'>): string => `${task.serviceName}/${task.slot || task.nodeId}`;

export const isFailure = (state: TaskState): boolean =>
  state === TaskState.FAILED || state === TaskState.REJECTED || state === TaskState.ORPHANED;

/** Asked to end and not there yet. */
export const isStopping = (task: Task): boolean => !isWishedRunning(task.desiredState) && !isTerminal(task.status.state);

/** One line without control characters: what a container or a registry said must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();

/** Why a task ended badly, one sentence; never empty. */
export const failureText = (task: Task): string => {
  const { error, exitCode, state, message } = task.status;
  if (error !== '') return oneLine(error);
  if (exitCode !== undefined && exitCode !== null) return `its process ended with exit code ${exitCode}`;
  return oneLine(message) || `the task was ${taskStateName(state)}`;
};

/** The word for where a task is: `waiting`, `running`, `stopping`, … */
export const stateWord = (task: Task): string => {
  if (isStopping(task)) return 'stopping';
  return task.status.state < TaskState.ASSIGNED ? 'waiting' : taskStateName(task.status.state);
};

/** What there is to say beside the word; empty when nothing. */
export const stateDetail = (task: Task): string => {
  const { state, health, message } = task.status;
  if (isFailure(state)) return failureText(task);
  if (isTerminal(state)) return '';
  if (state < TaskState.ASSIGNED) return oneLine(task.pendingReason);
  if (state === TaskState.RUNNING && task.status.paused === true) return 'paused';
  if (state === TaskState.RUNNING) {
    if (health === HealthState.HEALTHY) return 'healthy';
    return health === HealthState.UNHEALTHY ? 'unhealthy' : health === HealthState.HEALTH_STARTING ? 'health check under way' : '';
  }
  return oneLine(message);
};

/** A reason without the failure it quotes: for where that failure is told beside it. */
export const withoutFailure = (reason: string, tasks: readonly Task[]): string => {
  for (const task of tasks) {
    const quoted = isFailure(task.status.state) ? `: ${failureText(task)}` : '';
    if (quoted !== '' && reason.endsWith(quoted)) return reason.slice(0, -quoted.length);
  }
  return reason;
};

/** `1.4 s`, `75 s`, `4 min`, `3 h`, `2 days`. */
export const durationText = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 120) return `${Math.floor(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`;
};
