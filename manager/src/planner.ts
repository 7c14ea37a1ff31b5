import type { Node, RandomBytes, StoreAction } from '@tso/proto';
import { TaskState } from '@tso/proto';
import { AddressBook } from './allocator/address-book.ts';
import { AddressLedger } from './allocator/address-ledger.ts';
import { allocateShared, allocateTask, SharedSeen } from './allocator/allocator.ts';
import { firstStartHold, isDelayed } from './orchestrator/hold.ts';
import { orchestrate } from './orchestrator/orchestrator.ts';
import type { FitsInstead } from './orchestrator/pass.ts';
import { Allowance, Pass } from './orchestrator/pass.ts';
import { PlanMemory, type Scope } from './orchestrator/plan-memory.ts';
import { retireEach } from './orchestrator/tasks.ts';
import { type Lenders, lendersText, namespaceSource } from './rules/shared-namespaces.ts';
import { asBefore, type Candidate, candidatesOf, hasUrgent } from './scheduler/candidates.ts';
import { type CouldMove, Moves } from './scheduler/moves.ts';
import { hasTooMuch, type InfoList, NodeInfos } from './scheduler/node-info.ts';
import { Preemption } from './scheduler/preemption.ts';
import { Rosters } from './scheduler/roster.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { Draft } from './store/transaction.ts';
import type { View } from './store/view.ts';

/** What one leadership's plans remember of those before. */
export class PlannerMemory extends PlanMemory {
  readonly infos = new NodeInfos();
  readonly rosters = new Rosters();
  readonly addresses = new AddressLedger();
  readonly shared = new SharedSeen();

  protected override isCrowded(view: View, node: Node): boolean {
    return hasTooMuch(this.infos.at(view, node));
  }
}

export interface Plan {
  /** Empty when nothing is to be done: planning again what a plan made finds nothing, or the rest of a large wish. */
  readonly actions: readonly StoreAction[];
  /** When to plan again though nothing was committed (epoch milliseconds): a delay or a watch period ends then. */
  readonly wakeAtMs: number | undefined;
  /** Whether there is more to do than one plan does: the next one goes on. */
  readonly isPartial: boolean;
}

/** Tasks that one plan makes, and that it places, at most: more are made and placed by the plans that follow at once. */
export const maxTasksPerPlan = 100;

/**
 * Where there are very many tasks or nodes a plan does more of them, since what it costs to begin with grows with all. One in 400: with
 * 100 000 the heartbeats of 2 000 agents wait half as long as with one in 100, and the whole takes a tenth longer.
 */
const tasksPerPlan = (view: View): number =>
  Math.max(maxTasksPerPlan, Math.ceil(view.table('task').size / 400), Math.ceil(view.table('node').size / 20));

/** A pass may make the next one's work (a placed task lets an older one go); more rounds than this wait for the next plan. */
const maxRounds = 8;

interface Placement {
  readonly draft: Draft;
  readonly now: number;
  /** What the tasks of a draft take of its nodes. */
  readonly infosOf: (draft: Draft) => InfoList;
  readonly rosters: Rosters;
  /** Who has which address in the store. */
  readonly addresses: AddressLedger;
  /** Absent: it is only tried, and nobody has to go for it. `wake` is told when a service's task is to be tried again though nothing changes. */
  readonly forReal?: { readonly wake: (serviceId: string, atMs: number) => void };
}

const earliest = (...instants: readonly (number | undefined)[]): number | undefined =>
  instants.reduce((first, one) => (first === undefined || one === undefined ? (first ?? one) : Math.min(first, one)), undefined);

/** Room at the cost of tasks of services with a lower priority. Returns where; undefined: nowhere. */
const makeRoom = (scheduler: Scheduler, preemption: Preemption, { service, task }: Candidate, beside: Lenders | undefined) => {
  const made = preemption.makeRoom(service, task, beside?.nodeId ?? task.nodeId);
  if (made !== undefined) scheduler.keepRoom(made.node.id, made.given);
  return made;
};

/**
 * Keeps room for those that wait for their next attempt from all who count for less.
 * @param delayed the highest priority first
 */
class KeptRoom {
  readonly #delayed: readonly Candidate[];
  readonly #keep: (candidate: Candidate) => boolean;
  #next = 0;
  /** When the first of them is tried again (epoch milliseconds). */
  untilMs: number | undefined;

