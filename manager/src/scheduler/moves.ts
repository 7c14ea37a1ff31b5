import type { Node, Service, Task } from '@tso/proto';
import { countLoads } from '../rules/node-loads.ts';
import { type FoundMove, isBeingSpread, type Move, type MoveWish } from '../rules/rebalancing.ts';
import { isLive, isOccupant, isServing } from '../rules/task-facts.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import { type Ask, askOf } from './ask.ts';
import { fits, isEligible } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { nodeInfo, recentFailures } from './node-info.ts';
import { branchesOf } from './spread.ts';

/** A node that changed lately (its state, what is wished of it) may go as it came: it is not moved to, unless somebody asks. */
export const settledAfterMs = 15_000;
/** Tasks on their way to one node at most, unless somebody asks. */
export const movesToNodeAtOnce = 4;

/** A node with what the spread counts: as the scheduler ranks it for another task of the service. */
interface Standing {
  readonly node: Node;
  readonly branches: readonly string[];
  readonly ofService: number;
  readonly all: number;
}

/** The scheduler's rank: tasks of the service in each branch, of the service on the node, of all on the node. Less is better. */
type Rank = readonly number[];

/** Nodes that are alike for the spread; at least one. */
type Group = readonly [Standing, ...Standing[]];

interface Standings {
  readonly groups: readonly Group[];
  /** The rank, as if a task of the service on `without` were not there. */
  rank(of: Standing, without?: Standing): Rank;
}

