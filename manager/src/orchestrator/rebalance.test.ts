import type { Node, Service, ServiceSpec, Task } from '@tso/proto';
import {
  emptyMount,
  HealthState,
  isWishedRunning,
  MountType,
  NodeAvailability,
  NodeState,
  present,
  RebalanceMode,
  TaskState,
  UpdateFailureAction,
  UpdateOrder,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isAssigned, isLive, isServing } from '../rules/task-facts.ts';
import { movesToNodeAtOnce, settledAfterMs } from '../scheduler/moves.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { restAfterMs } from './rebalance.ts';

type Wish = Parameters<typeof serviceSpec>[1] & { readonly order?: UpdateOrder; readonly parallelism?: number; readonly delayMs?: number };

const web = ({ order = UpdateOrder.STOP_FIRST, parallelism = 1, delayMs = 0, ...rest }: Wish = {}, name = 'web'): ServiceSpec => {
  const spec = serviceSpec(name, rest);
  return { ...spec, update: { ...spec.update, order, parallelism, delayMs } };
};

const serviceOf = (world: World, name = 'web'): Service =>
  present(
    world.tables.services().find(({ spec }) => spec.name === name),
    name,
  );

/** As `tso service update --rebalance` would. */
const ask = (world: World, name = 'web'): void => {
  world.now += 1_000;
  const { rebalancePaused: _forgotten, ...service } = serviceOf(world, name);
  world.commit([{ putService: { ...service, rebalance: service.rebalance + 1, rebalancedAtMs: world.now } }]);
  world.settle();
};

const live = (world: World, name = 'web'): readonly Task[] => world.tables.tasksOfService(serviceOf(world, name).id).filter(isLive);

/** Running tasks by node, in the order of the nodes: `2 2 1`. */
const spread = (world: World, name = 'web'): string =>
  world.tables
    .nodes()
    .map((node) => live(world, name).filter((task) => task.nodeId === node.id && task.status.state === TaskState.RUNNING).length)
    .join(' ');

/** A world whose last node was not there when the services came, and then is. */
const grown = (names: readonly string[], ...services: readonly ServiceSpec[]): World => {
  const [last = '', ...others] = names.toReversed();
  const world = new World([...others.toReversed().map((name) => nodeNamed(name)), nodeNamed(last, { state: NodeState.NODE_DOWN })]);
  world.up(stackSpec('shop', services));
  world.run();
  world.changeNode(last, { state: NodeState.NODE_READY });
  return world;
};

/** Agents, planner and time, until the service is spread as it is to be; `seen` looks after every step. */
const finish = (world: World, seen: () => void = () => undefined): void => {
  for (let step = 0; serviceOf(world).rebalance > serviceOf(world).rebalanced; step += 1) {
    if (step > 500) throw new Error(`it does not end\n${world.lines().join('\n')}`);
    if (!world.agentsStep() && world.sleep() === 0) return;
    seen();
  }
};

test('without being asked, and without a wish of its own, nothing moves', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 4 }));
  world.advance(restAfterMs * 2);
  t.is(spread(world), '4 0');
});

test('asked once, tasks move to a new node until no more would make it more even', (t) => {
  const world = grown(['a', 'b', 'c'], web({ replicas: 7 }));
  t.is(spread(world), '4 3 0');
  ask(world);
  finish(world);
  t.is(spread(world), '2 3 2');
  t.is(world.settle(), 0);
  world.advance(restAfterMs * 2);
  t.is(spread(world), '2 3 2');
});

test('stop-first prepares the new one first, then stops the old one, then starts', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 2 }));
  ask(world);
  t.deepEqual(world.lines(), ['web.1 running on a', 'web.2 assigned on b, wished ready', 'web.2 running on a']);
  world.report(
    present(
      live(world).find((task) => task.replaces !== undefined && task.nodeId === 'b'),
      'the new task',
    ),
    { state: TaskState.READY },
  );
  t.deepEqual(world.lines().slice(1), ['web.2 ready on b, wished ready', 'web.2 running on a, wished shutdown']);
  world.report(
    present(
      live(world).find((task) => task.desiredState === TaskState.SHUTDOWN),
      'the old task',
    ),
    { state: TaskState.SHUTDOWN },
  );
  t.deepEqual(world.lines().slice(1), ['web.2 ready on b', 'web.2 shutdown on a, wished shutdown']);
  world.run();
  t.is(spread(world), '1 1');
});

