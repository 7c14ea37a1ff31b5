import { EndpointMode, HealthState, NodeAvailability, NodeState, type ServiceSpec, TaskState, UpdateOrder } from '@tso/proto';
import test from 'ava';
import { byAge, isLive, isOccupant } from './rules/task-facts.ts';
import { taskName } from './rules/words.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Change = Partial<Omit<ServiceSpec, 'task'>>;

const web = (replicas: number, image = 'web:1', change: Change = {}) =>
  stackSpec('shop', [serviceSpec('web', { replicas, task: { container: { image } }, ...change })]);

const startFirst: Change = { update: { ...serviceSpec('web').update, order: UpdateOrder.START_FIRST } };

const running = (spec: ReturnType<typeof web>, ...nodes: readonly string[]): World => {
  const world = new World((nodes.length === 0 ? ['alpha'] : nodes).map((id) => nodeNamed(id)));
  world.up(spec);
  world.run();
  return world;
};

/** Tasks that still run and are wished to stop, with how long they go on: `web.1 1000`. */
const draining = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter((task) => isLive(task) && !isOccupant(task))
    .sort((a, b) => (taskName(a) < taskName(b) ? -1 : taskName(a) > taskName(b) ? 1 : byAge(a, b)))
    .map((task) => `${taskName(task)} ${task.drainMs}`);

/** Agents and planner by turns until a task is stopped. */
const untilStopping = (world: World): void => {
  for (let turn = 0; draining(world).length === 0 && turn < 20; turn += 1) world.agentsStep();
};

test('a task that an update replaces drains for a second while others serve, whatever the order', (t) => {
  for (const order of [{}, startFirst]) {
    const world = running(web(2, 'web:1', order));
    world.up(web(2, 'web:2', order));
    untilStopping(world);
    t.deepEqual(draining(world), ['web.1 1000']);
  }
});

test('where names lead to tasks themselves it drains for as long as an answer may be used beside that', (t) => {
  const named = { endpointMode: EndpointMode.DNSRR };
  const world = running(web(2, 'web:1', named));
  world.up(web(2, 'web:2', named));
  untilStopping(world);
  t.deepEqual(draining(world), ['web.1 2000']);
});

test('the only task of a service does not drain where it stops first, since there is nobody else to send to', (t) => {
  const world = running(web(1));
  world.up(web(1, 'web:2'));
  untilStopping(world);
  t.deepEqual(draining(world), ['web.1 0']);
});

test('the only task of a service drains where its replacement serves before', (t) => {
  const world = running(web(1, 'web:1', startFirst));
  world.up(web(1, 'web:2', startFirst));
  world.report(world.task('web.1'), { state: TaskState.RUNNING, health: HealthState.HEALTH_STARTING });
  t.deepEqual(draining(world), []);
  world.report(world.task('web.1'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.deepEqual(draining(world), ['web.1 1000']);
});

test('what a service says of draining holds also for its only task, and none is none', (t) => {
  for (const drainMs of [4_000, 0]) {
    const world = running(web(1, 'web:1', { drainMs }));
    world.up(web(1, 'web:2', { drainMs }));
    untilStopping(world);
    t.deepEqual(draining(world), [`web.1 ${drainMs}`]);
  }
});

test('scaling down drains what serves; to none there is nobody else to send to', (t) => {
  const world = running(web(4));
  world.scale('shop', 'web', 2);
  t.deepEqual(draining(world), ['web.3 1000', 'web.4 1000']);
  world.run();
  world.scale('shop', 'web', 0);
  t.deepEqual(draining(world), ['web.1 0', 'web.2 0']);
});

test('a task that does not serve is stopped at once', (t) => {
  const world = running(web(3));
  world.report(world.task('web.3'), { state: TaskState.RUNNING, health: HealthState.UNHEALTHY });
  world.scale('shop', 'web', 2);
  t.deepEqual(draining(world), ['web.3 0']);
});

test('a service that is taken down does not drain, not even what was draining', (t) => {
  const world = running(web(3, 'web:1', { drainMs: 60_000 }));
  world.scale('shop', 'web', 2);
  t.deepEqual(draining(world), ['web.3 60000']);
  world.down('shop');
  t.deepEqual(draining(world), ['web.1 0', 'web.2 0', 'web.3 0']);
});

test('what drains goes on draining when it is to be forgotten as well', (t) => {
  const world = running(web(2, 'web:1', startFirst));
  world.up(web(2, 'web:2', startFirst));
  untilStopping(world);
  t.deepEqual(draining(world), ['web.1 1000']);
  world.scale('shop', 'web', 1);
  t.true(draining(world).includes('web.1 1000'));
});

test('a node that is drained and one that is emptied by spreading stop without loss too', (t) => {
  const world = running(web(2), 'alpha', 'beta');
  world.changeNode('beta', { availability: NodeAvailability.DRAIN });
  untilStopping(world);
  t.deepEqual(draining(world), ['web.2 1000']);

  const crowded = running(web(4), 'alpha');
  crowded.now += 60_000;
  crowded.commit([{ putNode: nodeNamed('beta', { state: NodeState.NODE_READY }) }]);
  const [service] = crowded.tables.services();
  if (service !== undefined) crowded.commit([{ putService: { ...service, rebalance: 1, rebalancedAtMs: crowded.now } }]);
  crowded.settle();
  untilStopping(crowded);
  t.deepEqual(draining(crowded), ['web.4 1000']);
});

test('the next task of an update is not stopped before the last replacement serves', (t) => {
  const world = running(web(3));
  world.up(web(3, 'web:2'));
  let least = 3;
  for (let turn = 0; turn < 40; turn += 1) {
    for (const task of world.tables.tasks()) {
      if (!isLive(task) || task.status.state !== TaskState.RUNNING || task.status.health !== HealthState.HEALTH_STARTING) continue;
      world.report(task, { state: TaskState.RUNNING, health: HealthState.HEALTHY });
    }
    const serving = world.tables.tasks().filter((task) => isOccupant(task) && task.status.state === TaskState.RUNNING);
    least = Math.min(least, serving.filter(({ status }) => status.health !== HealthState.HEALTH_STARTING).length);
    world.agentsStep(HealthState.HEALTH_STARTING);
  }
  const images = world.tables
    .tasks()
    .filter(isLive)
    .map((task) => task.spec.container.image);
  t.deepEqual(images, ['web:2', 'web:2', 'web:2']);
  t.is(least, 2);
});
