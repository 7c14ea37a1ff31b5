import { type AutoscaleSpec, newService, type Service, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { type AutoscaleMemory, autoscale, freshAutoscaleMemory, isAutoscaled } from './autoscale.ts';
import { wantedSlots } from './wanted.ts';

const coolDownMs = 60_000;
const spec: AutoscaleSpec = { min: 2, max: 8, cpuPercent: 50, memoryPercent: 0, coolDownMs };
const lookMs = 5_000;

/** The rules alone, with as many tasks as were come to, under loads given in CPUs for all of them; every task is measured exactly. */
const course = (loads: readonly number[], wish = spec, change: Partial<Service> = {}) => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: wish.min, autoscale: wish })]));
  let memory: AutoscaleMemory = freshAutoscaleMemory(world.now);
  const counts: number[] = [];
  let writes = 0;
  for (const cpus of loads) {
    world.run();
    world.now += lookMs;
    const stored = world.tables.services()[0] ?? newService;
    const service = { ...stored, ...change };
    const present = wantedSlots(service);
    const tasks = world.tables.tasks();
    const figuresOf = () => ({ nanoCpus: (cpus / present) * 1e9, memoryBytes: 0 });
    const verdict = autoscale({ service, tasks, figuresOf, now: world.now, memory });
    memory = verdict.memory;
    if (verdict.status !== undefined) {
      writes += 1;
      world.commit([{ putService: { ...stored, autoscale: verdict.status } }]);
      world.settle();
    }
    counts.push(wantedSlots(world.tables.services()[0] ?? newService));
  }
  return { counts, writes, memory, status: world.tables.services()[0]?.autoscale };
};

const repeated = (count: number, cpus: number): readonly number[] => Array.from({ length: count }, () => cpus);

test('more at once, fewer only after the cool-down', (t) => {
  const { counts } = course([...repeated(2, 1), ...repeated(3, 2), ...repeated(20, 0.2)]);
  t.deepEqual(counts.slice(0, 5), [2, 2, 4, 4, 4]);
  t.deepEqual(counts.slice(5, 16), repeated(11, 4));
  t.is(counts.at(-1), 2);
});

test('during an update nothing is taken away, and after it the cool-down begins', (t) => {
  for (const state of [UpdateState.UPDATING, UpdateState.UPDATE_PAUSED, UpdateState.ROLLBACK_STARTED]) {
    const update = { state, startedAtMs: 1, completedAtMs: 0, message: '' };
    const { counts, memory } = course([...repeated(2, 3), ...repeated(30, 0.1)], spec, { update });
    t.is(counts.at(-1), 6, 'and more are made all the same');
    t.is(memory.needs[0]?.count, 6);
  }
});

test('one that is stopped, removed or of another mode is none of the cluster to decide', (t) => {
  t.false(isAutoscaled({ ...newService, spec: { ...newService.spec, autoscale: spec }, removing: true }));
  t.false(isAutoscaled(newService));
  const { status, memory } = course(repeated(10, 8), spec, { stopped: true });
  t.is(status, undefined);
  t.deepEqual(memory.needs, []);
});

test('whatever the load: within bounds, at most doubled, and taken away only what was not needed for the whole cool-down', (t) => {
  const loads = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 8, noNaN: true })), { maxLength: 8 });
  fc.assert(
    fc.property(loads, (stretches) => {
      const perLook = stretches.flatMap(([count, cpus]) => repeated(count, cpus));
      const { counts, writes } = course(perLook);
      const looks = coolDownMs / lookMs;
      counts.forEach((count, at) => {
        const before = counts[at - 1] ?? spec.min;
        t.true(count >= spec.min && count <= spec.max);
        t.true(count <= before * 2);
        if (count >= before) return;
        const needs = perLook.slice(Math.max(0, at - looks + 1), at + 1).map((cpus) => Math.ceil(cpus / 0.5 / 1.1 - 1e-9));
        t.true(Math.max(...needs) <= count, `${before} -> ${count} at ${at}: ${needs.join(' ')}`);
      });
      t.true(writes <= counts.filter((count, at) => count !== counts[at - 1]).length + perLook.length / 12 + 1);
    }),
    { numRuns: 60 },
  );
});

test('what is remembered of a service is no more than it may have tasks', (t) => {
  const { memory } = course(Array.from({ length: 60 }, (_, at) => 4 - at / 20));
  t.true(memory.needs.length <= spec.max);
});

test('a task that waits to be started again keeps no others from being made; one that waits for another service does, and says so', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, autoscale: spec })]));
  world.run();
  const verdictWith = (change: { readonly notBeforeMs: number; readonly pendingReason: string }) => {
    const service = world.tables.services()[0] ?? newService;
    const tasks = world.tables.tasks().map((task) => {
      return task.slot === 2 ? { ...task, ...change, status: { ...task.status, state: TaskState.NEW } } : task;
    });
    const now = world.now + 600_000;
    const figuresOf = () => ({ nanoCpus: 4e9, memoryBytes: 0 });
    return autoscale({ service, tasks, figuresOf, now, memory: freshAutoscaleMemory(world.now) }).status;
  };
  t.is(
    verdictWith({ notBeforeMs: world.now + 660_000, pendingReason: 'starts again 1 min after it ended (attempt 9): it ended' })?.replicas,
    4,
  );
  t.like(verdictWith({ notBeforeMs: world.now, pendingReason: 'waits for db to start' }), {
    replicas: 2,
    message: 'stays at 2: its load asks for more, but web.2 waits for db to start',
  });
  t.like(verdictWith({ notBeforeMs: 0, pendingReason: 'no node fits' }), {
    message: 'stays at 2: its load asks for more, but it has a task already that no node takes',
  });
});