test('start-first starts the new one beside the old one, which goes once the new one serves', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 2, order: UpdateOrder.START_FIRST }));
  ask(world);
  const [mover] = live(world).filter((task) => task.nodeId === 'b');
  world.report(present(mover, 'the new task'), { state: TaskState.RUNNING, health: HealthState.HEALTH_STARTING });
  t.deepEqual(world.lines().slice(1), ['web.2 running on b', 'web.2 running on a']);
  world.report(present(mover, 'the new task'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.deepEqual(world.lines().slice(1), ['web.2 running on b', 'web.2 running on a, wished shutdown']);
});

test('the delay of updates keeps the moves apart', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 4, delayMs: 10_000 }));
  world.advance(60_000);
  ask(world);
  world.run();
  t.is(spread(world), '3 1');
  t.true(serviceOf(world).rebalanced < serviceOf(world).rebalance);
  t.is(world.sleep(), 10_000);
  world.run();
  t.is(spread(world), '2 2');
});

test('a move that fails is given up, the old task stays, and the rest waits until asked again', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 4, order: UpdateOrder.START_FIRST }));
  ask(world);
  const [mover] = live(world).filter((task) => task.nodeId === 'b');
  world.report(present(mover, 'the new task'), { state: TaskState.REJECTED, error: 'image web:1 could not be pulled' });
  world.run();
  world.advance(restAfterMs * 2);
  t.is(spread(world), '4 0');
  t.is(
    serviceOf(world).rebalancePaused,
    'spreading its tasks anew is paused, a task failed on the new node: web.4 failed: image web:1 could not be pulled',
  );
  ask(world);
  finish(world);
  world.run();
  t.is(spread(world), '2 2');
});

test('where updates go on after failures, each place is tried once', (t) => {
  const base = web({ replicas: 4, order: UpdateOrder.START_FIRST });
  const world = grown(['a', 'b'], { ...base, update: { ...base.update, failureAction: UpdateFailureAction.FAILURE_CONTINUE } });
  ask(world);
  let failed = 0;
  for (; serviceOf(world).rebalance > serviceOf(world).rebalanced; failed += 1) {
    const mover = present(
      live(world).find((task) => task.nodeId === 'b'),
      'the new task',
    );
    world.report(mover, { state: TaskState.REJECTED, error: 'no' });
  }
  t.is(failed, 4);
  t.is(spread(world), '4 0');
});

test('an update goes before: moves wait for it, and one that is under way gives way', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 2, order: UpdateOrder.START_FIRST }));
  ask(world);
  world.up(stackSpec('shop', [web({ replicas: 2, order: UpdateOrder.START_FIRST, task: { container: { image: 'busybox:2' } } })]));
  t.true(live(world).every((task) => task.replaces === undefined || task.desiredState > TaskState.RUNNING));
  for (let step = 0; step < 50; step += 1) {
    world.run();
    t.true(live(world).filter(isServing).length >= 2);
    if (world.sleep() === 0) break;
  }
  t.is(spread(world), '1 1');
  t.true(live(world).every((task) => task.spec.container.image === 'busybox:2'));
  t.is(serviceOf(world).rebalanced, serviceOf(world).rebalance);
});

test('a node that goes while tasks move to it costs none of them, one that they leave neither', (t) => {
  for (const [lost, expected] of [
    ['b', '2 0'],
    ['a', '0 2'],
  ] as const) {
    const world = grown(['a', 'b'], web({ replicas: 2, order: UpdateOrder.START_FIRST }));
    ask(world);
    world.changeNode(lost, { state: NodeState.NODE_DOWN });
    finish(world);
    world.run();
    t.is(spread(world), expected);
    t.is(live(world).length, 2);
  }
});

