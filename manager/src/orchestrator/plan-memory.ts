import type { Node, Service } from '@tso/proto';
import { RebalanceMode } from '@tso/proto';
import { restartedAfter } from '../rules/dependencies.ts';
import { NodeLoads } from '../rules/node-loads.ts';
import { isBeingSpread } from '../rules/rebalancing.ts';
import { sharesNamespace } from '../rules/shared-namespaces.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { wantedSlots } from '../rules/wanted.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { crowdedOut } from './crowded.ts';
import { isAlikeToQuiet, quietOf } from './quiet.ts';
import { type RequestsSeen, RequestWatch } from './requests-seen.ts';
import { RoomWatch } from './room-watch.ts';

/** The services that a plan looks at. */
export interface Scope {
  readonly serviceIds: ReadonlySet<string>;
  /** Others may need a plan too: they did not fit into this one. */
  readonly isPartial: boolean;
  /** Tasks of services that do not exist are looked for as well. */
  readonly isWhole: boolean;
  /** The earliest instant at which one that is left out asked to be looked at again. */
  readonly wakeAtMs: number | undefined;
  /** Absent: requests are as old as they say. */
  readonly requestsSeen?: RequestsSeen;
}

/** What became of the services that a plan looked at. */
export interface Looked {
  /** Services that the plan changed something of. */
  readonly changed: ReadonlySet<string>;
  /** When each asked to be looked at again though nothing changes. */
  readonly wakes: ReadonlyMap<string, number>;
  /** Services with tasks that have no room on their nodes any more: those that were left out were planned all the same. @default none */
  readonly crowded?: ReadonlySet<string>;
}

/**
 * On what the next plan of a service hangs beside itself, its tasks and the nodes: on nothing; on room that becomes free; on tasks of
 * others, so that any change of the store may concern it.
 */
type HangsOn = 'itself' | 'room' | 'all';

/** What a service was planned on, without a change: the same again gives nothing again. */
interface Stamp {
  readonly service: Service;
  readonly tasks: number;
  readonly nodes: number;
  readonly hangsOn: HangsOn;
  /** What the store was, as far as it hangs on that. */
  readonly others: number;
  readonly wakeAtMs: number | undefined;
  /** Found by a look at its tasks alone: what their agents say of them changes nothing as long as they live. */
  readonly isQuiet: boolean;
  /** The revision of all tasks then. */
  readonly atRevision: number;
  /** Services that it is to be restarted after. */
  readonly restartedAfter: readonly Service[];
}

/** In place of a service's id, for tasks of services that do not exist. */
export const nobodys = '';

/** A plan looks at services of so many tasks at most, and at one in any case: none is to hold the event loop for long. */
export const tasksLookedAt = 5_000;

/** Whether what becomes of it hangs on how far those are that it depends on. */
const mayWaitForOthers = (view: View, service: Service): boolean => {
  const sinceMs = Math.max(0, ...restartedAfter(view, service).map((other) => other.update?.startedAtMs ?? 0));
  return view
    .tasksOfService(service.id)
    .some((task) => isOccupant(task) && (task.specVersion !== service.specVersion || task.meta.createdAtMs < sinceMs));
};

const hangsOn = (view: View, service: Service, now: number): HangsOn => {
  const tasks = view.tasksOfService(service.id).filter((task) => isOccupant(task) && isLive(task));
  const standsAlone =
    !service.removing &&
    !(service.stopped && tasks.length > 0) &&
    service.spec.rebalance === RebalanceMode.REBALANCE_NEVER &&
    !isBeingSpread(service) &&
    !sharesNamespace(service) &&
    (service.spec.dependsOn.length === 0 || !mayWaitForOthers(view, service));
  if (!standsAlone) return 'all';
  // Who waits for a time has asked to be woken then.
  if (tasks.every((task) => isAssigned(task) || task.notBeforeMs > now)) return 'itself';
  return service.spec.dependsOn.length === 0 ? 'room' : 'all';
};

