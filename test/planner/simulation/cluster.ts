import { emptyMeta, type Node, NodeState, type StoreAction, type Task, type TaskStatus, type Transaction } from '@tso/proto';
import { statusActions, withReport } from '../../../manager/src/dispatcher/status-batch.ts';
import { PlannerMemory, plan } from '../../../manager/src/planner.ts';
import { expectationsOf } from '../../../manager/src/replication/expectations.ts';
import { isAssigned, isLive } from '../../../manager/src/rules/task-facts.ts';
import { applyTransaction } from '../../../manager/src/store/apply.ts';
import { Tables } from '../../../manager/src/store/tables.ts';
import { Agenda } from '../../simulation/agenda.ts';
import { Chance, derivedSeed } from '../../simulation/chance.ts';
import { Machine } from './machine.ts';

/** When the simulated time begins (epoch milliseconds). */
const epochMs = 1_700_000_000_000;
/** Silence of a node after which it is given up. */
const graceMs = 3_000;

export interface Figures {
  commits: number;
  plans: number;
  conflicts: number;
  leaders: number;
  lost: number;
  repeated: number;
  lostPlans: number;
}

type Link = 'up' | 'cut' | 'off';

interface Linked {
  readonly machine: Machine;
  link: Link;
  /** What nobody heard yet, the last of each task. */
  readonly unsaid: Map<string, TaskStatus>;
}

/**
 * One store with leaders who follow each other, and machines that hear late and are heard late, twice, or not at all. A plan stands in the
 * log a while after it was made; what was committed meanwhile refuses it.
 */
export class Cluster {
  readonly tables = new Tables();
  readonly agenda = new Agenda();
  readonly chance: Chance;
  readonly figures: Figures = { commits: 0, plans: 0, conflicts: 0, leaders: 1, lost: 0, repeated: 0, lostPlans: 0 };
  /** Told after each transaction. */
  onCommit: () => void = () => undefined;
  /** Told when a leader found nothing to do. */
  onContent: () => void = () => undefined;
  isRough = true;
  readonly #bytes: Chance;
  readonly #links = new Map<string, Linked>();
  #memory = new PlannerMemory();
  #term = 1;
  #isPlanning = false;
  #inFlight: Transaction | undefined;
  #wake = 0;

  constructor(seed: number, nodes: readonly Node[]) {
    this.chance = new Chance(derivedSeed(seed, 1));
    this.#bytes = new Chance(derivedSeed(seed, 2));
    for (const node of nodes) this.#links.set(node.id, { machine: this.#machineOf(node.id), link: 'up', unsaid: new Map() });
    const cluster = { id: 'cluster', meta: emptyMeta, addressPool: '10.128.0.0/9', subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };
    this.commit([{ putCluster: cluster }, ...nodes.map((node) => ({ putNode: node }))]);
  }

  /** Epoch milliseconds. */
  get now(): number {
    return epochMs + this.agenda.now;
  }

  get machines(): readonly Machine[] {
    return [...this.#links.values()].map(({ machine }) => machine);
  }

  linkOf(id: string): Link {
    return this.#linked(id).link;
  }

  readonly random = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => this.#bytes.below(256));

  #linked(id: string): Linked {
    const linked = this.#links.get(id);
    if (linked === undefined) throw new Error(`there is no machine ${id}`);
    return linked;
  }

