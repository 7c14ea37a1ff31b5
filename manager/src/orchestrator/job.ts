import type { Service, Task } from '@tso/proto';
import { ServiceMode, TaskState, UpdateState } from '@tso/proto';
import { isDone, isScheduled, mostAtOnce, restartPolicyOf } from '../rules/jobs.ts';
import { globalJobNodes, occupantsOf, type Place, placesOf } from '../rules/places.ts';
import { servesSpec } from '../rules/replacement.ts';
import { restartVerdict } from '../rules/restart-policy.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { wishedSlots } from '../rules/wanted.ts';
import type { View } from '../store/view.ts';
import { placesOn } from './global.ts';
import type { Pass } from './pass.ts';
import { PlaceTasks } from './place-tasks.ts';
import { filledUp, type WantedPlaces } from './replicated.ts';
import { forget, noPlaceText } from './tasks.ts';

/** How much a place of a job is worth keeping when fewer completions are wished: done, else under way, else begun. */
const worth = (service: Service, place: Place): number => {
  const occupants = occupantsOf(place);
  if (place.tasks.some((task) => isDone(service, task))) return 3;
  if (occupants.some((task) => isLive(task) && isAssigned(task))) return 2;
  return occupants.some(isLive) ? 1 : 0;
};

/** The slots of a job: what is done stays done, and missing ones get the lowest free numbers. */
const numberedPlaces = (view: View, service: Service): WantedPlaces => {
  const all = placesOf(view, service);
  const count = wishedSlots(service);
  const held = all.filter((place) => place.tasks.some((task) => isOccupant(task) || isDone(service, task)));
  const kept = held.toSorted((a, b) => worth(service, b) - worth(service, a) || a.slot - b.slot).slice(0, count);
  return filledUp(all, kept, count);
};

/** One place of a job while it is being put in order; it never does its work twice at once. */
class JobPlace {
  readonly #service: Service;
  readonly #here: PlaceTasks;

  constructor(pass: Pass, service: Service, place: Place) {
    this.#service = service;
    this.#here = new PlaceTasks(pass, service, place);
  }

  /** How many tasks go on here, those included that are being stopped. */
  get live(): number {
    return this.#here.all.filter(isLive).length;
  }

  get isDone(): boolean {
    return this.#here.all.some((task) => isDone(this.#service, task));
  }

  get #occupant(): Task | undefined {
    return this.#here.all.find(isOccupant);
  }

  /** Takes over what serves the present spec, and lets go what is of another time or has to leave. Returns whether something of another time was there. */
  takeStock(): boolean {
    const { specVersion, jobIteration, spec } = this.#service;
    let hasOld = false;
    for (const task of this.#here.all) {
      const isOfNow = task.jobIteration === jobIteration;
      const keeps = task.status.state === TaskState.COMPLETE || (isLive(task) && isOccupant(task));
      const isOfSpec = task.specVersion === specVersion || isScheduled(this.#service);
      if (isOfNow && !isOfSpec && keeps && servesSpec(this.#service, task)) {
        this.#here.put({ ...task, spec: spec.task, specVersion });
        continue;
      }
      if (!isOccupant(task)) continue;
      if (!isOfNow || !isOfSpec) {
        hasOld ||= !isOfNow;
        this.#here.retire(task, 'the job was changed, or runs anew');
        continue;
      }
      const why = this.#here.whyGo(task);
      if (why !== undefined) this.#here.retire(task, why);
    }
    const occupants = this.#here.all.filter(isOccupant).toSorted((a, b) => this.#rank(b) - this.#rank(a));
    // One that was asked to stop may have completed before it heard of it: then nothing is left to do.
    const kept = this.isDone && occupants[0] !== undefined && !isDone(this.#service, occupants[0]) ? undefined : occupants[0];
    for (const task of occupants) if (task !== kept) this.#here.retire(task, 'another one of its place is kept');
    if (kept !== undefined && isLive(kept)) this.#here.release(kept);
    return hasOld;
  }

  /** Begins what is to be begun here, an attempt more or the first. Returns whether it did. */
  begin(): boolean {
    const task = this.#occupant;
    if (this.isDone || (task !== undefined && isLive(task))) return false;
    if (task === undefined) {
      this.#here.create();
      return true;
    }
    const verdict = restartVerdict(restartPolicyOf(this.#service.spec), task, this.#here.all);
    if (verdict.verdict === 'leave') return false;
    this.#here.retire(task, 'it has ended');
    this.#here.createAgain(task, verdict);
    return true;
  }

  /** Whether nothing goes on here and nothing is to be begun any more: it is done, or has failed for good. */
  get isOver(): boolean {
    if (this.live > 0) return false;
    const task = this.#occupant;
    if (this.isDone) return true;
    return task !== undefined && restartVerdict(restartPolicyOf(this.#service.spec), task, this.#here.all).verdict === 'leave';
  }

  #rank(task: Task): number {
    if (isDone(this.#service, task)) return 2;
    return isLive(task) ? 1 : 0;
  }
}

/** Tells of a job that was changed as of an update: begun when it runs anew, completed when it is done. */
const withUpdate = (pass: Pass, service: Service, hasOld: boolean, isAllDone: boolean): Service => {
  const begun = { state: UpdateState.UPDATING, startedAtMs: pass.now, completedAtMs: 0, message: '' };
  const update = hasOld ? begun : service.update;
  if (update?.state !== UpdateState.UPDATING || !isAllDone) return update === undefined ? service : { ...service, update };
  return { ...service, update: { ...update, state: UpdateState.UPDATE_COMPLETED, completedAtMs: pass.now } };
};

/** A job's places, each with what is there and what is to be done. */
export interface JobWork {
  readonly places: readonly Pick<JobPlace, 'isDone' | 'isOver'>[];
  /** Something of another time was there. */
  readonly hadOld: boolean;
}

/**
 * Brings the places of a job, or of one run of a scheduled one, towards their end: what has to go is let go, and as much is begun as may go on at once.
 * @param mayBegin whether anything may be begun at all
 */
export const workOn = (pass: Pass, service: Service, mayBegin = true): JobWork => {
  const { draft } = pass;
  const { wanted, unwanted } =
    service.spec.mode === ServiceMode.GLOBAL_JOB
      ? placesOn(draft, service, globalJobNodes(draft, service))
      : numberedPlaces(draft, service);
  forget(
    draft,
    unwanted.flatMap((place) => place.tasks),
    noPlaceText(service),
  );
  const places = wanted.map((place) => new JobPlace(pass, service, place));
  const hadOld = places.map((place) => place.takeStock()).includes(true);
  let underWay = places.reduce((sum, place) => sum + place.live, 0);
  for (const place of places) {
    if (!mayBegin || pass.newTasks.isUsedUp || underWay >= mostAtOnce(service.spec)) break;
    if (place.begin()) underWay += 1;
  }
  return { places, hadOld };
};

/**
 * Brings a job towards its end (SwarmKit's rules): each place completes once in each iteration, as many at once as the job allows; what fails is
 * tried again as its restart policy says, and what is done stays done, also on a node that is gone since. A change ends what is under way
 * of the iteration before. Returns the service as it then is.
 */
export const orchestrateJob = (pass: Pass, service: Service): Service => {
  const { places, hadOld } = workOn(pass, service);
  const updated = withUpdate(
    pass,
    service,
    hadOld,
    places.every((place) => place.isDone),
  );
  return updated.runs.length === 0 ? updated : { ...updated, runs: [], scheduledAtMs: 0 };
};