test('nothing moves to a node that is drained, paused, silent, too small, ruled out, or full for the service', (t) => {
  const small = { ...nodeNamed('b').description, resources: { nanoCpus: 0, memoryBytes: 2 ** 24, pids: 0 } };
  const never: readonly (readonly [Partial<Node>, Wish])[] = [
    [{ availability: NodeAvailability.DRAIN }, {}],
    [{ availability: NodeAvailability.PAUSE }, {}],
    [{ state: NodeState.NODE_DISCONNECTED }, {}],
    [{ description: small }, { task: { reservations: { nanoCpus: 0, memoryBytes: 2 ** 25, pids: 0 } } }],
    [{}, { task: { placement: { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 } } }],
    [{ removing: true }, {}],
  ];
  for (const [node, wish] of never) {
    const world = new World([nodeNamed('a', { labels: { disk: 'ssd' } }), nodeNamed('b', { state: NodeState.NODE_DOWN })]);
    world.up(stackSpec('shop', [web({ replicas: 4, ...wish })]));
    world.run();
    world.changeNode('b', { state: NodeState.NODE_READY, ...node });
    ask(world);
    finish(world);
    world.run();
    t.is(spread(world), '4 0', JSON.stringify(node));
    t.is(serviceOf(world).rebalanced, 1);
  }
});

test('data in a named volume holds a task where it is', (t) => {
  const mount = {
    ...emptyMount,
    type: MountType.VOLUME,
    source: 'shop_data',
    target: '/data',
  };
  const data = { name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts: {} };
  const world = new World([nodeNamed('a'), nodeNamed('b', { state: NodeState.NODE_DOWN })]);
  world.up(stackSpec('shop', [web({ replicas: 2, task: { container: { mounts: [mount] } } })], { volumes: [data] }));
  world.run();
  world.changeNode('b', { state: NodeState.NODE_READY });
  ask(world);
  world.run();
  t.is(spread(world), '2 0');
  t.is(serviceOf(world).rebalanced, 1, 'and is not waited for');
});

test('services of one task each are spread by what all of the stack has on a node', (t) => {
  const names = ['s1', 's2', 's3', 's4'];
  const world = grown(['a', 'b'], ...names.map((name) => web({}, name)));
  for (const name of names) ask(world, name);
  world.run();
  const onNode = (node: string): number => world.tables.tasksOfNode(node).filter(isLive).length;
  t.deepEqual([onNode('a'), onNode('b')], [2, 2]);
});

test('branches of a placement preference are made even before nodes are', (t) => {
  const zones = [nodeNamed('a', { labels: { zone: 'x' } }), nodeNamed('b', { labels: { zone: 'x' } })];
  const world = new World([...zones, nodeNamed('c', { labels: { zone: 'y' }, state: NodeState.NODE_DOWN })]);
  const placement = { constraints: [], spreadOver: ['node.labels.zone'], maxReplicasPerNode: 0 };
  world.up(stackSpec('shop', [web({ replicas: 6, task: { placement } })]));
  world.run();
  world.changeNode('c', { state: NodeState.NODE_READY });
  ask(world);
  finish(world);
  t.is(spread(world), '1 2 3');
});

const auto = { rebalance: RebalanceMode.REBALANCE_AUTO } as const;

test('by itself, a service moves to a node that came back, once that has stayed a while', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 4, ...auto }));
  t.is(spread(world), '4 0');
  t.is(world.sleep(), settledAfterMs);
  world.run();
  t.is(spread(world), '2 2');
  t.deepEqual([serviceOf(world).rebalance, serviceOf(world).rebalanced], [1, 1]);
});

