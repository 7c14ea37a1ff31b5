import type { FileContent, Node, RandomBytes, ServiceVerb, StackSpec, StoreAction, Task, TaskStatus } from '@tso/proto';
import { assert, emptyMeta, HealthState, isWishedRunning, present, TaskState, taskStateName } from '@tso/proto';
import type { StackChanges } from '../api/changes.ts';
import { applyStackChanges, removeStackChanges } from '../api/changes.ts';
import { scaleChanges } from '../api/scale.ts';
import { validateStack } from '../api/validate.ts';
import { verbChanges } from '../api/verbs.ts';
import { PlannerMemory, plan } from '../planner.ts';
import { byAge, isAssigned, isLive } from '../rules/task-facts.ts';
import { taskName } from '../rules/words.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { nodeNamed } from './specs.ts';

/** A repeatable source of random bytes (a linear congruence; quality does not matter here). */
const seededRandom = (seed: number): RandomBytes => {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
};

const plansPerSettling = 40;

/** Looks at each transaction: the tables are as before it, then as after it. */
export interface Watcher {
  readonly before: (actions: readonly StoreAction[]) => void;
  readonly after: (actions: readonly StoreAction[]) => void;
}

/** A cluster without machines: the store, the planner and obedient agents, with time that moves when told. */
export class World {
  readonly tables = new Tables();
  now = 1_700_000_000_000;
  wakeAtMs: number | undefined;
  /** What the clocks of the nodes are ahead of the cluster's; negative: behind it. */
  nodesAreOffMs = 0;
  watcher: Watcher | undefined;
  readonly #random: RandomBytes;
  #memory = new PlannerMemory();

  constructor(nodes: readonly Node[] = [nodeNamed('alpha')], seed = 1, addressPool = '10.128.0.0/9') {
    this.#random = seededRandom(seed);
    const cluster = { id: 'cluster', meta: emptyMeta, addressPool, subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };
    this.commit([{ putCluster: cluster }, ...nodes.map((node) => ({ putNode: node }))]);
  }

  commit(actions: readonly StoreAction[]): void {
    this.watcher?.before(actions);
    const result = applyTransaction(this.tables, this.tables.index + 1, { actions, expect: [], atMs: this.now, origin: 'test' });
    assert(result.ok, 'a transaction without expectations must apply');
    this.watcher?.after(actions);
  }

  /** Another manager leads from now on: it has the store, and nothing that the one before remembered. */
  changeLeader(): void {
    this.#memory = new PlannerMemory();
  }