  /** @param keep returns whether there was room */
  constructor(delayed: readonly Candidate[], keep: (candidate: Candidate) => boolean) {
    this.#delayed = delayed;
    this.#keep = keep;
  }

  from(priority: number): void {
    for (; this.#next < this.#delayed.length; this.#next += 1) {
      const candidate = this.#delayed[this.#next];
      if (candidate === undefined || candidate.service.spec.priority <= priority) return;
      if (this.#keep(candidate)) this.untilMs = earliest(this.untilMs, candidate.task.notBeforeMs);
    }
  }
}

/**
 * Addresses and a node for each candidate, in their order, as far as the allowance goes. Where one task of a service fits nowhere the
 * next one of the same spec, beside the same tasks, does not either: it is given the same reason without looking at every node again.
 */
const place = (
  { draft, now, infosOf, rosters, addresses, forReal }: Placement,
  candidates: readonly Candidate[],
  placements: Allowance,
  delayed: readonly Candidate[] = [],
): void => {
  if (candidates.length === 0 || placements.isUsedUp) return;
  const book = new AddressBook(draft, now, addresses);
  const scheduler = new Scheduler(draft, now, infosOf(draft), rosters);
  const preemption = forReal && new Preemption(draft, now, (nodeId) => scheduler.info(nodeId));
  const kept = new KeptRoom(delayed, (candidate) => {
    const given = asBefore(draft, candidate);
    if (given === undefined || !scheduler.keepRoomIfFree(candidate.service, given)) return false;
    preemption?.keepRoom(given);
    return true;
  });
  const nowhere = new Map<string, string>();
  /** Why it cannot be placed, and whether others like it cannot either; undefined: it can. */
  const tryOne = (
    { service, task }: Candidate,
    beside: Lenders | undefined,
  ): { readonly why: string; readonly all: boolean } | undefined => {
    const { task: allocated, againAtMs } = allocateTask(book, service, task);
    if (againAtMs !== undefined) forReal?.wake(service.id, againAtMs);
    if (allocated.status.state !== TaskState.ALLOCATED) return { why: allocated.pendingReason, all: true };
    const why = scheduler.place(service, allocated, beside);
    if (why === undefined) {
      preemption?.changed(draft.task(task.id)?.nodeId ?? '');
      return undefined;
    }
    const made = preemption && makeRoom(scheduler, preemption, { service, task: allocated }, beside);
    const againWithRoomAtMs = earliest(made?.againAtMs, kept.untilMs);
    if (againWithRoomAtMs !== undefined) forReal?.wake(service.id, againWithRoomAtMs);
    draft.putTask({ ...allocated, pendingReason: made?.waitsFor ?? why });
    return { why, all: made === undefined };
  };
  for (const { service, task } of candidates) {
    if (placements.isUsedUp) break;
    kept.from(service.spec.priority);
    const before = draft.revision;
    const source = namespaceSource(draft, service, task);
    const beside = source.kind === 'of' ? source.lenders : undefined;
    const kind = `${service.id} ${task.specVersion} ${task.nodeId} ${beside === undefined ? '' : `${beside.nodeId} ${lendersText(beside)}`}`;
    const known = nowhere.get(kind);
    if (source.kind === 'waits') draft.putTask({ ...task, pendingReason: source.reason });
    else if (known === undefined) {
      const failure = tryOne({ service, task }, beside);
      if (failure?.all === true) nowhere.set(kind, failure.why);
    } else draft.putTask({ ...task, pendingReason: known });
    if (draft.revision !== before) placements.take();
  }
  if (preemption) retireEach(draft, preemption.victims);
};

/** Tries it: in a draft of the draft without the others. */
const fitsInstead =
  ({ draft: _first, ...rest }: Placement): FitsInstead =>
  (draft, task, others) => {
    const service = draft.service(task.serviceId);
    if (service === undefined) return false;
    const trial = new Draft(draft);
    for (const other of others) trial.remove('task', other.id);
    place({ ...rest, draft: trial }, [{ service, task }], new Allowance(1));
    return trial.task(task.id)?.status.state === TaskState.ASSIGNED;
  };

/** Tries it: with another task like it, for that node alone, beside it. */
const couldMove =
  ({ draft, ...rest }: Placement): CouldMove =>
  (service, task, to) => {
    if (hasUrgent(draft, service)) return false;
    const trial = new Draft(draft);
    const status = { ...task.status, state: TaskState.NEW };
    const other = { ...task, id: `${task.id} elsewhere`, nodeId: to.id, networks: [], ports: [], status };
    place({ ...rest, draft: trial }, [{ service, task: other }], new Allowance(1));
    return trial.task(other.id)?.status.state === TaskState.ASSIGNED;
  };

/** Those that may start now, and those whose delay is not over; the others get their reason. */
const released = (pass: Pass, candidates: readonly Candidate[]) => {
  const delayed = candidates.filter(({ service, task }) => {
    let waits = false;
    pass.of(service.id, () => {
      waits = isDelayed(pass, task);
    });
    return waits;
  });
  const later = new Set(delayed);
  const due = candidates.filter((candidate) => !later.has(candidate));
  // Each looked into before the first reason is written: what is known of one serves the next as long as nothing changes.
  const holds = new Map<string, string | undefined>();
  for (const { service } of due) if (!holds.has(service.id)) holds.set(service.id, firstStartHold(pass.draft, service, pass.known));
  const free = due.filter(({ service, task }) => {
    const hold = holds.get(service.id);
    if (hold !== undefined) pass.draft.putTask({ ...task, pendingReason: hold });
    return hold === undefined;
  });
  return { free, delayed };
};

const everything = (view: View): Scope => ({
  serviceIds: new Set(view.services().map(({ id }) => id)),
  isPartial: false,
  isWhole: true,
  wakeAtMs: undefined,
});

/**
 * What the cluster is to do next, as one transaction: tasks made, retired and forgotten (orchestrate), granted their addresses and
 * ports (allocate), given to nodes (schedule). The same view, instant and random bytes give the same plan.
 * @param memory of the plans before, to look only at what changed since; without it everything is looked at
 */
export const plan = (view: View, now: number, random: RandomBytes, memory?: PlanMemory & Partial<PlannerMemory>): Plan => {
  const draft = new Draft(view);
  const scope = memory?.scope(view, now) ?? everything(view);
  const newTasks = new Allowance(tasksPerPlan(view));
  const placements = new Allowance(tasksPerPlan(view));
  const infos = memory?.infos ?? new NodeInfos();
  const addresses = memory?.addresses ?? new AddressLedger();
  const rosters = memory?.rosters ?? new Rosters();
  const placement: Placement = { draft, now, addresses, rosters, infosOf: (one) => infos.of(view, one) };
  const moves = new Moves(draft, now, couldMove(placement), memory && (() => memory.loads.of(view)));
  const isCrowded = (node: Node): boolean => hasTooMuch(infos.at(view, node));
  const placing = { fitsInstead: fitsInstead(placement), findMove: moves.next.bind(moves), isCrowded };
  const changed = new Set<string>();
  let last: string | undefined;
  for (let round = 0; ; round += 1) {
    const before = draft.revision;
    const pass = new Pass(draft, now, random, placing, newTasks);
    allocateShared(draft, now, addresses, memory?.shared);
    orchestrate(pass, scope);
    const services = draft.services().filter(({ id }) => scope.serviceIds.has(id));
    const { free: candidates, delayed } = released(pass, candidatesOf(draft, services));
    const wake = (serviceId: string, atMs: number): void => pass.of(serviceId, () => pass.wakeAt(atMs));
    place({ ...placement, forReal: { wake } }, candidates, placements, delayed);
    for (const id of pass.changed) changed.add(id);
    last = pass.last ?? last;
    for (const { service, task } of candidates) if (draft.task(task.id) !== view.task(task.id)) changed.add(service.id);
    if (draft.revision !== before && round !== maxRounds) continue;
    const isUsedUp = newTasks.isUsedUp || placements.isUsedUp;
    // Services that came after that were not given what they are due: nothing says that they are settled.
    if (!isUsedUp) memory?.looked(view, scope, { changed, wakes: pass.wakes, crowded: pass.crowdedServices });
    else if (last !== undefined) memory?.leftOffAt(scope, last);
    const isPartial = scope.isPartial || isUsedUp;
    return { actions: draft.actions(), wakeAtMs: earliest(scope.wakeAtMs, pass.wakeAtMs), isPartial };
  }
};
