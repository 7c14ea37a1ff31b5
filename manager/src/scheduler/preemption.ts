import type { Node, Service, Task } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { placeKey } from '../rules/places.ts';
import { byAge, isOccupant, stopMs } from '../rules/task-facts.ts';
import { taskName } from '../rules/words.ts';
import type { Draft } from '../store/transaction.ts';
import { type Ask, askOf, hostModePorts } from './ask.ts';
import { fits, hasRoom, lacksRoomOnly } from './filters.ts';
import { infoOf, takesRoom } from './node-info.ts';
import { type InfoOf, type Proposal, RoomSearch } from './room-search.ts';

/** Where a task that fits nowhere will have room. */
export interface RoomMade {
  readonly node: Node;
  /** The task as it will be there: what it waits for is nobody else's. */
  readonly given: Task;
  /** For the task that waits, one sentence. */
  readonly waitsFor: string;
  /** When it is to be looked for anew, as what is being stopped should have ended by then (epoch milliseconds). */
  readonly againAtMs: number | undefined;
}

/** A task and those of its node that share its namespaces, and so end with it. */
interface Unit {
  readonly id: string;
  readonly slot: number;
  readonly tasks: readonly Task[];
  readonly priority: number;
  readonly createdAtMs: number;
  /** How much of what is asked for it would free, by whichever of it is freed the most. */
  readonly relief: number;
}

/** The least important first, of those the newest, of those of one instant the highest slot. */
const byWorth = (a: Unit, b: Unit): number =>
  a.priority - b.priority || b.createdAtMs - a.createdAtMs || b.slot - a.slot || (a.id < b.id ? -1 : 1);

const shareOf = (freed: number, asked: number): number => (asked === 0 ? 0 : Math.min(1, freed / asked));

const reliefOf = (task: Task, ask: Ask): number =>
  Math.max(
    shareOf(task.spec.reservations.memoryBytes, ask.memoryBytes),
    shareOf(task.spec.reservations.nanoCpus, ask.nanoCpus),
    ...ask.generic.map(({ kind, count }) => shareOf(task.generic.find((each) => each.kind === kind)?.count ?? 0, count)),
    hostModePorts(task.ports).some((port) => ask.hostPorts.includes(port)) ? 1 : 0,
  );

type HasRoomWithout = (units: readonly Unit[]) => boolean;

/** As many of them as it takes, in that order, and of those only the ones that it takes. */
const enoughOf = (units: readonly Unit[], hasRoomWithout: HasRoomWithout): readonly Unit[] => {
  let taken: readonly Unit[] = [];
  for (const unit of units) {
    taken = [...taken, unit];
    if (hasRoomWithout(taken)) break;
  }
  for (const unit of taken.toSorted((a, b) => byWorth(b, a))) {
    const others = taken.filter((each) => each !== unit);
    if (hasRoomWithout(others)) taken = others;
  }
  return taken;
};

/**
 * Whom it takes to make room: none of a higher priority than has to be, and of those few. One where one is enough; where it takes more, as
 * few as are found by beginning with the least important, or with those that free the most. Undefined: all together are not enough.
 * @param units worth the least first
 */
const fewestOf = (units: readonly Unit[], hasRoomWithout: HasRoomWithout): readonly Unit[] | undefined => {
  if (hasRoomWithout([])) return [];
  const limit = [...new Set(units.map(({ priority }) => priority))].find((most) =>
    hasRoomWithout(units.filter(({ priority }) => priority <= most)),
  );
  if (limit === undefined) return undefined;
  const those = units.filter(({ priority }) => priority <= limit);
  const single = those.find((unit) => hasRoomWithout([unit]));
  if (single !== undefined) return [single];
  const byLeastWorth = enoughOf(those, hasRoomWithout);
  const byRelief = enoughOf(
    those.toSorted((a, b) => b.relief - a.relief || byWorth(a, b)),
    hasRoomWithout,
  );
  return byRelief.length < byLeastWorth.length ? byRelief : byLeastWorth;
};

/** How much longer than it may take what is being stopped is waited for: until then it counts as gone, from then on as there to stay. */
const stopSlackMs = 30_000;

const mostNamed = 3;

const namesText = (tasks: readonly Task[]): string => {
  const names = tasks.slice(0, mostNamed).map((task) => `${task.stack}_${taskName(task)}`);
  return tasks.length > mostNamed ? `${names.join(', ')} and ${tasks.length - mostNamed} more` : names.join(', ');
};

