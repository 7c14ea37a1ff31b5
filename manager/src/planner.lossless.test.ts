import { NodeAvailability, TaskState, UpdateOrder } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isAssigned, isInService, isLive, isOccupant, isServing } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

/** A service under load while it is changed: agents that take their time, and clients that hear late who serves. */

const stepMs = 50;
/** What clients know is so old at most. */
const lateSteps = 2;
const nodeIds = ['alpha', 'beta', 'gamma'];

interface Wish {
  readonly replicas: number;
  readonly image: string;
  readonly order: UpdateOrder;
  readonly parallelism: number;
}

const web = ({ replicas, image, order, parallelism }: Wish) => {
  const update = { ...serviceSpec('web').update, order, parallelism, monitorMs: 0 };
  return stackSpec('shop', [serviceSpec('web', { replicas, update, task: { container: { image } } })]);
};

class Load {
  readonly world = new World(nodeIds.map((id) => nodeNamed(id)));
  /** When each task's agent does the next thing. */
  readonly #dueMs = new Map<string, number>();
  readonly #startMs: number;
  /** Tasks in service, step by step. */
  readonly #inService: (readonly string[])[] = [];
  readonly lost: string[] = [];
  /** Fewest that served at a step. */
  fewest = Number.POSITIVE_INFINITY;
  /** Most that ran at a step, be they on their way out. */
  most = 0;

  constructor(wish: Wish, startMs: number) {
    this.#startMs = startMs;
    this.world.up(web(wish));
    this.world.run();
  }

  pass(ms: number): void {
    for (let past = 0; past < ms; past += stepMs) {
      this.world.advance(stepMs);
      for (const { id } of this.world.tables.tasks()) this.#agent(id);
      this.#look();
    }
  }

  /** Forgets how few served: what comes now is another matter. */
  begin(): void {
    this.fewest = Number.POSITIVE_INFINITY;
    this.most = 0;
  }

  #agent(id: string): void {
    const task = this.world.tables.task(id);
    if (task === undefined || !isLive(task) || !isAssigned(task)) return;
    const goal = isOccupant(task) ? task.desiredState : TaskState.SHUTDOWN;
    if (task.status.state >= goal) return;
    const key = `${id} ${goal}`;
    const dueMs = this.#dueMs.get(key) ?? this.world.now + (goal === TaskState.SHUTDOWN ? task.drainMs : this.#startMs);
    this.#dueMs.set(key, dueMs);
    if (dueMs <= this.world.now) this.world.report(task, { state: goal });
  }

  /** Whoever was in service lately is still sent to, and has to be there. */
  #look(): void {
    const { tables } = this.world;
    const serving = tables.tasks().filter(isInService);
    this.#inService.push(serving.map(({ id }) => id));
    this.fewest = Math.min(this.fewest, serving.length);
    this.most = Math.max(this.most, tables.tasks().filter(isServing).length);
    // Where nobody else was left there was nobody else to send to.
    if (this.#inService.slice(-1 - lateSteps).some((ids) => ids.length === 0)) return;
    for (const id of this.#inService.at(-1 - lateSteps) ?? []) if (tables.task(id)?.status.state !== TaskState.RUNNING) this.lost.push(id);
  }
}

const wish = fc.record({
  replicas: fc.integer({ min: 2, max: 5 }),
  image: fc.constantFrom('web:1', 'web:2', 'web:3'),
  order: fc.constantFrom(UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST),
  parallelism: fc.nat(3),
});
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('up' as const), wish, ms: fc.integer({ min: 50, max: 4_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('node' as const),
      id: fc.constantFrom(...nodeIds),
      availability: fc.constantFrom(NodeAvailability.ACTIVE, NodeAvailability.DRAIN),
      ms: fc.integer({ min: 50, max: 2_000 }),
    }),
  },
);

test('whatever is changed of a service, a task that clients were just sent to is still there', (t) => {
  fc.assert(
    fc.property(wish, fc.array(change, { maxLength: 6 }), fc.constantFrom(0, 200, 700), (first, changes, startMs) => {
      const load = new Load(first, startMs);
      for (const each of changes) {
        if (each.does === 'up') load.world.up(web(each.wish));
        else load.world.changeNode(each.id, { availability: each.availability });
        load.pass(each.ms);
        if (load.lost.length > 0) throw new Error(`${load.lost.join()}\n${load.world.lines().join('\n')}`);
      }
    }),
    { numRuns: 40, includeErrorInReport: true },
  );
  t.pass();
});

test('an update takes no more tasks out of service at a time than it may, or none, and lets no more run than are wished where it stops first', (t) => {
  fc.assert(
    fc.property(wish, fc.constantFrom(0, 200, 700), (first, startMs) => {
      const load = new Load(first, startMs);
      load.begin();
      load.world.up(web({ ...first, image: 'web:9' }));
      load.pass(first.replicas * (1_500 + 2 * startMs));
      const { world } = load;
      const images = world.tables
        .tasks()
        .filter(isInService)
        .map((task) => task.spec.container.image);
      if (images.length !== first.replicas || images.some((image) => image !== 'web:9')) throw new Error(world.lines().join('\n'));
      const atOnce = first.parallelism === 0 ? first.replicas : Math.min(first.parallelism, first.replicas);
      const fewest = first.order === UpdateOrder.START_FIRST ? first.replicas : first.replicas - atOnce;
      // Old tasks that are on their way out go on for a moment, and the next place does not wait for them.
      if (first.order === UpdateOrder.STOP_FIRST && load.most > first.replicas) throw new Error(`${load.most} ran`);
      if (load.fewest < fewest || load.lost.length > 0) throw new Error(`${load.fewest} served\n${world.lines().join('\n')}`);
    }),
    { numRuns: 20, includeErrorInReport: true },
  );
  t.pass();
});
