import {
  ConcurrencyPolicy,
  NodeAvailability,
  NodeState,
  nextFiring,
  present,
  RestartCondition,
  RunState,
  type ScheduleSpec,
  type Service,
  ServiceMode,
  type ServiceSpec,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { maxRunsAtOnce, runNow } from './rules/schedule.ts';
import { started, stopped } from './rules/stop-service.ts';
import { isAssigned, isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Policy = ScheduleSpec['concurrency'];

interface Wish {
  readonly concurrency: Policy;
  readonly successfulHistory: number;
  readonly failedHistory: number;
  readonly startingDeadlineMs: number;
  readonly completions: number;
  readonly atOnce: number;
}

type Step =
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'end'; readonly pick: number; readonly well: boolean }
  | { readonly kind: 'node'; readonly availability: NodeAvailability; readonly state: NodeState }
  | { readonly kind: 'apply'; readonly image: number; readonly cron: string }
  | { readonly kind: 'agents' | 'leader' | 'outage' | 'ask' | 'stop' | 'start' };

const wishes: fc.Arbitrary<Wish> = fc.record({
  concurrency: fc.constantFrom<Policy>(
    ConcurrencyPolicy.CONCURRENCY_ALLOW,
    ConcurrencyPolicy.CONCURRENCY_FORBID,
    ConcurrencyPolicy.CONCURRENCY_REPLACE,
  ),
  successfulHistory: fc.integer({ min: 0, max: 3 }),
  failedHistory: fc.integer({ min: 0, max: 2 }),
  startingDeadlineMs: fc.constantFrom(0, 60_000),
  completions: fc.integer({ min: 1, max: 3 }),
  atOnce: fc.integer({ min: 1, max: 3 }),
});

const crons = ['* * * * *', '*/5 * * * *', '*/20 * * * * *'];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 180_000 }) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(20), well: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('agents' as const, 'leader' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('outage' as const, 'ask' as const, 'stop' as const, 'start' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('node' as const),
        availability: fc.constantFrom(NodeAvailability.ACTIVE, NodeAvailability.DRAIN, NodeAvailability.PAUSE),
        state: fc.constantFrom(NodeState.NODE_READY, NodeState.NODE_DOWN),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('apply' as const), image: fc.nat(3), cron: fc.constantFrom(...crons) }),
    },
  ),
  { maxLength: 40 },
);

const spec = (wish: Wish, image: number, cron: string): ServiceSpec =>
  serviceSpec('report', {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    job: { totalCompletions: wish.completions, maxConcurrent: wish.atOnce },
    schedule: {
      cron,
      timeZone: 'Europe/Berlin',
      concurrency: wish.concurrency,
      successfulHistory: wish.successfulHistory,
      failedHistory: wish.failedHistory,
      startingDeadlineMs: wish.startingDeadlineMs,
    },
    task: {
      container: { image: `report:${image}` },
      restart: { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 1, windowMs: 0 },
    },
  });

const job = (world: World): Service => present(world.tables.services()[0], 'the job');
const isRunning = (task: Task): boolean => isLive(task) && isAssigned(task);

/** Looks at each transaction, for what must never be. */
class Checker {
  readonly #world: World;
  readonly #wish: Wish;
  /** Instants that a run was begun for, or left out. */
  readonly #dealtWith = new Set<number>();
  #seen = new Set<string>();
  readonly wrong: string[] = [];

  constructor(world: World, wish: Wish) {
    this.#world = world;
    this.#wish = wish;
  }

  look(): void {
    const [service] = this.#world.tables.services();
    if (service === undefined) return;
    this.#lookAtRuns(service);
    this.#lookAtTasks(service);
  }

