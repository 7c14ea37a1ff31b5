import type { Service, Task } from '@tso/proto';
import { isTerminal, TaskState } from '@tso/proto';
import type { View } from '../store/view.ts';
import { restartedSinceMs, type UnmetDependency, unmetDependencies } from './dependencies.ts';
import { isDone, isJob, isScheduled, restartPolicyOf } from './jobs.ts';
import { Known } from './known.ts';
import type { Place } from './places.ts';
import { isLeftOnPaused, occupantsOf, placesOf } from './places.ts';
import { isBeingSpread } from './rebalancing.ts';
import { restartVerdict } from './restart-policy.ts';
import { isByHand, runsUnderWay } from './schedule.ts';
import { endText, isLive, isServing } from './task-facts.ts';
import { goesBack, isGivenUp, mayGoBack } from './update-pace.ts';
import { taskName } from './words.ts';

/** Whether what ended in a place stays as it is, done, rather than being run again. */
const isLeftDone = (service: Service, place: Place, task: Task): boolean => {
  if (isJob(service)) return isDone(service, task);
  if (task.specVersion !== service.specVersion || task.status.state !== TaskState.COMPLETE) return false;
  return restartVerdict(restartPolicyOf(service.spec), task, place.tasks).verdict === 'leave';
};

/** Whether a place has what is wished: a task of the present spec that serves, or one that completed and is not to be run again; of a job the latter alone. */
const isGood = (service: Service, sinceMs: number, place: Place, task: Task): boolean => {
  if (task.specVersion !== service.specVersion || task.meta.createdAtMs < sinceMs) return false;
  return (isServing(task) && !isJob(service)) || isLeftDone(service, place, task);
};

/** Whether the task is not, or not any more, what one of the service is to be. */
const isOther = (service: Service, sinceMs: number, task: Task): boolean =>
  isJob(service) ||
  task.desiredState > TaskState.RUNNING ||
  task.specVersion !== service.specVersion ||
  !isServing(task) ||
  task.meta.createdAtMs < sinceMs;

/** How many places have what is wished, and how many tasks are there that should not be (of an older spec, stopping, or not up yet). */
export const countGood = (view: View, service: Service, known = new Known()): { readonly good: number; readonly others: number } => {
  let good = 0;
  const sinceMs = restartedSinceMs(view, service, known);
  const tasksOf = (place: Place): readonly Task[] => (isJob(service) ? place.tasks : occupantsOf(place));
  for (const place of placesOf(view, service))
    if (tasksOf(place).some((task) => isGood(service, sinceMs, place, task) || isLeftOnPaused(view, service, task))) good += 1;
  const live = view.tasksOfService(service.id).filter(isLive);
  return { good, others: live.filter((task) => isOther(service, sinceMs, task) && !isLeftOnPaused(view, service, task)).length };
};

/**
 * Whether the service is what is wished and stays so by itself: `desired` places have it, nothing else is there, nothing is being moved, and no
 * update goes back or may still do so. Of a scheduled job: no run of it goes on that somebody asked for.
 */
export const hasConverged = (view: View, service: Service, desired: number, known = new Known()): boolean => {
  if (service.removing || isBeingSpread(service) || isGivenUp(service.update) || goesBack(service) || mayGoBack(service)) return false;
  if (service.stopped) return !view.tasksOfService(service.id).some(isLive);
  // It runs when it is due, whoever waits for it to be as wished; what somebody asked it to do now is waited for.
  if (isScheduled(service)) return !runsUnderWay(service).some(isByHand);
  const { good, others } = countGood(view, service, known);
  return good === desired && others === 0;
};

const placeFailure = (service: Service, place: Place): string | undefined => {
  const occupants = occupantsOf(place).filter((task) => isScheduled(service) || task.specVersion === service.specVersion);
  const ended = occupants[0];
  if (ended === undefined || occupants.some(isLive) || !isTerminal(ended.status.state)) return undefined;
  const verdict = restartVerdict(restartPolicyOf(service.spec), ended, place.tasks);
  if (verdict.verdict !== 'leave' || verdict.failed === undefined) return undefined;
  const what = ended.status.state === TaskState.REJECTED ? 'was rejected' : 'failed';
  return `${taskName(ended)} ${what} and ${verdict.failed}: ${endText(ended)}`;
};

/** Why one of the service's places will not come to what is wished by itself, one sentence; undefined while all may. */
export const failureOfPlaces = (view: View, service: Service): string | undefined => {
  for (const place of placesOf(view, service)) {
    const failure = placeFailure(service, place);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

/** Why the service will not come to what is wished by itself, one sentence; undefined while it may. */
export const failureOf = (view: View, service: Service, known = new Known()): string | undefined =>
  known.failures.of(
    service,
    (at) => unmetDependencies(view, at, known).map(({ other }) => other),
    (at) => (at.removing ? undefined : (ownFailure(view, at) ?? dependencyFailure(view, at, known))),
  );

const ownFailure = (view: View, service: Service): string | undefined => {
  if (service.stopped) return undefined;
  if (isGivenUp(service.update)) return service.update?.message;
  if (isBeingSpread(service) && service.rebalancePaused !== undefined) return service.rebalancePaused;
  // A run that failed is told of among its runs; the next one comes all the same.
  return isScheduled(service) ? undefined : failureOfPlaces(view, service);
};

/** Why what a service waits for of another one will not come to be, one sentence without the other's name; undefined while it may. */
export const hopelessText = (view: View, { dependency, other }: UnmetDependency, known = new Known()): string | undefined => {
  if (other.stopped) return 'it is stopped';
  const failure = failureOf(view, other, known);
  if (failure !== undefined || dependency.condition !== 'service_healthy') return failure;
  const places = placesOf(view, other).filter((place) => occupantsOf(place).length > 0);
  const isOver = places.length > 0 && places.every((place) => occupantsOf(place).every((task) => isLeftDone(other, place, task)));
  return isOver ? 'it has completed and serves nobody any more; wait for service_completed_successfully instead' : undefined;
};

/** The failure of a service that this one still waits for. */
const dependencyFailure = (view: View, service: Service, known: Known): string | undefined => {
  for (const unmet of unmetDependencies(view, service, known)) {
    const failure = unmet.dependency.required ? hopelessText(view, unmet, known) : undefined;
    if (failure !== undefined) return `it depends on ${unmet.dependency.service}: ${failure}`;
  }
  return undefined;
};
