import type { Ask } from './ask.ts';
import { Tally } from './explain.ts';
import { isEligible, rejectionOf } from './filters.ts';
import type { NodeInfo } from './node-info.ts';
import { isBetter, type Rank, type Ranked, RankedNodes } from './queue.ts';
import { ownRank } from './ranking.ts';
import type { Roster } from './roster.ts';
import { branchesOf } from './spread.ts';

const none: readonly string[] = [];

/** The best of what stands below, as it was when it was put there: a node of a leaf, or a branch with what its best node is. */
interface Entry extends Ranked {
  readonly below: Branch | undefined;
  readonly version: number;
}

/** A node that takes such tasks, as it is now: one object for each of thousands. */
interface Standing extends Entry {
  readonly below: undefined;
  /** How many of the service's tasks are there and stay. */
  readonly count: number;
  readonly leaf: Branch;
  readonly branches: readonly string[];
}

/** Nodes with the same label values so far: further branches, or at the end the nodes themselves. */
class Branch {
  readonly parent: Branch | undefined;
  /** What all in it are ranked by before anything below: failures, or the tasks of the service in the branch. */
  readonly prefix: () => Rank;
  readonly heap = new RankedNodes<Entry>();
  readonly children = new Map<string, Branch>();
  /** Raised whenever its best, or its prefix, has changed: entries of older versions are of the past. */
  version = 0;

  constructor(parent: Branch | undefined, prefix: () => Rank) {
    this.parent = parent;
    this.prefix = prefix;
  }

  child(key: string, prefix: () => Rank): Branch {
    const known = this.children.get(key);
    if (known !== undefined) return known;
    const made = new Branch(this, prefix);
    this.children.set(key, made);
    return made;
  }
}

/** Nodes whose order is known as long as nothing of the service speaks for or against them: its tasks, and its failures. */
export interface KnownOrder {
  readonly roster: Roster;
  /** The nodes with tasks of the service, and those that are otherwise by now than in the roster. */
  readonly settled: ReadonlySet<string>;
  /** The node as it is now. */
  readonly infoOf: (nodeId: string) => NodeInfo | undefined;
}

/** Whether an order by tasks is the right one for nodes that have none of the service. */
export const goesByTasks = ({ isPacked, service }: Ask): boolean => !isPacked && service.spec.task.placement.spreadOver.length === 0;

/**
 * The nodes that take the tasks of one kind, best first, without looking at every node for every task: by failures, then by how many tasks
 * of the service each branch of label values has, then within the branch. What a task that is placed changes is put where it belongs
 * now, and what was in line for it before is passed over when its turn comes.
 */
export class Line {
  readonly ask: Ask;
  /** Why nodes are not in line. */
  readonly rejected: Tally;
  readonly #failures: ReadonlyMap<string, number>;
  readonly #root = new Branch(undefined, () => []);
  readonly #standing = new Map<string, Standing>();
  readonly #leaving: Map<string, number>;
  /** Tasks of the service by branch, on all nodes that are for such tasks, be they full. */
  readonly #totals = new Map<string, number>();
  readonly #byBranch = new Map<string, Set<Branch>>();
  #fitting = 0;
  /** The leaf of nodes that nothing sets apart: where no labels are asked for, that of nearly all. */
  #plain: Branch | undefined;
  /** Where the nodes come from that nothing was said of yet. They are put in line one by one, when it is their turn. */
  readonly #roster: Roster | undefined;
  #turn = 0;
  /** Those of the roster that are in line by themselves, or not any more. */
  readonly #apart = new Set<string>();

  /**
   * @param nodes all there are, or their order where `goesByTasks` holds
   * @param failures that speak against a node for these tasks
   * @param leaving by node, how many of the service's tasks there are not counted, since they will not be there for long
   * @param settled the nodes with tasks of the service, as far as they are known; others have none. @default each is asked
   */
  constructor(
    ask: Ask,
    nodes: Iterable<NodeInfo> | KnownOrder,
    failures: ReadonlyMap<string, number>,
    leaving: ReadonlyMap<string, number> = new Map(),
    settled?: ReadonlySet<string>,
  ) {
    this.ask = ask;
    this.#leaving = new Map(leaving);
    this.#failures = failures;
    if ('roster' in nodes) {
      this.#roster = nodes.roster;
      this.rejected = new Tally(nodes.roster.rejected);
      this.#follow(nodes);
    } else {
      this.rejected = new Tally();
      this.#lookAtEach(nodes, settled);
    }
  }

