import type { DependsOn, Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { serviceKey } from '../store/kinds.ts';
import type { View } from '../store/view.ts';
import { isByNode, isJob, isOfIteration, isScheduled } from './jobs.ts';
import { Known } from './known.ts';
import { doneCount, occupantsOf, placesOf, wishedCount } from './places.ts';
import { servesSpec } from './replacement.ts';
import { lastRunSucceeded } from './schedule.ts';
import { hasStarted, isAssigned, isLive, isOccupant, isServing } from './task-facts.ts';
import { goesBack, isGivenUp, isUnderWay } from './update-pace.ts';
import { wishedSlots } from './wanted.ts';

/** The stack's service of that name that is not being removed. */
export const serviceNamed = (view: View, stack: string, name: string): Service | undefined =>
  view
    .table('service')
    .by('name', serviceKey(stack, name))
    .find((service) => !service.removing);

/** The services that this one is to be restarted after, when they are replaced. */
export const restartedAfter = (view: View, service: Service): readonly Service[] =>
  service.spec.dependsOn.flatMap(({ restart, service: name }) => (restart ? (serviceNamed(view, service.stack, name) ?? []) : []));

/**
 * Tasks made before that instant are to be replaced as by an update: since then a service was replaced that theirs is to be restarted after
 * (`depends_on` with `restart: true`), and that one is through. What was replaced because it ended by itself restarts nobody.
 * 0: nothing of the kind. What stands in a circle does not wait for itself.
 */
export const restartedSinceMs = (view: View, service: Service, known = new Known()): number =>
  known.restartedSince.of(
    service,
    (at) => (isJob(at) ? [] : restartedAfter(view, at).filter((other) => other.update !== undefined && hasTaskOfSpec(view, other))),
    (at) => {
      let sinceMs = 0;
      if (isJob(at)) return sinceMs;
      for (const { restart, condition, service: name } of at.spec.dependsOn) {
        const other = restart ? serviceNamed(view, at.stack, name) : undefined;
        const startedAtMs = other?.update?.startedAtMs ?? 0;
        if (other !== undefined && startedAtMs > sinceMs && isThrough(view, other, condition, known)) sinceMs = startedAtMs;
      }
      return sinceMs;
    },
  );

/** Whether a task was made from what its service is now, or serves it as well. */
type IsPresent = (task: Task) => boolean;

/** Whether a task was made from what its service is now, or serves it as well, however long ago: restarts after other services are not asked for. */
const isOfSpec = (service: Service, task: Task): boolean =>
  isOfIteration(service, task) && (task.specVersion === service.specVersion || servesSpec(service, task));

const hasTaskOfSpec = (view: View, service: Service): boolean => view.tasksOfService(service.id).some((task) => isOfSpec(service, task));

const presentOf = (view: View, service: Service, known: Known): IsPresent => {
  let sinceMs: number | undefined;
  // Of a service that has nothing of its spec yet nobody asks, so that a change of many is not looked through for each of them.
  const since = (): number => {
    sinceMs ??= restartedSinceMs(view, service, known);
    return sinceMs;
  };
  return (task) => isOfSpec(service, task) && task.meta.createdAtMs >= since();
};

/** Whether nothing of what the service is now was ever given to a node: at its first start, and at the first of each change. */
const awaitsFirstStart = (view: View, service: Service): boolean =>
  view
    .tasksOfService(service.id)
    .every((task) => task.status.state < TaskState.ASSIGNED || task.specVersion !== service.specVersion || !isOfIteration(service, task));

/**
 * Whether it was stopped as a whole and nothing of it was given to a node since: it comes up anew, in the order in which it did at first. A place
 * whose task ended by itself, or with its node, is no such thing: whoever is being mended waits for nobody.
 */
const comesUpAnew = (view: View, service: Service): boolean => {
  if (isJob(service) || service.stopped) return false;
  const assigned = view.tasksOfService(service.id).filter(isAssigned);
  const held = assigned.filter((task) => isLive(task) || isOccupant(task) || !wasStopped(task));
  return assigned.length > 0 && held.every((task) => !isLive(task) && !isOccupant(task) && isFollowed(assigned, task));
};

/** Whether it ended because it was asked to. */
const wasStopped = ({ status }: Task): boolean => status.state === TaskState.SHUTDOWN;

/** Whether a later task of its place ended as it was asked to: what became of this one is history. */
const isFollowed = (assigned: readonly Task[], { slot, nodeId, mode, meta }: Task): boolean =>
  assigned.some(
    (other) =>
      wasStopped(other) && other.slot === slot && (!isByNode(mode) || other.nodeId === nodeId) && other.meta.createdAtMs > meta.createdAtMs,
  );

/** Whether a job has done what is asked of it. */
const isAllDone = (view: View, job: Service): boolean => doneCount(view, job) >= wishedCount(view, job);

/** Whether a service is what another one that depends on it waits for: by what it is now, not by what it was before. */
const isMet = (view: View, service: Service, condition: string, isNow: IsPresent): boolean => {
  // As with docker compose: whoever is wished to have no task is not waited for.
  if (!isByNode(service.spec.mode) && wishedSlots(service) === 0) return true;
  if (service.stopped && condition !== 'service_completed_successfully') return false;
  switch (condition) {
    case 'service_healthy':
      return placesOf(view, service).some((place) => occupantsOf(place).some((task) => isServing(task) && isNow(task)));
    case 'service_completed_successfully': {
      if (isScheduled(service)) return lastRunSucceeded(service);
      if (isJob(service)) return isAllDone(view, service);
      const places = placesOf(view, service);
      return (
        places.some((place) => occupantsOf(place).length > 0) &&
        places.every((place) => place.tasks.some((task) => task.status.state === TaskState.COMPLETE && isNow(task)))
      );
    }
    default:
      return view.tasksOfService(service.id).some((task) => hasStarted(task) && !wasStopped(task) && isNow(task));
  }
};

/** Whether a service is what another one waits for, and nothing of what it was before is left. */
const isThrough = (view: View, service: Service, condition: string, known: Known): boolean => {
  const isNow = presentOf(view, service, known);
  if (!isMet(view, service, condition, isNow)) return false;
  // What it is at beside that are other runs.
  if (isScheduled(service)) return true;
  return view.tasksOfService(service.id).every((task) => !isOccupant(task) || !isLive(task) || isNow(task));
};

/** Whether the service is on its way from what it was to what it is now, or a job is not done. */
const isChanging = (view: View, service: Service): boolean => {
  if (isScheduled(service)) return false;
  if (isJob(service)) return !isAllDone(view, service);
  return isUnderWay(service.update) || isGivenUp(service.update) || awaitsFirstStart(view, service);
};

/** A dependency that is not as far as its service waits for it to be, with the service that it names. */
export interface UnmetDependency {
  readonly dependency: DependsOn;
  readonly other: Service;
}

/**
 * What a service waits for before anything of what it is now is started. At its very first start that is each condition, and so when it is started
 * after it was stopped, but for those that are stopped themselves; at the first of a
 * change it is what those come to that are changing as well, so that one that happens to be down keeps nobody from being mended. The way back
 * to what ran before waits for nobody.
 */
export const unmetDependencies = (view: View, service: Service, known = new Known()): readonly UnmetDependency[] => {
  if (service.spec.dependsOn.length === 0 || goesBack(service)) return [];
  const isAnew = comesUpAnew(view, service);
  if (!isAnew && !awaitsFirstStart(view, service)) return [];
  const wasStarted = !isAnew && view.tasksOfService(service.id).some(isAssigned);
  return service.spec.dependsOn.flatMap((dependency) => {
    const other = serviceNamed(view, service.stack, dependency.service);
    if (other === undefined || (isAnew && other.stopped) || (wasStarted && !isChanging(view, other))) return [];
    // One that goes back to what it was serves, but is not what was wished together with this one.
    const isAsWished = !isGivenUp(other.update) && !goesBack(other);
    return isAsWished && isThrough(view, other, dependency.condition, known) ? [] : [{ dependency, other }];
  });
};