  #expect(isSo: boolean, what: string): void {
    if (!isSo) this.wrong.push(what);
  }

  #lookAtRuns(service: Service): void {
    const seen = new Set<string>();
    for (const { iteration, scheduledAtMs, startedAtMs } of service.runs) {
      const key = `${iteration} ${scheduledAtMs} ${startedAtMs}`;
      seen.add(key);
      if (this.#seen.has(key) || scheduledAtMs === 0) continue;
      this.#expect(!this.#dealtWith.has(scheduledAtMs), `${scheduledAtMs} was due twice`);
      this.#expect(scheduledAtMs <= this.#world.now, 'a run was begun before it was due');
      this.#expect(
        crons.some((cron) => nextFiring({ cron, timeZone: 'Europe/Berlin' }, scheduledAtMs - 1) === scheduledAtMs),
        'it was not due',
      );
      this.#dealtWith.add(scheduledAtMs);
    }
    this.#seen = seen;
    const begun = service.runs.filter(({ iteration }) => iteration > 0).map(({ iteration }) => iteration);
    this.#expect(
      begun.every((iteration, index) => index === 0 || iteration < (begun[index - 1] ?? 0)),
      'runs are out of order',
    );
    const ended = service.runs.filter(({ state }) => state !== RunState.RUN_UNDER_WAY);
    const succeeded = ended.filter(({ state }) => state === RunState.RUN_SUCCEEDED).length;
    const skipped = ended.filter(({ state }) => state === RunState.RUN_SKIPPED).length;
    const { successfulHistory, failedHistory, concurrency } = this.#wish;
    this.#expect(succeeded <= Math.max(1, successfulHistory), 'too many successes are kept');
    this.#expect(ended.length - succeeded - skipped <= Math.max(1, failedHistory), 'too many failures are kept');
    this.#expect(skipped <= Math.max(1, failedHistory), 'too many runs that were left out are kept');
    const underWay = service.runs.length - ended.length;
    this.#expect(underWay <= (concurrency === ConcurrencyPolicy.CONCURRENCY_ALLOW ? maxRunsAtOnce : 1), 'too many runs go on');
  }

  #lookAtTasks(service: Service): void {
    const tasks = this.#world.tables.tasks();
    const running = tasks.filter(isRunning);
    if (this.#wish.concurrency !== ConcurrencyPolicy.CONCURRENCY_ALLOW)
      this.#expect(new Set(running.map(({ jobIteration }) => jobIteration)).size <= 1, 'tasks of two runs go on at once');
    for (const { iteration, state } of service.runs) {
      const own = tasks.filter(({ jobIteration }) => jobIteration === iteration && iteration > 0);
      const done = own.filter(({ status }) => status.state === TaskState.COMPLETE).map(({ slot }) => slot);
      this.#expect(new Set(done).size === done.length, 'a slot of a run was done twice');
      this.#expect(own.filter(isRunning).length <= this.#wish.atOnce, 'more go on in a run than may');
      const isOver = state === RunState.RUN_SUCCEEDED || state === RunState.RUN_FAILED;
      this.#expect(!isOver || own.every((task) => !isLive(task) || task.desiredState > TaskState.RUNNING), 'a run is over and is not');
      if (state === RunState.RUN_SUCCEEDED && own.length > 0)
        this.#expect(done.length === this.#wish.completions, 'a run succeeded that is not done');
    }
  }
}

const end = (world: World, pick: number, well: boolean): void => {
  const running = world.tables.tasks().filter((task) => isRunning(task) && task.status.state === TaskState.RUNNING);
  const task = running[pick % Math.max(1, running.length)];
  if (task !== undefined)
    world.report(task, well ? { state: TaskState.COMPLETE, exitCode: 0 } : { state: TaskState.FAILED, exitCode: 1, error: 'no' });
};

const take = (world: World, wish: Wish, step: Step): void => {
  const put = (service: Service): void => {
    world.commit([{ putService: service }]);
    world.settle();
  };
  switch (step.kind) {
    case 'advance':
      world.advance(step.ms);
      break;
    case 'end':
      end(world, step.pick, step.well);
      break;
    case 'agents':
      world.run();
      break;
    case 'leader':
      // One that is gone after its first plan.
      world.changeLeader();
      world.planOnce();
      world.changeLeader();
      break;
    case 'outage':
      // Nobody plans meanwhile, and the clock of who plans after the next one is behind.
      world.now += 400_000;
      world.changeLeader();
      world.settle();
      world.now -= 2_000;
      break;
    case 'ask':
      put(runNow(job(world), world.now));
      break;
    case 'stop':
      put(stopped(job(world)));
      break;
    case 'start':
      put(started(job(world), world.now));
      break;
    case 'node':
      world.changeNode('beta', { availability: step.availability, state: step.state });
      break;
    case 'apply':
      world.up(stackSpec('shop', [spec(wish, step.image, step.cron)]));
      break;
    default:
      step satisfies never;
  }
};

test('whatever happens no instant is dealt with twice, runs keep to their policy and history, and all come to an end', (t) => {
  fc.assert(
    fc.property(wishes, steps, (wish, history) => {
      const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
      const checker = new Checker(world, wish);
      world.watcher = { before: () => undefined, after: () => checker.look() };
      world.up(stackSpec('shop', [spec(wish, 0, '* * * * *')]));
      for (const step of history) {
        take(world, wish, step);
        if (checker.wrong.length > 0) throw new Error(checker.wrong.join('; '));
      }
      // Not due any more, and whatever goes on completes: then no run is left under way.
      world.up(stackSpec('shop', [spec(wish, 0, '0 0 1 1 *')]));
      for (let round = 0; round < 200 && job(world).runs.some(({ state }) => state === RunState.RUN_UNDER_WAY); round += 1) {
        world.run();
        end(world, 0, true);
        if ((world.wakeAtMs ?? Number.POSITIVE_INFINITY) < world.now + 120_000) world.sleep();
      }
      if (checker.wrong.length > 0) throw new Error(checker.wrong.join('; '));
      return job(world).runs.every(({ state }) => state !== RunState.RUN_UNDER_WAY);
    }),
    { numRuns: 150 },
  );
  t.pass();
});
