import { assert, NodeAvailability, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import { applyStackChanges } from './api/changes.ts';
import { maxTasksPerPlan, plan } from './planner.ts';
import { isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const gib = 1024 ** 3;
const web = (replicas: number) => serviceSpec('web', { replicas });
const shop = (...services: ReturnType<typeof serviceSpec>[]) => stackSpec('shop', services);

/** Plans and commits until there is nothing to do; how many tasks each plan changed. */
const planned = (world: World): readonly number[] => {
  const sizes: number[] = [];
  for (;;) {
    const { actions, isPartial } = plan(world.tables, world.now, (count) => crypto.getRandomValues(new Uint8Array(count)));
    if (actions.length === 0) return sizes;
    const tasks = actions.filter(({ putTask }) => putTask !== undefined).length;
    assert(!isPartial || tasks >= maxTasksPerPlan, 'only a full plan leaves something to the next');
    sizes.push(tasks);
    world.commit(actions);
  }
};

const wished = (world: World, spec: ReturnType<typeof shop>): void =>
  world.commit(
    applyStackChanges(world.tables, spec, {
      removeOrphans: false,
      services: [],
      changedBy: 'test',
      now: world.now,
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    }).actions,
  );

test('a large wish is planned in parts, and ends as one plan would', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const count = 2 * maxTasksPerPlan + 50;
  wished(world, shop(web(count)));
  t.deepEqual(planned(world), [maxTasksPerPlan, maxTasksPerPlan, 50]);
  const tasks = world.tables.tasks();
  t.true(tasks.every((task) => task.status.state === TaskState.ASSIGNED));
  t.deepEqual(
    [...new Set(tasks.map(({ slot }) => slot))].sort((a, b) => a - b),
    Array.from({ length: count }, (_, at) => at + 1),
  );
  t.deepEqual(
    ['alpha', 'beta'].map((id) => world.tables.tasksOfNode(id).length),
    [count / 2, count / 2],
  );
});

test('many that fit nowhere say why in parts too, and do not keep others from their place', (t) => {
  const world = new World();
  const huge = serviceSpec('a-huge', { replicas: 250, task: { reservations: { nanoCpus: 0, memoryBytes: 5 * gib, pids: 0 } } });
  wished(world, shop(huge, web(3)));
  t.true(planned(world).every((size) => size <= 2 * maxTasksPerPlan));
  const tasks = world.tables.tasks();
  t.is(tasks.filter(({ serviceName, nodeId }) => serviceName === 'web' && nodeId === 'alpha').length, 3);
  const pending = tasks.filter(({ serviceName, nodeId }) => serviceName === 'a-huge' && nodeId === '');
  t.is(pending.length, 249, 'one fits');
  t.deepEqual([...new Set(pending.map(({ pendingReason }) => pendingReason))].length, 1);
  t.true(pending.every(({ pendingReason }) => pendingReason !== ''));
});

test('a large update at full parallelism, and the drain of a full node, go on in parts to their end', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const count = 2 * maxTasksPerPlan + 50;
  const atOnce = (image: string) =>
    serviceSpec('web', { replicas: count, update: { ...serviceSpec('x').update, parallelism: 0 }, task: { container: { image } } });
  const settle = (): void => {
    for (let round = 0; round < 50; round += 1) {
      planned(world);
      const moving = world.tables
        .tasks()
        .filter((task) => isLive(task) && task.status.state < Math.min(task.desiredState, TaskState.SHUTDOWN));
      if (moving.length === 0) return;
      world.commit(
        moving.map((task) => ({
          putTask: { ...task, status: { ...task.status, state: Math.min(task.desiredState, TaskState.SHUTDOWN) as TaskState } },
        })),
      );
    }
    t.fail('it does not come to rest');
  };
  const running = () => world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
  wished(world, shop(atOnce('web:1')));
  settle();
  t.is(running().length, count);
  wished(world, shop(atOnce('web:2')));
  settle();
  t.is(running().filter((task) => task.spec.container.image === 'web:2').length, count);
  t.is(running().length, count);
  world.now += 10_000;
  settle();
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_COMPLETED);
  world.commit([{ putNode: { ...nodeNamed('alpha'), availability: NodeAvailability.DRAIN } }]);
  settle();
  t.deepEqual([running().length, new Set(running().map(({ nodeId }) => nodeId))], [count, new Set(['beta'])]);
});