  /** One plan and no more, as of a leader that is gone before the next one; returns how many actions it had. */
  planOnce(): number {
    const { actions, wakeAtMs } = plan(this.tables, this.now, this.#random, this.#memory);
    this.wakeAtMs = wakeAtMs;
    if (actions.length > 0) this.commit(actions);
    return actions.length;
  }

  /** Plans until there is nothing to do; returns how many plans changed something. */
  settle(): number {
    for (let plans = 0; plans < plansPerSettling; ) {
      const { actions, wakeAtMs, isPartial } = plan(this.tables, this.now, this.#random, this.#memory);
      this.wakeAtMs = wakeAtMs;
      if (actions.length > 0) {
        plans += 1;
        this.commit(actions);
      } else if (!isPartial) {
        const whole = plan(this.tables, this.now, this.#random);
        assert(whole.actions.length === 0, `what a plan remembers hid from it what was to be done: ${JSON.stringify(whole.actions[0])}`);
        assert(whole.wakeAtMs === wakeAtMs, `what a plan remembers changed when it wakes from ${whole.wakeAtMs} to ${wakeAtMs}`);
        return plans;
      }
    }
    throw new Error(`the planner is not content after ${plansPerSettling} plans`);
  }

  /** As `tso up` would; throws what validation refuses. */
  up(
    spec: StackSpec,
    options: {
      readonly removeOrphans?: boolean;
      readonly services?: readonly string[];
      readonly declared?: readonly string[];
      readonly files?: readonly FileContent[];
    } = {},
  ): StackChanges {
    const problem = validateStack(this.tables, spec, options.removeOrphans, options.files, options.declared);
    if (problem !== undefined) throw problem;
    this.now += 1_000;
    const changes = applyStackChanges(this.tables, spec, {
      removeOrphans: options.removeOrphans ?? false,
      services: options.services ?? [],
      declared: options.declared ?? [],
      contents: options.files ?? [],
      changedBy: 'test',
      now: this.now,
      random: this.#random,
    });
    return this.#wish(changes);
  }

  down(name: string, volumes = false): StackChanges {
    return this.#wish(removeStackChanges(this.tables, name, { volumes }));
  }

  scale(stack: string, service: string, replicas: number): StackChanges {
    return this.#wish(
      scaleChanges(this.tables, stack, [{ service, replicas }], { changedBy: 'test', now: this.now, random: this.#random }),
    );
  }

  /** Restart, stop, start and the like: of the named services, or of all. Throws what is refused. */
  verb(stack: string, verb: ServiceVerb, services: readonly string[] = []): StackChanges {
    this.now += 1_000;
    return this.#wish(verbChanges(this.tables, { stack, services, verb }, { changedBy: 'test', random: this.#random, now: this.now }));
  }

  #wish(changes: StackChanges): StackChanges {
    if (changes.actions.length > 0) this.commit(changes.actions);
    this.settle();
    return changes;
  }

  changeNode(id: string, change: Partial<Node>): void {
    this.now += 1_000;
    this.commit([{ putNode: { ...present(this.tables.node(id), id), ...change } }]);
    this.settle();
  }

  /** What an agent writes about a task. */
  report(task: Task, status: Partial<TaskStatus> & { readonly state: TaskState }): void {
    const current = present(this.tables.task(task.id), task.id);
    assert(status.state > current.status.state || status.state === TaskState.RUNNING, 'a state only ever increases');
    const atMs = this.now + this.nodesAreOffMs;
    const ended = status.state >= TaskState.COMPLETE ? { finishedAtMs: atMs } : {};
    const started = status.state === TaskState.RUNNING && current.status.startedAtMs === 0 ? { startedAtMs: atMs, pid: 7 } : {};
    this.commit([{ putTask: { ...current, status: { ...current.status, atMs, ...started, ...ended, ...status } } }]);
    this.settle();
  }

  /** The newest task of a place that is not being taken away: `task('web.2')`. */
  task(name: string): Task {
    const found = [...this.tables.tasks()].sort(byAge).find((task) => taskName(task) === name && isWishedRunning(task.desiredState));
    return present(found, name);
  }

  fail(name: string, error = 'its command exited with code 1'): void {
    this.report(this.task(name), { state: TaskState.FAILED, exitCode: 1, error });
  }

  complete(name: string): void {
    this.report(this.task(name), { state: TaskState.COMPLETE, exitCode: 0 });
  }

  reject(name: string, error: string): void {
    this.report(this.task(name), { state: TaskState.REJECTED, error });
  }

  /** One round of all agents: each task gets as far as is wished. Returns whether any moved. */
  agentsStep(health: HealthState = HealthState.HEALTH_NONE): boolean {
    const waiting = this.tables.tasks().filter((task) => isLive(task) && isAssigned(task));
    let moved = false;
    for (const { id } of waiting) {
      const task = this.tables.task(id);
      if (task === undefined || !isLive(task)) continue;
      const goal = isWishedRunning(task.desiredState) ? task.desiredState : TaskState.SHUTDOWN;
      if (task.status.state >= goal) continue;
      moved = true;
      this.report(task, { state: goal, health });
    }
    return moved;
  }

  /** Agents and planner by turns until nothing moves without time passing. */
  run(): void {
    this.settle();
    for (let round = 0; this.agentsStep(); round += 1) assert(round < 100, 'agents and planner must come to rest');
  }

  advance(ms: number): void {
    this.now += ms;
    this.settle();
  }

  /** To the instant that the planner asked to be woken at; returns how long that was (0: it did not ask). */
  sleep(): number {
    const ms = Math.max(0, (this.wakeAtMs ?? this.now) - this.now);
    this.advance(ms);
    return ms;
  }

  /** Every task on a line, newest first in its place: `web.1 running on alpha`, with what is wished when that is not to run. */
  lines(): readonly string[] {
    const order = (a: Task, b: Task): number => (taskName(a) < taskName(b) ? -1 : taskName(a) > taskName(b) ? 1 : byAge(a, b));
    return [...this.tables.tasks()].sort(order).map((task) => {
      const wished = task.desiredState === TaskState.RUNNING ? '' : `, wished ${taskStateName(task.desiredState)}`;
      const where = task.nodeId === '' ? '' : ` on ${task.nodeId}`;
      const why = task.pendingReason === '' ? '' : `: ${task.pendingReason}`;
      return `${taskName(task)} ${taskStateName(task.status.state)}${where}${wished}${why}`;
    });
  }
}