  #machineOf(id: string): Machine {
    return new Machine(id, {
      agenda: this.agenda,
      chance: this.chance,
      now: () => this.now,
      isRough: () => this.isRough,
      report: (taskId, status) => this.#say(id, taskId, status),
    });
  }

  /** Written whole, as of somebody who expects nothing; false: refused for what was expected. */
  commit(actions: readonly StoreAction[], expect: Transaction['expect'] = []): boolean {
    if (actions.length === 0) return true;
    const result = applyTransaction(this.tables, this.tables.index + 1, { actions, expect, atMs: this.now, origin: 'simulation' });
    if (!result.ok) return false;
    this.figures.commits += 1;
    this.onCommit();
    this.#kick();
    const nodeIds = new Set(
      result.changes.flatMap((change) => (change.kind === 'task' ? [change.after?.nodeId, change.before?.nodeId] : [])),
    );
    for (const id of nodeIds) if (id !== undefined && this.#links.has(id)) this.#push(id);
    return true;
  }

  // The leader.

  /** Another one leads from now on. What the one before had written and not seen committed stands in the log, or is lost. */
  changeLeader(): void {
    this.figures.leaders += 1;
    const left = this.#inFlight;
    this.#term += 1;
    this.#inFlight = undefined;
    this.#isPlanning = false;
    this.#memory = new PlannerMemory();
    if (left === undefined || this.chance.happens(0.5)) this.figures.lostPlans += left === undefined ? 0 : 1;
    else this.#land(left);
    // Who is heard of has to be heard again: agents say everything anew.
    for (const { machine, link } of this.#links.values()) if (link === 'up') machine.repeat();
    this.#kick();
  }

  #kick(): void {
    if (this.#isPlanning) return;
    this.#isPlanning = true;
    const term = this.#term;
    this.agenda.plan(this.chance.below(4), () => {
      if (term === this.#term) this.#plan();
    });
  }

  #plan(): void {
    this.figures.plans += 1;
    const { actions, wakeAtMs, isPartial } = plan(this.tables, this.now, this.random, this.#memory);
    if (actions.length === 0) {
      this.#isPlanning = false;
      if (isPartial) this.#kick();
      else this.onContent();
      this.#sleepUntil(wakeAtMs);
      return;
    }
    const transaction: Transaction = { actions, expect: expectationsOf(this.tables, actions), atMs: this.now, origin: 'planner' };
    this.#inFlight = transaction;
    const term = this.#term;
    this.agenda.plan(this.chance.between(1, 15), () => {
      if (term !== this.#term) return;
      this.#inFlight = undefined;
      this.#isPlanning = false;
      this.#land(transaction);
      this.#kick();
    });
  }

  #land({ actions, expect }: Transaction): void {
    const before = [this.tables.table('task').revision(), this.tables.table('service').revision()];
    if (this.commit(actions, expect)) return;
    this.figures.conflicts += 1;
    const after = [this.tables.table('task').revision(), this.tables.table('service').revision()];
    if (before.join() !== after.join()) throw new Error('a plan that was refused changed the store');
  }

  #sleepUntil(wakeAtMs: number | undefined): void {
    this.#wake += 1;
    const wake = this.#wake;
    if (wakeAtMs === undefined) return;
    this.agenda.plan(Math.max(1, wakeAtMs - this.now), () => {
      if (wake === this.#wake) this.#kick();
    });
  }

  // Machines and what they hear and say.

  #tasksOf(id: string): readonly Task[] {
    return this.tables.tasksOfNode(id).filter((task) => isLive(task) && isAssigned(task));
  }

  #push(id: string): void {
    this.agenda.plan(this.chance.between(1, 40), () => {
      const { link, machine } = this.#linked(id);
      if (link === 'up') machine.assign(this.#tasksOf(id));
    });
  }

  #say(id: string, taskId: string, status: TaskStatus): void {
    const linked = this.#linked(id);
    if (linked.link !== 'up') {
      linked.unsaid.set(taskId, status);
      return;
    }
    const repeats = this.chance.happens(0.1) ? 2 : 1;
    this.figures.repeated += repeats - 1;
    for (let count = 0; count < repeats; count += 1) {
      this.agenda.plan(this.chance.between(1, 60), () => {
        // On its way when the line went: said again when it is back.
        if (linked.link !== 'up') {
          this.figures.lost += 1;
          const held = linked.unsaid.get(taskId);
          if (held === undefined || held.state < status.state) linked.unsaid.set(taskId, status);
        } else this.#hear(id, taskId, status);
      });
    }
  }

  #hear(id: string, taskId: string, status: TaskStatus): void {
    this.commit(statusActions(this.tables, withReport(new Map(), id, [{ taskId, status }])));
  }

  /** The line to a machine is cut (it goes on by itself), or it is switched off. */
  cut(id: string, how: 'cut' | 'off'): void {
    const linked = this.#linked(id);
    if (linked.link !== 'up') return;
    linked.link = how;
    if (how === 'off') linked.machine.switchOff();
    this.agenda.plan(graceMs, () => {
      if (linked.link !== 'up') this.changeNode(id, { state: NodeState.NODE_DOWN });
    });
  }

  /** It is back: says what it could not, ends what it is not to have any more, and only then gets work again. */
  mend(id: string): void {
    const linked = this.#linked(id);
    if (linked.link === 'up') return;
    const wasOff = linked.link === 'off';
    linked.link = 'up';
    if (wasOff) linked.machine.switchOn();
    for (const [taskId, status] of linked.unsaid) this.#say(id, taskId, status);
    linked.unsaid.clear();
    linked.machine.repeat();
    this.#tidy(id);
  }

  #tidy(id: string): void {
    this.agenda.plan(50, () => {
      const { link, machine } = this.#linked(id);
      if (link !== 'up') return;
      const tasks = this.#tasksOf(id);
      machine.assign(tasks);
      if (machine.hasOther(tasks)) this.#tidy(id);
      else if (this.tables.node(id)?.state !== NodeState.NODE_READY) this.changeNode(id, { state: NodeState.NODE_READY });
    });
  }

  changeNode(id: string, change: Partial<Node>): void {
    const node = this.tables.node(id);
    if (node !== undefined) this.commit([{ putNode: { ...node, ...change } }]);
  }

  /** Lets so much time pass. */
  pass(ms: number): void {
    const endMs = this.agenda.now + ms;
    let over = false;
    this.agenda.plan(ms, () => {
      over = true;
    });
    while (!over || this.agenda.now < endMs) if (!this.agenda.step()) return;
  }
}
