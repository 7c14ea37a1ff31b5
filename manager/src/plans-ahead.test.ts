import { defaultUpdateConfig, NodeAvailability, type PlannedTask, ServiceMode, UpdateOrder } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyStackChanges } from './api/changes.ts';
import { plansAhead } from './plans-ahead.ts';
import { isLive, isOccupant } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Spec = Parameters<typeof stackSpec>[1];

let seed = 5;
const random = (count: number) => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251));
const by = { changedBy: 'test', now: 0, random };
const ahead = (world: World, services: Spec, removeOrphans = false) => {
  const { actions } = applyStackChanges(world.tables, stackSpec('shop', services), { ...by, now: world.now, removeOrphans, services: [] });
  return plansAhead(world.tables, actions, 'shop', world.now);
};
const lines = (tasks: readonly PlannedTask[]): readonly string[] =>
  tasks.map(({ service, slot, action, node, reason }) => `${action} ${service}.${slot} ${node || 'nowhere'}: ${reason}`);
const running = (services: Spec, nodes = [nodeNamed('a'), nodeNamed('b')]): World => {
  const world = new World(nodes);
  world.up(stackSpec('shop', services));
  world.run();
  return world;
};

test('what a new stack would start is told with its nodes, and nothing of the store is touched', (t) => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  const before = world.tables.index;
  const { tasks, isCut, count } = ahead(world, [serviceSpec('web', { replicas: 3 })]);
  t.deepEqual(
    tasks.map(({ service, slot, action, node }) => `${action} ${service}.${slot} ${node}`),
    ['start web.1 a', 'start web.2 b', 'start web.3 a'],
  );
  t.true(tasks.every(({ reason }) => reason !== ''));
  t.false(isCut);
  t.is(count, 3);
  t.is(world.tables.index, before);
  t.is(world.tables.tasks().length, 0);
});

test('what is told is what the planner then does', (t) => {
  const world = running([serviceSpec('web', { replicas: 3 })]);
  const next = [serviceSpec('web', { replicas: 5, task: { container: { image: 'web:2' } } }), serviceSpec('db')];
  const { tasks } = ahead(world, next);
  const known = new Set(world.tables.tasks().map(({ id }) => id));
  world.up(stackSpec('shop', next));
  const made = world.tables
    .tasks()
    .filter(({ id }) => !known.has(id))
    .map(({ serviceName, slot, nodeId }) => `${serviceName}.${slot} ${nodeId}`);
  t.deepEqual(tasks.map(({ service, slot, node }) => `${service}.${slot} ${node}`).sort(), made.sort());
});

test('a change begins with as many replacements as its update lets it', (t) => {
  const world = running([serviceSpec('web', { replicas: 3 })]);
  const { tasks } = ahead(world, [serviceSpec('web', { replicas: 3, task: { container: { image: 'web:2' } } })]);
  t.deepEqual(
    tasks.map(({ service, slot, action }) => `${action} ${service}.${slot}`),
    ['replace web.1'],
  );
});

test('what would stop says why, and where it runs', (t) => {
  const world = running([serviceSpec('db'), serviceSpec('web')]);
  const { tasks } = ahead(world, [serviceSpec('web')], true);
  const [first] = tasks;
  t.is(tasks.length, 1);
  t.like(first, { service: 'db', slot: 1, action: 'stop' });
  t.not(first?.node, '');
  t.not(first?.reason, '');
});

test('what fits nowhere says why not', (t) => {
  const world = new World([nodeNamed('a', { availability: NodeAvailability.DRAIN })]);
  t.deepEqual(lines(ahead(world, [serviceSpec('web')]).tasks), ['start web.1 nowhere: no node fits (1 drained)']);
});

test('a change that no task feels has nothing ahead', (t) => {
  const world = running([serviceSpec('web', { replicas: 2 })]);
  t.deepEqual(ahead(world, [serviceSpec('web', { replicas: 2, labels: { team: 'a' } })]).tasks, []);
});