/**
 * Room for tasks that fit nowhere, at the cost of tasks of services with a lower priority: on one node, where the highest priority among
 * those that are stopped is the lowest, then where the fewest are, then where they are the newest. Never one of the same priority, so that
 * no two take each other's room in turn. What is being stopped anyway is waited for first, as long as it may take to end, and room that one
 * task waits for is not given to a second.
 */
export class Preemption {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #infoOf: InfoOf;
  /** Tasks that wait for room, by the node where they do. */
  readonly #promised = new Map<string, readonly Task[]>();
  /** Those that are to be stopped, with why. */
  readonly #victims = new Map<Task, string>();
  readonly #priorities: ReadonlyMap<string, number>;
  readonly #lowest: number;
  readonly #searches = new Map<string, RoomSearch>();
  readonly #replaced = new Map<string, ReadonlyMap<string, readonly Task[]>>();

  constructor(draft: Draft, now: number, infoOf: InfoOf) {
    this.#draft = draft;
    this.#now = now;
    this.#infoOf = infoOf;
    this.#priorities = new Map(draft.services().map(({ id, spec }) => [id, spec.priority]));
    this.#lowest = Math.min(...this.#priorities.values());
  }

  /** Whether there are tasks that those of the service may take room from. */
  mayTake(service: Service): boolean {
    return service.spec.priority > this.#lowest;
  }

  /** Tasks to be stopped for the room that was made, each with why, one sentence. */
  get victims(): ReadonlyMap<Task, string> {
    return this.#victims;
  }

