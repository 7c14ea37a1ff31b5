import { HealthState, isTerminal, isWishedRunning, type ServiceView, type Task, TaskState, UpdateState } from '@tso/proto';
import { stateDetail, stateWord, taskName } from './task-text.ts';

const words: Readonly<Partial<Record<UpdateState, string>>> = {
  [UpdateState.UPDATING]: 'updated',
  [UpdateState.UPDATE_PAUSED]: 'updated',
  [UpdateState.ROLLBACK_STARTED]: 'rolled back',
  [UpdateState.ROLLBACK_PAUSED]: 'rolled back',
};

const isWished = (task: Task): boolean => isWishedRunning(task.desiredState) && !isTerminal(task.status.state);

const isServing = ({ status }: Task): boolean =>
  status.state === TaskState.RUNNING && (status.health === HealthState.HEALTH_NONE || status.health === HealthState.HEALTHY);

const isCurrent = (task: Task, { service }: ServiceView): boolean => task.specVersion === service.specVersion;

/** `3/5 updated` while an update is under way or stands still, `3/5 rolled back` on the way back; empty: there is none. */
export const updateCounts = (service: ServiceView): string => {
  const word = words[service.service.update?.state ?? UpdateState.UPDATE_NONE];
  if (word === undefined) return '';
  const done = service.tasks.filter((task) => isWished(task) && isCurrent(task, service) && isServing(task)).length;
  return `${done}/${service.desired} ${word}`;
};

/** The task of the new spec that does not serve yet: `web.4 is starting (pulling 3 of 7 layers)`; empty: there is none. */
const unfinished = (service: ServiceView): string => {
  const task = service.tasks.find((one) => isWished(one) && isCurrent(one, service) && !isServing(one));
  if (task === undefined) return '';
  const detail = stateDetail(task);
  return `${taskName(task)} is ${stateWord(task)}${detail === '' ? '' : ` (${detail})`}`;
};

/** How far an update is and what it waits for: `3/5 updated, waits: web.4 is starting`. `reason`: as the cluster says it. */
export const updateProgress = (service: ServiceView, reason: string): string => {
  const counts = updateCounts(service);
  if (counts === '') return '';
  const held = reason || unfinished(service);
  return held === '' ? counts : `${counts}, waits: ${held}`;
};
