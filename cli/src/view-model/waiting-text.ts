import { isTerminal, isWishedRunning, type ServiceView, TaskState, UpdateState } from '@tso/proto';
import { countsText, isJob } from './job-text.ts';
import { oneLine, stateWord, taskName } from './task-text.ts';
import { updateProgress } from './update-progress.ts';

const isServing = ({ status }: ServiceView['tasks'][number]): boolean => status.state === TaskState.RUNNING;

/** Why the service is not there yet, in its own words or its tasks'. Empty: simply under way. */
export const reasonOf = (service: ServiceView): string => {
  if (service.converged) return '';
  if (service.waitingReason !== '') return service.waitingReason;
  return service.tasks.find((task) => isWishedRunning(task.desiredState) && task.pendingReason !== '')?.pendingReason ?? '';
};

/** The name of the service alone. */
export const nameOf = (service: ServiceView): string => service.service.spec.name;

/** Whether tasks are still to move because it was asked for. */
const isSpreading = ({ service }: ServiceView): boolean => service.rebalanced < service.rebalance;

const underWay = (service: ServiceView): string => {
  if (service.service.removing) return 'its tasks are ending';
  const working = service.tasks.find((task) => isWishedRunning(task.desiredState) && !isTerminal(task.status.state) && !isServing(task));
  const counts = `${countsText(service)}${isSpreading(service) ? ', some of them move to other nodes' : ''}`;
  if (working !== undefined) return `${counts}; ${taskName(working)} is ${stateWord(working)}`;
  return service.healthy < service.running && !isJob(service) ? `${counts}, ${service.healthy} healthy` : counts;
};

/** Why a service is not there yet; of an update how far it is as well. */
export const waitsFor = (service: ServiceView): string => {
  const reason = reasonOf(service);
  return updateProgress(service, reason) || reason || underWay(service);
};

/** Why the update of a service stands still that was asked to; undefined: it does not. */
export const standsStill = (service: ServiceView): string | undefined => {
  const { update } = service.service;
  if (update?.state !== UpdateState.UPDATE_PAUSED || update.wished !== true || service.failed) return undefined;
  return oneLine(update.message) || 'its update stands still, as it was asked to';
};