test('a node that flaps moves nothing while it does, and little afterwards', (t) => {
  const world = grown(['a', 'b'], web({ replicas: 4, ...auto }));
  const made = (): number => world.tables.tasksOfService(serviceOf(world).id).filter((task) => task.replaces !== undefined).length;
  for (let flap = 0; flap < 50; flap += 1) {
    world.advance(settledAfterMs - 2_000);
    world.run();
    world.changeNode('b', { state: flap % 2 === 0 ? NodeState.NODE_DOWN : NodeState.NODE_READY });
    world.run();
  }
  t.is(made(), 0);
  world.changeNode('b', { state: NodeState.NODE_READY });
  world.sleep();
  world.run();
  t.is(spread(world), '2 2');
  // Slower flapping: each time it has stayed long enough to be believed, and then goes.
  const movesBegun = new Set<string>();
  const began = world.now;
  for (let flap = 0; flap < 20; flap += 1) {
    world.changeNode('b', { state: NodeState.NODE_DOWN });
    world.run();
    world.changeNode('b', { state: NodeState.NODE_READY });
    world.advance(settledAfterMs * 2);
    world.run();
    for (const task of world.tables.tasks()) if (task.replaces !== undefined && task.meta.createdAtMs > began) movesBegun.add(task.id);
  }
  const rounds = Math.ceil((world.now - began) / restAfterMs) + 1;
  t.true(movesBegun.size <= rounds * 2, `${movesBegun.size} moves in ${(world.now - began) / 60_000} min`);
});

test('by itself, a service that is spread well is left alone, unless a node has less than half to do', (t) => {
  const calm = new World([nodeNamed('a'), nodeNamed('b')]);
  calm.up(stackSpec('shop', [web({ replicas: 1, ...auto }), web({ replicas: 6 }, 'x')]));
  calm.run();
  const before = calm.lines();
  calm.scale('shop', 'x', 2);
  calm.run();
  calm.advance(restAfterMs * 2);
  calm.run();
  t.true(before.some((line) => line.startsWith('web.1')) && calm.tables.tasks().every((task) => task.replaces === undefined));
  const names = ['s1', 's2', 's3', 's4'];
  const world = grown(['a', 'b'], ...names.map((name) => web(auto, name)));
  world.sleep();
  world.run();
  const onNode = (node: string): number => world.tables.tasksOfNode(node).filter(isLive).length;
  t.deepEqual([onNode('a'), onNode('b')], [2, 2]);
});

test('many services that want it by themselves do not all set out for the new node at once', (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
  const world = grown(['a', 'b'], ...names.map((name) => web({ replicas: 2, ...auto }, name)));
  world.sleep();
  const underWay = (): number => world.tables.tasksOfNode('b').filter((task) => isLive(task) && !isServing(task)).length;
  t.is(underWay(), movesToNodeAtOnce);
  for (let step = 0; step < 100; step += 1) {
    t.true(underWay() <= movesToNodeAtOnce);
    if (!world.agentsStep() && world.sleep() === 0) break;
  }
  for (const name of names) t.is(spread(world, name), '1 1');
});

/** One task, somewhere, gets as far as is wished of it. */
const oneStep = (world: World, pick: number): boolean => {
  const waiting = world.tables.tasks().filter((task) => isLive(task) && isAssigned(task) && task.status.state < goalOf(task));
  const task = waiting[pick % Math.max(1, waiting.length)];
  if (task === undefined) return false;
  world.report(task, { state: goalOf(task) });
  return true;
};
const goalOf = (task: Task): TaskState => (isWishedRunning(task.desiredState) ? task.desiredState : TaskState.SHUTDOWN);

