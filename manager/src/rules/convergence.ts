import type { Service, Task } from '@tso/proto';
import { isTerminal, TaskState, UpdateState } from '@tso/proto';
import type { View } from '../store/view.ts';
import type { Place } from './places.ts';
import { occupantsOf, placesOf } from './places.ts';
import { isBeingSpread } from './rebalancing.ts';
import { restartVerdict } from './restart-policy.ts';
import { endText, hasStarted, isLive, isServing } from './task-facts.ts';
import { taskName } from './words.ts';

/** Whether a place has what is wished: a task of the present spec that serves, or one that completed and is not to be run again. */
const isGood = (service: Service, place: Place, task: Task): boolean => {
  if (task.specVersion !== service.specVersion) return false;
  if (isServing(task)) return true;
  return task.status.state === TaskState.COMPLETE && restartVerdict(service.spec.task.restart, task, place.tasks).verdict === 'leave';
};

/** How many places have what is wished, and how many tasks are there that should not be (of an older spec, stopping, or not up yet). */
export const countGood = (view: View, service: Service): { readonly good: number; readonly others: number } => {
  let good = 0;
  for (const place of placesOf(view, service)) if (occupantsOf(place).some((task) => isGood(service, place, task))) good += 1;
  const live = view.tasksOfService(service.id).filter(isLive);
  const others = live.filter(
    (task) => task.desiredState > TaskState.RUNNING || task.specVersion !== service.specVersion || !isServing(task),
  );
  return { good, others: others.length };
};

/** Whether the service is what is wished: `desired` places have it, nothing else is there, and nothing is being moved. */
export const hasConverged = (view: View, service: Service, desired: number): boolean => {
  if (service.removing || isBeingSpread(service)) return false;
  const { good, others } = countGood(view, service);
  return good === desired && others === 0;
};

const placeFailure = (service: Service, place: Place): string | undefined => {
  const occupants = occupantsOf(place).filter((task) => task.specVersion === service.specVersion);
  const ended = occupants[0];
  if (ended === undefined || occupants.some(isLive) || !isTerminal(ended.status.state)) return undefined;
  const verdict = restartVerdict(service.spec.task.restart, ended, place.tasks);
  if (verdict.verdict !== 'leave' || verdict.failed === undefined) return undefined;
  const what = ended.status.state === TaskState.REJECTED ? 'was rejected' : 'failed';
  return `${taskName(ended)} ${what} and ${verdict.failed}: ${endText(ended)}`;
};

/** Why the service will not come to what is wished by itself, one sentence; undefined while it may. */
export const failureOf = (view: View, service: Service, seen: ReadonlySet<string> = new Set()): string | undefined => {
  if (service.removing) return undefined;
  const state = service.update?.state;
  if (state === UpdateState.UPDATE_PAUSED || state === UpdateState.ROLLBACK_PAUSED)
    return service.update?.message ?? 'the update is paused';
  if (isBeingSpread(service) && service.rebalancePaused !== undefined) return service.rebalancePaused;
  for (const place of placesOf(view, service)) {
    const failure = placeFailure(service, place);
    if (failure !== undefined) return failure;
  }
  return dependencyFailure(view, service, seen);
};

/** The failure of a service that this one still waits for at its first start. */
const dependencyFailure = (view: View, service: Service, seen: ReadonlySet<string>): string | undefined => {
  if (seen.has(service.id) || !awaitsFirstStart(view, service)) return undefined;
  for (const dependency of service.spec.dependsOn.filter((each) => each.required)) {
    const other = serviceNamed(view, service.stack, dependency.service);
    if (other === undefined || dependencyMet(view, other, dependency.condition)) continue;
    const failure = failureOf(view, other, new Set([...seen, service.id]));
    if (failure !== undefined) return `it depends on ${dependency.service}: ${failure}`;
  }
  return undefined;
};

/** The stack's service of that name that is not being removed. */
export const serviceNamed = (view: View, stack: string, name: string): Service | undefined =>
  view.servicesOfStack(stack).find((service) => service.spec.name === name && !service.removing);

/** Whether no task of the service was ever given to a node. */
export const awaitsFirstStart = (view: View, service: Service): boolean =>
  view.tasksOfService(service.id).every((task) => task.status.state < TaskState.ASSIGNED);

/** Whether a service is what another one that depends on it waits for. */
export const dependencyMet = (view: View, service: Service, condition: string): boolean => {
  const tasks = view.tasksOfService(service.id);
  const places = placesOf(view, service);
  switch (condition) {
    case 'service_healthy':
      return places.some((place) => occupantsOf(place).some(isServing));
    case 'service_completed_successfully':
      return (
        places.some((place) => occupantsOf(place).length > 0) &&
        places.every((place) => place.tasks.some((task) => task.status.state === TaskState.COMPLETE))
      );
    default:
      return tasks.some(hasStarted);
  }
};
