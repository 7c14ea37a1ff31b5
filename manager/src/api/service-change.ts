import { type FileRef, type ObjectChange, type Service, type ServiceSpec, UpdateState } from '@tso/proto';
import { failureOf } from '../rules/convergence.ts';
import { usesIngressPorts } from '../rules/ingress-ports.ts';
import { isJobMode, isScheduled } from '../rules/jobs.ts';
import type { Known } from '../rules/known.ts';
import { isBeingSpread, spreadFromNowOn } from '../rules/rebalancing.ts';
import { portsServe, runsAlike } from '../rules/replacement.ts';
import { isSameSchedule } from '../rules/schedule.ts';
import { begunUpdate, goesBack, isGivenUp, isPaused, withoutUpdate } from '../rules/update-pace.ts';
import { countedAsSpecSays } from '../rules/wanted.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { change } from './wish-parts.ts';

/** A new start for a service that gave up, though its spec is the same: whoever applies it again wants it tried again. */
export const retried = (
  view: View,
  service: Service,
  known: Known,
): { readonly service: Service; readonly change: ObjectChange } | undefined => {
  // The wish is what it goes back to, or went back to: nothing has failed of that, and nothing is to be tried again.
  const asItWas = { service: withoutUpdate(service), change: change('service', service.spec.name, 'none') };
  if (goesBack(service)) return asItWas;
  if (failureOf(view, service, known) === undefined) return undefined;
  if (service.rebalancePaused !== undefined && isBeingSpread(service)) {
    return {
      service: spreadFromNowOn(view, withoutUpdate(service)),
      change: change('service', service.spec.name, 'update', [{ path: 'rebalance', from: 'paused', to: 'resumed' }]),
    };
  }
  if (service.update?.state === UpdateState.ROLLBACK_COMPLETED) return asItWas;
  const field = isPaused(service.update)
    ? { path: 'update', from: 'paused', to: 'resumed' }
    : { path: 'attempts', from: 'used up', to: 'none used' };
  return { service: { ...withoutUpdate(service), specVersion: 0 }, change: change('service', service.spec.name, 'update', [field]) };
};

/** What a rollback goes back to: what ran before, not what was just on its way or had failed. */
const former = ({ spec, files, previousSpec, previousFiles, unproven }: Service): Pick<Service, 'previousSpec' | 'previousFiles'> =>
  unproven && previousSpec !== undefined ? { previousSpec, previousFiles } : { previousSpec: spec, previousFiles: files };

/**
 * The service with another spec, and tasks of it to be replaced where they would feel it.
 * @param now epoch milliseconds, by the cluster's clock
 */
export const updated = (service: Service, spec: ServiceSpec, files: readonly FileRef[], now: number): Service => {
  const replaces =
    !sameData(service.files, files) ||
    !runsAlike(service.spec.task, spec.task) ||
    service.spec.mode !== spec.mode ||
    (isScheduled(service) && !isScheduled({ spec })) ||
    !portsServe(spec.ports, service.ports, usesIngressPorts(service.spec));
  const next = { ...service, spec, files, ...former(service) };
  const { schedule } = spec;
  // From when it was changed: instants before that were never due by it.
  const timed = isSameSchedule(service.spec.schedule, schedule)
    ? next
    : { ...next, scheduledAtMs: 0, runs: schedule === undefined ? [] : next.runs };
  const counted = countedAsSpecSays(timed);
  if (!replaces) return isGivenUp(service.update) ? withoutUpdate(counted) : counted;
  const isOfJob = isJobMode(spec.mode);
  // A job runs anew, unless that is for its schedule to say. What it had done so far counts for what it was.
  const runsAnew = isOfJob && !isScheduled(counted);
  const anew = { ...withoutUpdate(counted), specVersion: 0, unproven: !isOfJob, jobIteration: service.jobIteration + (runsAnew ? 1 : 0) };
  // Watched from now on also where it finds no tasks of another spec in its places: there are none, or they are of another mode.
  return isOfJob || service.stopped ? anew : { ...anew, update: begunUpdate(now) };
};

/**
 * The spec with the tasks replaced as often as they were, or once more at the most: a file says nothing of that, and applying it again is to
 * replace none.
 * @param there undefined: it is made with this
 * @param restarts whether a number above the present one asks for a restart
 */
export const asOftenReplaced = (there: Service | undefined, wished: ServiceSpec, restarts: boolean): ServiceSpec => {
  const times = there?.spec.task.forceUpdate ?? 0;
  const forceUpdate = restarts && wished.task.forceUpdate > times ? times + 1 : times;
  return wished.task.forceUpdate === forceUpdate ? wished : { ...wished, task: { ...wished.task, forceUpdate } };
};