test('a scheduled job does not start with its file', (t) => {
  const schedule = {
    cron: '* * * * *',
    timeZone: '',
    concurrency: 0,
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
  } as const;
  const world = new World();
  world.now += 59_000;
  t.deepEqual(ahead(world, [serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, schedule })]).tasks, []);
});

test('a global service starts once on each node', (t) => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  const { tasks } = ahead(world, [serviceSpec('all', { mode: ServiceMode.GLOBAL })]);
  t.deepEqual(
    tasks.map(({ slot, action, node }) => `${action} ${slot} ${node}`),
    ['start 0 a', 'start 0 b'],
  );
});

test('very many tasks are told as far as one looks ahead, and that there are more', (t) => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  const { tasks, count, isCut } = ahead(world, [serviceSpec('web', { replicas: 2_000 })]);
  t.is(tasks.length, 300);
  t.true(count > 300 && count < 2_000);
  t.true(isCut);
});

test('a task of another stack that has to give way is told with the name of its stack', (t) => {
  const task = { reservations: { nanoCpus: 3e9, memoryBytes: 0, pids: 0 } };
  const world = new World([nodeNamed('a')]);
  world.up(stackSpec('batch', [serviceSpec('crunch', { task })]));
  world.run();
  const { tasks } = ahead(world, [serviceSpec('web', { priority: 10, task })]);
  const [first, second] = tasks;
  t.like(first, { service: 'batch_crunch', slot: 1, action: 'stop', node: 'a' });
  t.regex(first?.reason ?? '', /web\.1/);
  t.like(second, { service: 'web', slot: 1, action: 'start', node: '' });
  t.not(second?.reason, '');
});

const anyService = fc.record({
  image: fc.constantFrom('web:1', 'web:2'),
  replicas: fc.integer({ min: 0, max: 6 }),
  parallelism: fc.integer({ min: 0, max: 3 }),
  order: fc.constantFrom(UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST),
  mode: fc.constantFrom(ServiceMode.REPLICATED, ServiceMode.GLOBAL, ServiceMode.REPLICATED_JOB),
  disk: fc.boolean(),
});
type AnyService = typeof anyService extends fc.Arbitrary<infer T> ? T : never;

const specsOf = (all: readonly AnyService[]): Spec =>
  all.map(({ image, replicas, parallelism, order, mode, disk }, at) => {
    const placement = { constraints: disk ? ['node.labels.disk==ssd'] : [], spreadOver: [], maxReplicasPerNode: 0 };
    const isJob = mode === ServiceMode.REPLICATED_JOB;
    return serviceSpec(`s${at}`, {
      replicas,
      mode,
      update: isJob ? defaultUpdateConfig : { ...defaultUpdateConfig, parallelism, order },
      task: { container: { image }, placement },
    });
  });

test('whatever is changed, what is told is what the planner begins with', (t) => {
  const some = fc.array(anyService, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(some, some, fc.boolean(), (from, to, removeOrphans) => {
      const world = new World([nodeNamed('a', { labels: { disk: 'ssd' } }), nodeNamed('b'), nodeNamed('c', { labels: { disk: 'ssd' } })]);
      world.up(stackSpec('shop', specsOf(from)));
      world.run();
      const { tasks } = ahead(world, specsOf(to), removeOrphans);
      const before = new Map(world.tables.tasks().map((task) => [task.id, task]));
      world.up(stackSpec('shop', specsOf(to)), { removeOrphans });
      const begun = world.tables
        .tasks()
        .flatMap((task) => (before.has(task.id) ? [] : [`${task.serviceName}.${task.slot} ${task.nodeId}`]));
      const told = tasks.filter(({ action }) => action !== 'stop').map(({ service, slot, node }) => `${service}.${slot} ${node}`);
      t.deepEqual(told.sort(), begun.sort());
      for (const { service, slot, node } of tasks.filter(({ action }) => action === 'stop')) {
        const stays = world.tables
          .tasks()
          .some((task) => task.serviceName === service && task.slot === slot && task.nodeId === node && isOccupant(task) && isLive(task));
        t.false(stays, `${service}.${slot} on ${node} was said to stop`);
      }
    }),
    { numRuns: 40 },
  );
});