  /**
   * Where room is made for the task, which is promised to it from then on; undefined: nowhere, or it takes no other's room: one that takes
   * over from another task of its place has that one's room, or none.
   * @param nodeId the only one that it may be on; empty: any
   */
  makeRoom(service: Service, task: Task, nodeId: string): RoomMade | undefined {
    if (!this.mayTake(service)) return undefined;
    const ask = askOf(this.#draft, service, task);
    if (this.#hasRoomOfItsOwn(service, task, ask)) return undefined;
    const best = nodeId === '' ? this.#searchFor(service, ask, task).best : this.#proposal(nodeId, service, ask);
    return best === undefined ? undefined : this.#promise(best, service, task, ask);
  }

  /** Room is kept on its node for a task that is to be there later. */
  keepRoom(given: Task): void {
    this.#promised.set(given.nodeId, [...(this.#promised.get(given.nodeId) ?? []), given]);
    this.changed(given.nodeId);
  }

  /** The node's tasks have changed. */
  changed(nodeId: string): void {
    for (const search of this.#searches.values()) search.changed(nodeId);
  }

  #promise({ info: { node }, victims, leaving }: Proposal, service: Service, task: Task, ask: Ask): RoomMade {
    const given = { ...task, generic: ask.generic, status: { ...task.status, state: TaskState.ASSIGNED } };
    this.#promised.set(node.id, [...(this.#promised.get(node.id) ?? []), given]);
    const why = `gave way to ${service.stack}_${taskName(task)} (priority ${service.spec.priority})`;
    for (const victim of victims) this.#victims.set(victim, why);
    this.changed(node.id);
    const others = [...victims, ...leaving].sort(byAge);
    const verb = others.length === 1 ? 'is' : 'are';
    const where = node.description.hostname || node.id;
    const ends = leaving.flatMap((each) => this.#endsByMs(each) ?? []);
    const againAtMs = ends.length === 0 ? undefined : Math.min(...ends);
    return { node, given, waitsFor: `waits on ${where} for the room of ${namesText(others)}, which ${verb} being stopped`, againAtMs };
  }

  /** Tasks that ask for the same are looked for room together; nodes where somebody goes anyway are looked at first. */
  #searchFor(service: Service, ask: Ask, { specVersion }: Task): RoomSearch {
    const key = `${service.id} ${specVersion} ${ask.hostPorts.join(' ')}`;
    const known = this.#searches.get(key);
    if (known !== undefined) return known;
    const ids = this.#draft.nodes().map(({ id }) => id);
    const left = new Set(ids.filter((id) => this.#draft.tasksOfNode(id).some((task) => takesRoom(task) && this.#leaves(task))));
    const search = new RoomSearch([...left, ...ids.filter((id) => !left.has(id))], (id) => this.#proposal(id, service, ask));
    this.#searches.set(key, search);
    return search;
  }

  #stays(task: Task): boolean {
    return isOccupant(task) && !this.#victims.has(task);
  }

  /** Whether it is being stopped, and not for longer than that may take. */
  #leaves(task: Task): boolean {
    if (this.#victims.has(task)) return true;
    return !isOccupant(task) && (this.#endsByMs(task) ?? Number.POSITIVE_INFINITY) > this.#now;
  }

  /** When it should have ended; undefined: it was not told yet. */
  #endsByMs({ id }: Task): number | undefined {
    const told = this.#draft.store.task(id);
    return told === undefined || isOccupant(told) ? undefined : told.meta.updatedAtMs + stopMs(told) + stopSlackMs;
  }

  /** Whether it has what it needs once the tasks of its own place that it replaces are gone: they go for it, and nobody else has to. */
  #hasRoomOfItsOwn(service: Service, task: Task, ask: Ask): boolean {
    if (task.replaces !== undefined) return true;
    const replaced = this.#placesOf(service).get(placeKey(service, task)) ?? [];
    return replaced.some(({ id, nodeId }) => {
      const node = id === task.id ? undefined : this.#draft.node(nodeId);
      if (node === undefined) return false;
      const others = this.#draft.tasksOfNode(nodeId).filter((each) => !replaced.includes(each));
      return fits(infoOf(node, others), ask);
    });
  }

  /** The service's tasks that take room and are to stay, by place. */
  #placesOf(service: Service): ReadonlyMap<string, readonly Task[]> {
    const known = this.#replaced.get(service.id);
    if (known !== undefined) return known;
    const held = this.#draft.tasksOfService(service.id).filter((task) => isOccupant(task) && takesRoom(task));
    const places = Map.groupBy(held, (task) => placeKey(service, task));
    this.#replaced.set(service.id, places);
    return places;
  }

  #proposal(nodeId: string, service: Service, ask: Ask): Proposal | undefined {
    const info = this.#infoOf(nodeId);
    if (info === undefined || !lacksRoomOnly(info, ask)) return undefined;
    const here = this.#draft.tasksOfNode(nodeId).filter(takesRoom);
    const leaving = here.filter((task) => this.#leaves(task));
    const held = here.filter((task) => this.#stays(task));
    const staying = [...here.filter((task) => !leaving.includes(task)), ...(this.#promised.get(nodeId) ?? [])];
    const hasRoomWithout = (units: readonly Unit[]): boolean => {
      const gone = new Set(units.flatMap(({ tasks }) => tasks));
      return hasRoom(infoOf(info.node, gone.size === 0 ? staying : staying.filter((task) => !gone.has(task))), ask);
    };
    const units = fewestOf(this.#unitsBelow(held, service.spec.priority, ask), hasRoomWithout);
    if (units === undefined || (units.length === 0 && leaving.length === 0)) return undefined;
    const victims = [...new Set(units.flatMap(({ tasks }) => tasks))];
    const priority = Math.max(...units.map((unit) => unit.priority));
    const sinceMs = Math.min(...units.map(({ createdAtMs }) => createdAtMs));
    return { info, victims, leaving, rank: [priority, victims.length, -sinceMs] };
  }

  /** Those of a lower priority, worth the least first; one that somebody more important shares something with is not among them. */
  #unitsBelow(tasks: readonly Task[], limit: number, ask: Ask): readonly Unit[] {
    const units: Unit[] = [];
    for (const task of tasks) {
      if ((this.#priorities.get(task.serviceId) ?? 0) >= limit) continue;
      const all = [task, ...tasks.filter((other) => [other.networkOf, other.pidOf, other.ipcOf].includes(task.id))];
      const priority = Math.max(...all.map(({ serviceId }) => this.#priorities.get(serviceId) ?? 0));
      if (priority >= limit) continue;
      const createdAtMs = Math.min(...all.map(({ meta }) => meta.createdAtMs));
      units.push({
        id: task.id,
        slot: task.slot,
        tasks: all,
        priority,
        createdAtMs,
        relief: Math.max(...all.map((each) => reliefOf(each, ask))),
      });
    }
    return units.sort(byWorth);
  }
}