const isSameList = (a: readonly Service[], b: readonly Service[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

/** Whether a plan sees no difference: much of what is written of nodes (certificates, addresses, words) is nothing to it. */
const isPlannedAlike = (a: Node | undefined, b: Node): boolean =>
  a === b ||
  (a !== undefined &&
    a.state === b.state &&
    a.availability === b.availability &&
    a.role === b.role &&
    a.removing === b.removing &&
    sameData(a.labels, b.labels) &&
    sameData(a.description, b.description));

/**
 * What the planner remembers from one plan to the next, so that it looks only at services that something has changed for: by the
 * store's own revisions, never by what somebody told it. Without it a plan looks at everything, with the same result, except that it
 * knows no better of requests how old they are than they say themselves.
 */
export class PlanMemory {
  readonly loads = new NodeLoads();
  readonly #requests = new RequestWatch();
  readonly #stamps = new Map<string, Stamp>();
  #tables: unknown;
  #services = -1;
  #nodesRevision = -1;
  #nodes: ReadonlyMap<string, Node> = new Map();
  /** Raised when something that plans see of nodes has changed. */
  #nodesSeen = 0;
  #tasksRevision = -1;
  /** By service, up to which revision of all tasks something of its own has changed that a plan may see. */
  readonly #stirred = new Map<string, number>();
  /** What changed up to that revision is not known any more. */
  #forgottenUpTo = 0;
  /** Settled until that instant, if their own tasks, services or nodes do not change that: passed over until then. */
  readonly #idle = new Map<string, number>();
  /** What of services and nodes that holds for. */
  #servicesSeen = -1;
  #idleNodes = -1;
  readonly #room = new RoomWatch();
  #roomSeen = 0;
  #now = 0;
  /** The service that the last plan ended before. */
  #last = '';

  /** Whether more is reserved on a node than it has. Who knows what is reserved says it better. */
  protected isCrowded(view: View, node: Node): boolean {
    return crowdedOut(view, node).size > 0;
  }

  /** What is to be looked at now. */
  scope(view: View, now: number): Scope {
    this.#now = now;
    this.#compareNodes(view);
    this.#roomSeen = this.#room.look(view);
    const isWhole = this.#tables !== view.table('task') || this.#services !== view.table('service').revision();
    if (this.#tables !== view.table('task')) this.#stamps.clear();
    this.#followTasks(view);
    this.#tables = view.table('task');
    const serviceIds = new Set<string>();
    let [tasks, isPartial, wakeAtMs]: [number, boolean, number | undefined] = [0, false, undefined];
    for (const service of this.#inTurn(view)) {
      const idleUntil = this.#idle.get(service.id) ?? 0;
      if (idleUntil > now) {
        if (idleUntil < Number.POSITIVE_INFINITY) wakeAtMs = Math.min(idleUntil, wakeAtMs ?? idleUntil);
        continue;
      }
      if (this.#isSettled(view, service, now)) {
        const stamp = this.#stamps.get(service.id);
        const wake = stamp?.wakeAtMs;
        if (stamp?.hangsOn === 'itself') this.#idle.set(service.id, wake ?? Number.POSITIVE_INFINITY);
        if (wake !== undefined) wakeAtMs = Math.min(wake, wakeAtMs ?? wake);
        continue;
      }
      const quiet = quietOf(view, service, now, (node) => this.isCrowded(view, node));
      if (quiet !== undefined) {
        this.#settle(view, service, quiet.untilMs, true);
        if (quiet.untilMs !== undefined) wakeAtMs = Math.min(quiet.untilMs, wakeAtMs ?? quiet.untilMs);
        continue;
      }
      tasks += Math.max(view.tasksOfService(service.id).length, wantedSlots(service));
      if (serviceIds.size > 0 && tasks > tasksLookedAt) {
        isPartial = true;
        break;
      }
      serviceIds.add(service.id);
      this.#last = service.id;
    }
    return { serviceIds, isPartial, isWhole, wakeAtMs, requestsSeen: this.#requests.look(view, now) };
  }

  /** That a plan had no room for all that this service is due: the next one begins with it, or after it when this one did, so that others come by turns. */
  leftOffAt({ serviceIds }: Scope, serviceId: string): void {
    const order = [...serviceIds];
    this.#last = order[Math.max(0, order.indexOf(serviceId) - 1)] ?? serviceId;
  }

  /** What came of it, on the store as it was then. */
  looked(view: View, { serviceIds, isWhole }: Scope, { changed, wakes, crowded = new Set() }: Looked): void {
    if (isWhole && !changed.has(nobodys)) this.#services = view.table('service').revision();
    for (const id of serviceIds) {
      const service = view.service(id);
      if (service === undefined || changed.has(id) || changed.has(nobodys)) {
        this.#stamps.delete(id);
        continue;
      }
      this.#settle(view, service, wakes.get(id));
    }
    // What such a one asked for counts, not what it was planned on when it had room: the next plan looks at it as at the others.
    for (const id of crowded) {
      if (serviceIds.has(id)) continue;
      this.#stamps.delete(id);
      this.#idle.delete(id);
    }
    if (this.#stamps.size > 2 * view.services().length + 16) {
      for (const id of this.#stamps.keys()) if (view.service(id) === undefined) this.#stamps.delete(id);
      for (const id of this.#stirred.keys()) if (view.service(id) === undefined) this.#stirred.delete(id);
    }
  }

  #othersOf(view: View, on: HangsOn): number {
    if (on === 'itself') return 0;
    return on === 'room' ? this.#roomSeen : view.index;
  }

  #settle(view: View, service: Service, wakeAtMs: number | undefined, isQuiet = false): void {
    const on = hangsOn(view, service, this.#now);
    this.#stamps.set(service.id, {
      service,
      tasks: view.table('task').revision('service', service.id),
      nodes: this.#nodesSeen,
      hangsOn: on,
      others: this.#othersOf(view, on),
      wakeAtMs,
      isQuiet,
      atRevision: view.table('task').revision(),
      restartedAfter: restartedAfter(view, service),
    });
  }

  #isSettled(view: View, service: Service, now: number): boolean {
    const stamp = this.#stamps.get(service.id);
    return (
      stamp !== undefined &&
      stamp.service === service &&
      (stamp.tasks === view.table('task').revision('service', service.id) || this.#isStill(stamp)) &&
      stamp.nodes === this.#nodesSeen &&
      stamp.others === this.#othersOf(view, stamp.hangsOn) &&
      (stamp.wakeAtMs === undefined || stamp.wakeAtMs > now) &&
      isSameList(stamp.restartedAfter, restartedAfter(view, service))
    );
  }

  /** Whether all that has become of its tasks since is nothing to a plan. */
  #isStill({ service, isQuiet, atRevision }: Stamp): boolean {
    return isQuiet && atRevision >= this.#forgottenUpTo && atRevision >= (this.#stirred.get(service.id) ?? 0);
  }

  #followTasks(view: View): void {
    const [tasks, services] = [view.table('task'), view.table('service').revision()];
    const revision = tasks.revision();
    const changes = this.#tables === tasks ? tasks.changesSince(this.#tasksRevision) : undefined;
    if (changes === undefined || services !== this.#servicesSeen || this.#idleNodes !== this.#nodesSeen) this.#idle.clear();
    this.#servicesSeen = services;
    this.#idleNodes = this.#nodesSeen;
    this.#tasksRevision = revision;
    if (changes === undefined) {
      this.#stirred.clear();
      this.#forgottenUpTo = revision;
      return;
    }
    for (const { id, before } of changes) {
      const after = tasks.get(id);
      if (before !== undefined && after !== undefined && isAlikeToQuiet(before, after)) {
        if (this.#stamps.get(after.serviceId)?.isQuiet !== true) this.#idle.delete(after.serviceId);
        continue;
      }
      for (const serviceId of [before?.serviceId, after?.serviceId]) {
        if (serviceId === undefined) continue;
        this.#stirred.set(serviceId, revision);
        this.#idle.delete(serviceId);
      }
    }
  }

  /** From where the last plan left off, so that busy services do not keep others waiting. */
  #inTurn(view: View): readonly Service[] {
    const services = view.services();
    const at = services.findIndex(({ id }) => id === this.#last);
    return at === -1 ? services : [...services.slice(at + 1), ...services.slice(0, at + 1)];
  }

  #compareNodes(view: View): void {
    const revision = view.table('node').revision();
    if (revision === this.#nodesRevision && this.#tables === view.table('task')) return;
    this.#nodesRevision = revision;
    const nodes = new Map(view.nodes().map((node) => [node.id, node]));
    const isSame = nodes.size === this.#nodes.size && [...nodes].every(([id, node]) => isPlannedAlike(this.#nodes.get(id), node));
    this.#nodes = nodes;
    if (!isSame) this.#nodesSeen += 1;
  }
}
