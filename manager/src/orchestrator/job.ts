import type { Service, Task } from '@tso/proto';
import { ServiceMode, TaskState, UpdateState } from '@tso/proto';
import { isDone, mostAtOnce, restartPolicyOf, slotsOf } from '../rules/jobs.ts';
import { globalJobNodes, occupantsOf, type Place, placesOf } from '../rules/places.ts';
import { servesSpec } from '../rules/replacement.ts';
import { restartVerdict } from '../rules/restart-policy.ts';
import { hasLostLender } from '../rules/shared-namespaces.ts';
import { endText, isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { durationText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { mustLeave } from './drain.ts';
import type { Pass } from './pass.ts';
import type { WantedPlaces } from './replicated.ts';
import { forget, newTask, retire } from './tasks.ts';

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
  const count = slotsOf(service.spec);
  const held = all.filter((place) => place.tasks.some((task) => isOccupant(task) || isDone(service, task)));
  const kept = held.toSorted((a, b) => worth(service, b) - worth(service, a) || a.slot - b.slot).slice(0, count);
  const wanted = new Map(kept.map((place) => [place.slot, place]));
  const bySlot = new Map(all.map((place) => [place.slot, place]));
  for (let slot = 1; wanted.size < count; slot += 1) {
    if (!wanted.has(slot)) wanted.set(slot, bySlot.get(slot) ?? { key: String(slot), slot, nodeId: '', tasks: [] });
  }
  return { wanted: [...wanted.values()].sort((a, b) => a.slot - b.slot), unwanted: all.filter((place) => !wanted.has(place.slot)) };
};

/** Every node that it may run on, and those where it is done. */
const nodePlaces = (view: View, service: Service): WantedPlaces => {
  const all = new Map(placesOf(view, service).map((place) => [place.key, place]));
  const wanted = globalJobNodes(view, service).map(({ id }) => all.get(id) ?? { key: id, slot: 0, nodeId: id, tasks: [] });
  const keys = new Set(wanted.map(({ key }) => key));
  return { wanted, unwanted: [...all.values()].filter(({ key }) => !keys.has(key)) };
};

/** One place of a job while it is being put in order. */
class JobPlace {
  readonly #pass: Pass;
  readonly #service: Service;
  readonly #place: Place;
  #tasks: readonly Task[];

  constructor(pass: Pass, service: Service, place: Place) {
    this.#pass = pass;
    this.#service = service;
    this.#place = place;
    this.#tasks = place.tasks;
  }

  /** How many tasks go on here, those included that are being stopped. */
  get live(): number {
    return this.#tasks.filter(isLive).length;
  }

  get isDone(): boolean {
    return this.#tasks.some((task) => isDone(this.#service, task));
  }

  get #occupant(): Task | undefined {
    return this.#tasks.find(isOccupant);
  }

  /** Takes over what serves the present spec, and lets go what is of another time or has to leave. Returns whether something of another time was there. */
  takeStock(): boolean {
    const { draft } = this.#pass;
    const { specVersion, jobIteration, spec } = this.#service;
    let hasOld = false;
    for (const task of this.#tasks) {
      const isOfNow = task.jobIteration === jobIteration;
      const keeps = task.status.state === TaskState.COMPLETE || (isLive(task) && isOccupant(task));
      if (isOfNow && task.specVersion !== specVersion && keeps && servesSpec(this.#service, task)) {
        this.#put({ ...task, spec: spec.task, specVersion });
        continue;
      }
      if (!isOccupant(task)) continue;
      if (!isOfNow || task.specVersion !== specVersion) {
        hasOld ||= !isOfNow;
        this.#retire(task);
      } else if (isLive(task) && (mustLeave(draft, this.#service, task) || hasLostLender(draft, task))) this.#retire(task);
    }
    const occupants = this.#tasks.filter(isOccupant).toSorted((a, b) => this.#rank(b) - this.#rank(a));
    // One that was asked to stop may have completed before it heard of it: then nothing is left to do.
    const kept = this.isDone && occupants[0] !== undefined && !isDone(this.#service, occupants[0]) ? undefined : occupants[0];
    for (const task of occupants) if (task !== kept) this.#retire(task);
    if (kept?.desiredState === TaskState.READY && isLive(kept) && !this.#hasOther(kept))
      this.#put({ ...kept, desiredState: TaskState.RUNNING });
    return hasOld;
  }

  /** Begins what is to be begun here, an attempt more or the first. Returns whether it did. */
  begin(): boolean {
    const task = this.#occupant;
    if (this.isDone || (task !== undefined && isLive(task))) return false;
    if (task === undefined) {
      this.#create(0, '');
      return true;
    }
    const verdict = restartVerdict(restartPolicyOf(this.#service.spec), task, this.#tasks);
    if (verdict.verdict === 'leave') return false;
    this.#retire(task);
    const { delayMs, attempt } = verdict;
    const why = `starts again ${durationText(delayMs)} after it ended (attempt ${attempt}): ${endText(task)}`;
    this.#create(delayMs, delayMs > 0 ? why : '');
    return true;
  }

  #rank(task: Task): number {
    if (isDone(this.#service, task)) return 2;
    return isLive(task) ? 1 : 0;
  }

  #hasOther(than: Task | undefined): boolean {
    return this.#tasks.some((task) => task.id !== than?.id && isLive(task) && isAssigned(task));
  }

  /** Made ready, no more, while what was here before is still ending: a place never does its work twice at once. */
  #create(delayMs: number, pendingReason: string): void {
    const desiredState = this.#hasOther(undefined) ? TaskState.READY : TaskState.RUNNING;
    const notBeforeMs = delayMs === 0 ? 0 : this.#pass.now + delayMs;
    const task = newTask(this.#pass, this.#service, this.#place, { desiredState, notBeforeMs, pendingReason });
    this.#pass.draft.putTask(task);
    this.#pass.newTasks.take();
    this.#tasks = [task, ...this.#tasks];
  }

  #retire(task: Task): void {
    const kept = retire(this.#pass.draft, task);
    this.#tasks = this.#tasks.flatMap((each) => (each.id === task.id ? (kept === undefined ? [] : [kept]) : [each]));
  }

  #put(task: Task): void {
    this.#pass.draft.putTask(task);
    this.#tasks = this.#tasks.map((each) => (each.id === task.id ? task : each));
  }
}

/** Tells of a job that was changed as of an update: begun when it runs anew, completed when it is done. */
const withUpdate = (pass: Pass, service: Service, hasOld: boolean, isAllDone: boolean): Service => {
  const begun = { state: UpdateState.UPDATING, startedAtMs: pass.now, completedAtMs: 0, message: '' };
  const update = hasOld ? begun : service.update;
  if (update?.state !== UpdateState.UPDATING || !isAllDone) return update === undefined ? service : { ...service, update };
  return { ...service, update: { ...update, state: UpdateState.UPDATE_COMPLETED, completedAtMs: pass.now } };
};

/**
 * Brings a job towards its end (SwarmKit's rules): each place completes once in each iteration, as many at once as the job allows; what fails is
 * tried again as its restart policy says, and what is done stays done, also on a node that is gone since. A change ends what is under way
 * of the iteration before. Returns the service as it then is.
 */
export const orchestrateJob = (pass: Pass, service: Service): Service => {
  const { draft } = pass;
  const { wanted, unwanted } = service.spec.mode === ServiceMode.GLOBAL_JOB ? nodePlaces(draft, service) : numberedPlaces(draft, service);
  forget(
    draft,
    unwanted.flatMap((place) => place.tasks),
  );
  const places = wanted.map((place) => new JobPlace(pass, service, place));
  const hasOld = places.map((place) => place.takeStock()).includes(true);
  let underWay = places.reduce((sum, place) => sum + place.live, 0);
  for (const place of places) {
    if (pass.newTasks.isUsedUp || underWay >= mostAtOnce(service.spec)) break;
    if (place.begin()) underWay += 1;
  }
  return withUpdate(
    pass,
    service,
    hasOld,
    places.every((place) => place.isDone),
  );
};
