import type { Service, Task } from '@tso/proto';
import { ServiceMode, UpdateState } from '@tso/proto';
import { restartedSinceMs } from '../rules/dependencies.ts';
import { isJob, isScheduled } from '../rules/jobs.ts';
import { isLeftOnPaused } from '../rules/places.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { isPaused, isUnderWay } from '../rules/update-pace.ts';
import type { Draft } from '../store/transaction.ts';
import { orphanTasksOfLostNodes } from './drain.ts';
import { evacuate } from './evacuate.ts';
import { globalPlaces } from './global.ts';
import { orchestrateJob } from './job.ts';
import type { Pass } from './pass.ts';
import { pausedByWish } from './pause-after.ts';
import { nobodys, type Scope } from './plan-memory.ts';
import { progressAtMs } from './progress.ts';
import { reapService, reapShared } from './reaper.ts';
import { rebalance } from './rebalance.ts';
import { replicatedPlaces } from './replicated.ts';
import { orchestrateSchedule } from './schedule.ts';
import { SlotWork } from './slots.ts';
import { forget, isForgettable, noPlaceText, retireTogether, stoppedText } from './tasks.ts';
import { assessUpdate, completeUpdate, rollOn } from './update.ts';

/**
 * Empties all places of a stopped service; its history stays, and of a job what has come of it.
 * @param waits services that depend on it are stopping too, and end before what a node was told of
 */
const stopTasks = ({ draft }: Pass, service: Service, waits: boolean): void => {
  const leaving = draft
    .tasksOfService(service.id)
    .filter((task) => isOccupant(task) && (isLive(task) || !isJob(service)) && !(waits && isLive(task) && isAssigned(task)));
  retireTogether(draft, leaving, stoppedText);
};

const orchestrateService = (pass: Pass, service: Service): void => {
  const { draft } = pass;
  const tasks = draft.tasksOfService(service.id);
  const waits = (service.removing || service.stopped) && pass.goingDown.before(service).length > 0;
  forget(
    draft,
    tasks.filter((task) => (service.removing && !(waits && isLive(task) && isAssigned(task))) || task.mode !== service.spec.mode),
    service.removing ? 'its service is being removed' : 'its service has another mode now',
  );
  if (service.removing) return;
  if (service.stopped && !isScheduled(service)) {
    stopTasks(pass, service, waits);
    return;
  }
  if (isJob(service)) {
    const orchestrated = isScheduled(service) ? orchestrateSchedule(pass, service) : orchestrateJob(pass, service);
    draft.putService(rebalance(pass, orchestrated, []));
    return;
  }
  const { wanted, unwanted } = service.spec.mode === ServiceMode.GLOBAL ? globalPlaces(draft, service) : replicatedPlaces(draft, service);
  forget(
    draft,
    unwanted.flatMap((place) => place.tasks),
    noPlaceText(service),
  );

  const sinceMs = restartedSinceMs(draft, service, pass.known);
  const works = wanted.map((place) => new SlotWork(pass, service, place, sinceMs));
  for (const work of works) work.takeStock();
  // An update passes over what no other task could replace.
  const inTurn = works.filter(({ stale }) => !stale.some((task) => isLeftOnPaused(draft, service, task)));
  const assessed = assessUpdate(pass, service, inTurn);
  // Its places are those of the other spec: what becomes of them is for the next plan.
  if (assessed.spec !== service.spec) {
    draft.putService(assessed);
    return;
  }
  const updated = carryUpdateOn(pass, assessed, works, inTurn);
  // What has to leave its node goes first: never two reasons to move a task at once.
  const isLeaving = !pass.newTasks.isUsedUp && evacuate(pass, updated, works);
  draft.putService(pass.newTasks.isUsedUp || isLeaving ? updated : rebalance(pass, updated, works));
};

/**
 * The service with its update as it then is.
 * @param all its places
 * @param works those that updates change
 */
const carryUpdateOn = (pass: Pass, service: Service, all: readonly SlotWork[], works: readonly SlotWork[]): Service => {
  const { update } = service;
  const paused = isPaused(update);
  const unsettled = new Set(all.filter((work) => work.settle(paused)));
  const dirty = works.filter((work) => unsettled.has(work));
  if (update === undefined) return service;
  // Whether the update may go on, or is done, is for the plan that has filled all places to say.
  if (pass.newTasks.isUsedUp) return service;
  const waitsFor = paused ? undefined : rollOn(pass, service, works, dirty);
  const message = update.state === UpdateState.UPDATING ? (waitsFor ?? '') : update.message;
  // The time that it waited for others is not its own.
  const hasWaited = update.state === UpdateState.UPDATING && update.message !== '' && message === '';
  const reachedAtMs = hasWaited ? pass.now : isUnderWay(update) ? progressAtMs(update, works) : update.progressAtMs;
  const now = { ...update, message, ...(reachedAtMs === undefined ? {} : { progressAtMs: reachedAtMs }) };
  const left = works.filter((work) => work.stale.length > 0).length;
  const next = completeUpdate(pass, service, pausedByWish(pass, service, now, works, left), works);
  return { ...service, update: next, unproven: service.unproven && next.state !== UpdateState.UPDATE_COMPLETED };
};

/** Found by the services that tasks name, since those are few. */
const serviceless = (draft: Draft): readonly Task[] =>
  [...draft.table('task').keys('service')].flatMap((id) => (draft.service(id) === undefined ? draft.tasksOfService(id) : []));

/** Nobody's tasks any more: stopped, and dropped once nothing of them runs. */
const forgetServiceless = (pass: Pass): void => {
  const { draft } = pass;
  const found = serviceless(draft);
  if (found.length === 0) return;
  orphanTasksOfLostNodes(pass, found);
  forget(draft, serviceless(draft), 'its service is not there any more');
  for (const task of serviceless(draft)) {
    const kept = draft.task(task.id);
    if (kept !== undefined && isForgettable(kept)) draft.remove('task', kept.id);
  }
};

/** Makes, retires and forgets tasks of the services in scope until they are what these ask for. Places none of them. */
export const orchestrate = (pass: Pass, scope: Pick<Scope, 'serviceIds' | 'isWhole' | 'requestsSeen'>): void => {
  const { draft } = pass;
  const inScope = (): readonly Service[] => [...scope.serviceIds].flatMap((id) => draft.service(id) ?? []);
  for (const { id } of inScope()) pass.of(id, () => orphanTasksOfLostNodes(pass, draft.tasksOfService(id)));
  if (scope.isWhole) pass.of(nobodys, () => forgetServiceless(pass));
  for (const service of inScope()) {
    if (pass.newTasks.isUsedUp) break;
    pass.of(service.id, () => orchestrateService(pass, service));
    pass.lookedAt(service.id);
  }
  // Whose tasks reserve more by now may leave those of others without room, and nothing else tells these.
  for (const id of pass.crowdedServices) {
    const other = scope.serviceIds.has(id) ? undefined : draft.service(id);
    if (other !== undefined && !pass.newTasks.isUsedUp) pass.of(id, () => orchestrateService(pass, other));
  }
  for (const service of inScope()) pass.of(service.id, () => reapService(draft, service));
  reapShared(pass, scope.requestsSeen);
};