const compare = (a: Rank, b: Rank): number => {
  for (const [level, value] of a.entries()) {
    const other = b[level] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
};

/** Live tasks that others are taking over from: they count no more where they are. Only of services that are being spread there are any. */
const replacedTasks = (view: View): readonly Task[] =>
  view
    .services()
    .filter(isBeingSpread)
    .flatMap((service) => view.tasksOfService(service.id))
    .flatMap((task) => (task.replaces !== undefined && isLive(task) && isOccupant(task) ? (view.task(task.replaces) ?? []) : []));

/** Whether the task could be put there now, as far as is known beside what is looked at here. */
export type CouldMove = (service: Service, task: Task, to: Node) => boolean;

/** Finds what to move, over one draft; what it counted is kept until the draft changes. */
export class Moves {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #couldMove: CouldMove;
  readonly #loads: (() => ReadonlyMap<string, number>) | undefined;
  #revision = -1;
  #replaced: ReadonlySet<string> = new Set();
  #totals: ReadonlyMap<string, number> = new Map();

  /** @param loads of what the draft is over; undefined: counted here */
  constructor(draft: Draft, now: number, couldMove: CouldMove, loads?: () => ReadonlyMap<string, number>) {
    this.#draft = draft;
    this.#now = now;
    this.#couldMove = couldMove;
    this.#loads = loads;
  }

  /**
   * The next task to move so that the service is spread more evenly, as the scheduler counts it: from the fullest node that has one to
   * the emptiest that takes it. Each move makes the spread better by its measure, so that there is an end to them.
   */
  next(service: Service, movable: readonly Task[], wish: MoveWish): FoundMove {
    const { groups, rank } = this.#standings(service);
    const placedOn = Map.groupBy(movable, (task) => task.nodeId);
    const targets = new Targets(this.#draft, this.#now, service, wish, this.#couldMove);
    const fullestFirst = groups.map((group) => ({ group, rank: rank(group[0]) })).sort((a, b) => compare(b.rank, a.rank));
    for (const { group: sources } of fullestFirst) {
      const tasks = sources.flatMap(({ node }) => placedOn.get(node.id) ?? []);
      if (tasks.length === 0) continue;
      const [source] = sources;
      const stays = rank(source, source);
      const better = groups
        .filter((group) => group !== sources)
        .map((group) => ({ group, rank: rank(group[0], source) }))
        .filter((each) => compare(each.rank, stays) < 0 && isWorthIt(wish, { stays, goes: each.rank, from: source, to: each.group[0] }))
        .sort((a, b) => compare(a.rank, b.rank));
      for (const { group } of better) {
        const move = targets.first(group, tasks);
        if (move !== undefined) return { move, isHeldBack: false, againAtMs: undefined };
      }
    }
    return { move: undefined, isHeldBack: targets.isHeldBack, againAtMs: targets.againAtMs };
  }

  #standings(service: Service): Standings {
    this.#count();
    const counts = new Map<string, number>();
    for (const task of this.#draft.tasksOfService(service.id))
      if (this.#counts(task)) counts.set(task.nodeId, (counts.get(task.nodeId) ?? 0) + 1);
    const { placement } = service.spec.task;
    const ask = askOf(this.#draft, service, { spec: service.spec.task, ports: service.ports });
    const branchTotals = new Map<string, number>();
    const groups = new Map<string, [Standing, ...Standing[]]>();
    for (const node of this.#draft.nodes()) {
      if (!isEligible({ node }, ask)) continue;
      const branches = branchesOf(node, placement);
      const standing = { node, branches, ofService: counts.get(node.id) ?? 0, all: this.#totals.get(node.id) ?? 0 };
      for (const branch of branches) branchTotals.set(branch, (branchTotals.get(branch) ?? 0) + standing.ofService);
      const key = `${standing.ofService} ${standing.all} ${branches.at(-1) ?? ''}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [standing]);
      else group.push(standing);
    }
    return {
      groups: [...groups.values()],
      rank: (of, without) => [
        ...of.branches.map((branch, depth) => (branchTotals.get(branch) ?? 0) - (without?.branches[depth] === branch ? 1 : 0)),
        // Where they are packed, no node is too full: only branches are evened out.
        ...(ask.isPacked ? [0, 0] : [of.ofService, of.all].map((count) => count - (without === of ? 1 : 0))),
      ],
    };
  }

  /** Whether the task is where it is to stay, so that the spread counts it. */
  #counts(task: Task): boolean {
    return isLive(task) && isOccupant(task) && task.nodeId !== '' && !this.#replaced.has(task.id);
  }

  #count(): void {
    const { revision } = this.#draft;
    if (this.#revision === revision) return;
    this.#revision = revision;
    const replaced = replacedTasks(this.#draft).filter((task) => isLive(task) && isOccupant(task));
    this.#replaced = new Set(replaced.map(({ id }) => id));
    const totals = new Map(revision === 0 && this.#loads !== undefined ? this.#loads() : countLoads(this.#draft));
    for (const { nodeId } of replaced) totals.set(nodeId, (totals.get(nodeId) ?? 0) - 1);
    this.#totals = totals;
  }
}

/** The nodes that a task may be moved to, and what keeps it from the others for a while only. */
class Targets {
  readonly #draft: Draft;
  readonly #now: number;
  readonly #service: Service;
  readonly #wish: MoveWish;
  readonly #couldMove: CouldMove;
  readonly #infos = new Map<string, NodeInfo>();
  #failures: ReadonlyMap<string, number> | undefined;
  /** The tasks that may be moved are of one spec. */
  #ask: Ask | undefined;
  isHeldBack = false;
  againAtMs: number | undefined;

  constructor(draft: Draft, now: number, service: Service, wish: MoveWish, couldMove: CouldMove) {
    this.#draft = draft;
    this.#now = now;
    this.#service = service;
    this.#wish = wish;
    this.#couldMove = couldMove;
  }

  /** The first task that the first node of the group takes. */
  first(group: Group, tasks: readonly Task[]): Move | undefined {
    for (const { node } of group) {
      const task = tasks.find((each) => this.#takes(node, each));
      if (task !== undefined) return { task, to: node };
    }
    return undefined;
  }

  #takes(node: Node, task: Task): boolean {
    this.#failures ??= recentFailures(this.#draft, task, this.#now);
    if (this.#failures.has(node.id)) return false;
    const info = this.#infos.get(node.id) ?? nodeInfo(this.#draft, node);
    this.#infos.set(node.id, info);
    this.#ask ??= askOf(this.#draft, this.#service, { spec: task.spec, ports: this.#service.ports });
    if (!fits(info, this.#ask)) return false;
    return this.#isSettled(node) && this.#couldMove(this.#service, task, node);
  }

  #isSettled(node: Node): boolean {
    if (this.#wish === 'any') return true;
    const settledAtMs = node.meta.updatedAtMs + settledAfterMs;
    const isSettled = settledAtMs <= this.#now;
    if (!isSettled) this.againAtMs = Math.min(settledAtMs, this.againAtMs ?? settledAtMs);
    const hasRoom = this.#underWayTo(node) < movesToNodeAtOnce;
    if (!isSettled || !hasRoom) this.isHeldBack = true;
    return isSettled && hasRoom;
  }

  #underWayTo(node: Node): number {
    return this.#draft
      .tasksOfNode(node.id)
      .filter((task) => task.replaces !== undefined && isOccupant(task) && isLive(task) && !isServing(task)).length;
  }
}

interface Weighed {
  readonly stays: Rank;
  readonly goes: Rank;
  readonly from: Standing;
  readonly to: Standing;
}

/** Whether the service itself is spread better by it, or much less is to do on the other node. */
const isWorthIt = (wish: MoveWish, { stays, goes, from, to }: Weighed): boolean => {
  const own = stays.length - 1;
  return wish !== 'worth it' || compare(goes.slice(0, own), stays.slice(0, own)) < 0 || to.all * 2 <= from.all;
};