  #lookAtEach(infos: Iterable<NodeInfo>, settled: ReadonlySet<string> | undefined): void {
    const { ask } = this;
    const hasBranches = ask.service.spec.task.placement.spreadOver.length > 0;
    const fitting: NodeInfo[] = [];
    for (const info of infos) {
      const rejection = rejectionOf(info, ask);
      if (rejection === undefined) fitting.push(info);
      else this.rejected.add(rejection);
      if (hasBranches && (rejection === undefined || isEligible(info, ask))) this.#count(info, this.#ofService(info));
    }
    this.#fitting = fitting.length;
    const leaves = new Set<Branch>();
    for (const info of fitting) {
      const branches = hasBranches ? branchesOf(info.node, ask.service.spec.task.placement) : none;
      const leaf = this.#leafOf(info, branches);
      const count = settled?.has(info.node.id) === false ? 0 : this.#ofService(info);
      leaf.heap.push(this.#stand(info, count, leaf, branches));
      leaves.add(leaf);
    }
    for (const leaf of leaves) this.#renew(leaf);
  }

  /** Looks at those nodes only that the roster cannot know of. */
  #follow({ roster, settled, infoOf }: KnownOrder): void {
    this.#fitting = roster.fitting;
    this.#plain = this.#root.child('0', () => [0]);
    const leaves = new Set<Branch>([this.#plain]);
    for (const nodeId of new Set([...settled, ...this.#leaving.keys(), ...this.#failures.keys()])) {
      const [known, info] = [roster.of(nodeId), infoOf(nodeId)];
      if (known === undefined || info === undefined) continue;
      this.#apart.add(nodeId);
      if (known.rejection === undefined) this.#fitting -= 1;
      else this.rejected.drop(known.rejection);
      const rejection = rejectionOf(info, this.ask);
      if (rejection === undefined) {
        const leaf = this.#leafOf(info, none);
        leaf.heap.push(this.#stand(info, this.#ofService(info), leaf, none));
        leaves.add(leaf);
        this.#fitting += 1;
      } else this.rejected.add(rejection);
    }
    for (const leaf of leaves) this.#renew(leaf);
  }

  /** How many nodes would take a task. */
  get fitting(): number {
    return this.#fitting;
  }

  /** The best node with what it is ranked by; undefined: none takes the task. */
  get best(): Ranked | undefined {
    return this.#headOf(this.#root);
  }

  /** The best beside the best: what that one is compared with. */
  get second(): Ranked | undefined {
    // Taken out and put back: each level's next one is what stands behind the way to the best.
    const path: { readonly branch: Branch; readonly entry: Entry }[] = [];
    for (let at: Branch | undefined = this.#root; at !== undefined; ) {
      const entry = this.#headOf(at);
      if (entry === undefined) break;
      at.heap.pop();
      path.push({ branch: at, entry });
      at = entry.below;
    }
    const behind = path.flatMap(({ branch }) => {
      const head = this.#headOf(branch);
      return head === undefined ? [] : [{ info: head.info, rank: [...this.#prefixesTo(branch), ...head.rank] }];
    });
    for (const { branch, entry } of path) branch.heap.push(entry);
    return behind.reduce<Ranked | undefined>((best, each) => (best === undefined || isBetter(each, best) ? each : best), undefined);
  }

  /** The node, ranked as the best is, when it takes the task as it is now. */
  of(nodeId: string): Ranked | undefined {
    const standing = this.#standingOf(nodeId);
    if (standing === undefined) return undefined;
    return { info: standing.info, rank: [...this.#prefixesTo(standing.leaf), ...this.#rankOf(standing.info, standing.count)] };
  }

  /** Something was placed on a node: it has less room than when the line was made, or than when this was last said of it; or other tasks of it count. */
  changed(info: NodeInfo): void {
    const standing = this.#standingOf(info.node.id);
    if (standing === undefined) return;
    const count = this.#ofService(info);
    const more = count - standing.count;
    const rejection = rejectionOf(info, this.ask);
    if (rejection === undefined) standing.leaf.heap.push(this.#stand(info, count, standing.leaf, standing.branches));
    else {
      this.#standing.delete(info.node.id);
      this.#fitting -= 1;
      this.rejected.add(rejection);
    }
    if (more !== 0) this.#count(info, more);
    this.#renew(standing.leaf);
    if (more === 0) return;
    for (const branch of standing.branches.toReversed()) for (const each of this.#byBranch.get(branch) ?? []) this.#renew(each);
  }

  /** One more of the service's tasks there will not be there for long: it counts no more for how the service is spread. */
  leaves(nodeId: string): void {
    this.#leaving.set(nodeId, (this.#leaving.get(nodeId) ?? 0) + 1);
    const info = this.#standingOf(nodeId)?.info;
    // Another value, so that what stands in line for the node as it was is passed over.
    if (info !== undefined) this.changed({ ...info });
  }

  #ofService(info: NodeInfo): number {
    const all = info.tasksOfService.get(this.ask.service.id) ?? 0;
    return this.#leaving.size === 0 ? all : all - (this.#leaving.get(info.node.id) ?? 0);
  }

  #rankOf(info: NodeInfo, count: number): Rank {
    return ownRank(info, this.ask, count, this.#leaving.size === 0 ? 0 : this.#leaving.get(info.node.id));
  }

  #count(info: NodeInfo, tasks: number): void {
    if (tasks === 0) return;
    for (const branch of branchesOf(info.node, this.ask.service.spec.task.placement))
      this.#totals.set(branch, (this.#totals.get(branch) ?? 0) + tasks);
  }

  /** Branches of nodes that failed as often are apart from the others: that goes before all else. */
  #leafOf({ node }: NodeInfo, branches: readonly string[]): Branch {
    const failures = this.#failures.size === 0 ? 0 : (this.#failures.get(node.id) ?? 0);
    if (failures === 0 && branches.length === 0 && this.#plain !== undefined) return this.#plain;
    let at = this.#root.child(String(failures), () => [failures]);
    for (const branch of branches) {
      at = at.child(branch, () => [this.#totals.get(branch) ?? 0]);
      const same = this.#byBranch.get(branch) ?? new Set();
      this.#byBranch.set(branch, same.add(at));
    }
    if (failures === 0 && branches.length === 0) this.#plain = at;
    return at;
  }

  /** @param count how many of the service's tasks are there and stay: looked up once, since of thousands of nodes that is most of the work */
  #stand(info: NodeInfo, count: number, leaf: Branch, branches: readonly string[]): Standing {
    const standing: Standing = { info, rank: this.#rankOf(info, count), below: undefined, version: 0, count, leaf, branches };
    this.#standing.set(info.node.id, standing);
    return standing;
  }

  /** Puts the branch where it belongs now, and those that it is in. */
  #renew(branch: Branch): void {
    for (let at = branch; at.parent !== undefined; at = at.parent) {
      at.version += 1;
      const best = this.#headOf(at);
      if (best !== undefined)
        at.parent.heap.push({ info: best.info, rank: [...at.prefix(), ...best.rank], below: at, version: at.version });
    }
  }

  #isPresent(entry: Entry): boolean {
    if (entry.below !== undefined) return entry.version === entry.below.version;
    return this.#standing.get(entry.info.node.id) === entry;
  }

  #headOf(branch: Branch): Entry | undefined {
    for (;;) {
      const head = branch.heap.first;
      if (head !== undefined && !this.#isPresent(head)) branch.heap.pop();
      else if (branch !== this.#plain || !this.#callNext(head)) return head;
    }
  }

  /** Puts the next of the roster in line when it goes before whoever stands there. Behind it are only those that go after it. */
  #callNext(head: Entry | undefined): boolean {
    const [roster, plain] = [this.#roster, this.#plain];
    if (roster === undefined || plain === undefined) return false;
    let info = roster.at(this.#turn);
    for (; info !== undefined && this.#apart.has(info.node.id); info = roster.at(this.#turn)) this.#turn += 1;
    if (info === undefined || (head !== undefined && isBetter(head, { info, rank: this.#rankOf(info, 0) }))) return false;
    this.#enlist(info, plain);
    return true;
  }

  /** Puts a node of the roster in line. */
  #enlist(info: NodeInfo, plain: Branch): Standing {
    this.#apart.add(info.node.id);
    const standing = this.#stand(info, 0, plain, none);
    plain.heap.push(standing);
    return standing;
  }

  #standingOf(nodeId: string): Standing | undefined {
    const standing = this.#standing.get(nodeId);
    if (standing !== undefined || this.#plain === undefined || this.#apart.has(nodeId)) return standing;
    const known = this.#roster?.of(nodeId);
    return known === undefined || known.rejection !== undefined ? undefined : this.#enlist(known.info, this.#plain);
  }

  #prefixesTo(branch: Branch): Rank {
    return branch.parent === undefined ? branch.prefix() : [...this.#prefixesTo(branch.parent), ...branch.prefix()];
  }
}