const clusterArbitrary = fc.record({
  nodes: fc.array(fc.record({ late: fc.boolean(), zone: fc.constantFrom('x', 'y'), disk: fc.constantFrom('ssd', 'hdd') }), {
    minLength: 2,
    maxLength: 6,
  }),
  services: fc.array(
    fc.record({
      replicas: fc.integer({ min: 1, max: 9 }),
      parallelism: fc.integer({ min: 0, max: 3 }),
      delayMs: fc.constantFrom(0, 5_000),
      order: fc.constantFrom(UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST),
      ssd: fc.boolean(),
      zones: fc.boolean(),
      most: fc.constantFrom(0, 0, 3),
      auto: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  picks: fc.array(fc.nat(50), { minLength: 20, maxLength: 20 }),
});

test('whatever the cluster: moves keep to the limits, undercut nothing, come to an end, and leave it even where they may', (t) => {
  fc.assert(
    fc.property(clusterArbitrary, ({ nodes, services, picks }) => {
      const all = nodes.map(({ zone, disk, late }, index) =>
        nodeNamed(`n${index}`, { labels: { zone, disk }, state: late && index > 0 ? NodeState.NODE_DOWN : NodeState.NODE_READY }),
      );
      const world = new World(all, picks[0]);
      const specs = services.map(({ replicas, parallelism, delayMs, order, ssd, zones, most, auto: byItself }, index) =>
        web(
          {
            replicas,
            parallelism,
            delayMs,
            order,
            rebalance: byItself ? RebalanceMode.REBALANCE_AUTO : RebalanceMode.REBALANCE_NEVER,
            task: {
              placement: {
                constraints: ssd ? ['node.labels.disk==ssd'] : [],
                spreadOver: zones ? ['node.labels.zone'] : [],
                maxReplicasPerNode: most,
              },
            },
          },
          `s${index}`,
        ),
      );
      world.up(stackSpec('shop', specs));
      world.run();
      for (const { id } of all)
        if (world.tables.node(id)?.state === NodeState.NODE_DOWN) world.changeNode(id, { state: NodeState.NODE_READY });
      world.run();
      world.advance(60_000);
      world.run();
      const whole = specs.filter(({ name, replicas }) => live(world, name).filter(isServing).length === replicas);
      for (const { name } of specs) ask(world, name);
      const check = (): void => {
        for (const { name, update, replicas, task } of specs) {
          const tasks = live(world, name);
          const moving = tasks.filter((each) => each.replaces !== undefined && isWishedRunning(each.desiredState) && !isServing(each));
          const story = `${name}\n${world.lines().join('\n')}`;
          if (update.parallelism > 0 && moving.length > update.parallelism) throw new Error(`too many move: ${story}`);
          if (whole.some((spec) => spec.name === name)) {
            const least = update.order === UpdateOrder.START_FIRST ? replicas : replicas - (update.parallelism || replicas);
            if (tasks.filter(isServing).length < least) throw new Error(`too few serve: ${story}`);
          }
          const most = task.placement.maxReplicasPerNode;
          for (const { id } of all) {
            const here = tasks.filter((each) => each.nodeId === id && isAssigned(each)).length;
            if (most > 0 && here > most) throw new Error(`too many on ${id}: ${story}`);
          }
        }
      };
      const isDone = (): boolean => specs.every(({ name }) => serviceOf(world, name).rebalance === serviceOf(world, name).rebalanced);
      for (let step = 0; !isDone() || oneStep(world, 0); step += 1) {
        if (step > 600) {
          if (whole.length < specs.length) return;
          throw new Error(`it does not end\n${world.lines().join('\n')}`);
        }
        if (!oneStep(world, picks[step % picks.length] ?? 0)) world.sleep();
        check();
      }
      if (world.settle() !== 0) throw new Error('not a fixed point');
      for (const { name, task } of specs) {
        const { constraints, spreadOver, maxReplicasPerNode } = task.placement;
        if (spreadOver.length > 0 || maxReplicasPerNode > 0) continue;
        const may = all.filter(({ labels }) => constraints.length === 0 || labels.disk === 'ssd');
        const counts = may.map(({ id }) => live(world, name).filter((each) => each.nodeId === id).length);
        if (Math.max(0, ...counts) - Math.min(...counts, Number.MAX_SAFE_INTEGER) > 1)
          throw new Error(`uneven: ${name} ${counts}\n${world.lines().join('\n')}`);
      }
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
  t.pass();
});
