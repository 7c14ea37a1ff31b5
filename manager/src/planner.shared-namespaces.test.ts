import { NodeAvailability, RestartCondition, type RestartPolicy, ServiceMode, type ServiceSpec, TaskState, UpdateOrder } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isAssigned, isLive, isOccupant } from './rules/task-facts.ts';
import { taskName } from './rules/words.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Change = Partial<Omit<ServiceSpec, 'task'>> & { readonly image?: string; readonly containerName?: string };

const db = ({ image = 'db:1', containerName = '', ...change }: Change = {}) =>
  serviceSpec('db', { ...change, task: { container: { image, containerName }, networks: [attachment('shop_default')] } });
const side = (networkMode = 'service:db', { image = 'side:1', ...change }: Change = {}) =>
  serviceSpec('side', { ...change, task: { container: { image }, networkMode } });
const shop = (...services: readonly ServiceSpec[]) => stackSpec('shop', services, { networks: [networkSpec('shop_default')] });
const three = () => ['alpha', 'beta', 'gamma'].map((id) => nodeNamed(id));

/** Those of the live tasks that share a network: `side.1 with db.1 on alpha`. */
const shared = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter((task) => isLive(task) && isOccupant(task) && task.networkOf !== '')
    .map((task) => {
      const source = world.tables.task(task.networkOf);
      return `${taskName(task)} with ${source === undefined ? 'nobody' : taskName(source)} on ${task.nodeId}`;
    })
    .sort();

test('a task that shares the network of another service is placed beside its task of the same slot, in the same plan', (t) => {
  const world = new World(three());
  world.up(shop(side('service:db', { replicas: 3 }), db({ replicas: 3 })));
  const nodeOf = (name: string): string => world.task(name).nodeId;
  t.deepEqual(
    shared(world),
    [1, 2, 3].map((slot) => `side.${slot} with db.${slot} on ${nodeOf(`db.${slot}`)}`),
  );
  t.is(new Set(['db.1', 'db.2', 'db.3'].map(nodeOf)).size, 3);
  t.deepEqual(world.task('side.1').networks, []);
});

test('with fewer tasks to share with, the first one lends its network', (t) => {
  const world = new World(three());
  world.up(shop(db({ replicas: 1 }), side('service:db', { replicas: 2 })));
  const { nodeId } = world.task('db.1');
  t.deepEqual(shared(world), [`side.1 with db.1 on ${nodeId}`, `side.2 with db.1 on ${nodeId}`]);
});

test('on each node of a global service its own task lends the network', (t) => {
  const world = new World(three());
  const mode = ServiceMode.GLOBAL;
  world.up(shop(db({ mode }), side('service:db', { mode })));
  t.deepEqual(shared(world), ['side with db on alpha', 'side with db on beta', 'side with db on gamma']);
});

test('a container is found by the name that its service gives it, and a chain ends at who has a network', (t) => {
  const world = new World(three());
  const third = serviceSpec('third', { task: { networkMode: 'service:side' } });
  world.up(shop(db({ containerName: 'the-db' }), side('container:the-db'), third));
  const { nodeId } = world.task('db.1');
  t.deepEqual(shared(world), [`side.1 with db.1 on ${nodeId}`, `third.1 with db.1 on ${nodeId}`]);
});

test('while there is no network to share the task waits and says for what', (t) => {
  const reasonOf = (...services: readonly ServiceSpec[]): string => {
    const world = new World([nodeNamed('alpha', { availability: NodeAvailability.DRAIN })]);
    world.up(shop(...services));
    return world.task('side.1').pendingReason;
  };
  t.is(reasonOf(db(), side()), 'waits for db.1 to be placed, whose network it shares');
  t.is(reasonOf(db({ replicas: 0 }), side()), 'waits for a task of db to be placed, whose network it shares');
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(db(), side()));
  world.run();
  world.commit(
    world.tables.services().flatMap((service) => (service.spec.name === 'db' ? [{ remove: { kind: 'service', id: service.id } }] : [])),
  );
  world.settle();
  t.is(world.task('side.1').pendingReason, 'waits for service db of stack shop, whose network it shares: there is none');
});

test('services that share each other’s network are told that one of them needs its own', (t) => {
  const world = new World([nodeNamed('alpha', { availability: NodeAvailability.DRAIN })]);
  world.up(shop(db(), side()));
  for (const service of world.tables.services()) {
    const task = { ...service.spec.task, networkMode: 'service:side' };
    if (service.spec.name === 'db') world.commit([{ putService: { ...service, spec: { ...service.spec, task } } }]);
  }
  world.settle();
  t.is(world.task('side.1').pendingReason, 'shares the network of db, which shares that of side: one needs its own');
});

/** Alpha, and one with more room that gets nothing: else what alpha never has room for would be refused. */
const alphaAlone = (): World => {
  const large = nodeNamed('large', { availability: NodeAvailability.PAUSE });
  const resources = { ...large.description.resources, memoryBytes: 64 * 1024 ** 3 };
  return new World([nodeNamed('alpha'), { ...large, description: { ...large.description, resources } }]);
};

test('where there is no room beside it, the reason names the node', (t) => {
  const gib = 1024 ** 3;
  const world = alphaAlone();
  const large = serviceSpec('side', { task: { networkMode: 'service:db', reservations: { nanoCpus: 0, memoryBytes: 9 * gib, pids: 0 } } });
  world.up(shop(db(), large));
  t.is(
    world.task('side.1').pendingReason,
    'shares the network of db.1 on alpha: no node fits (1 has 8 GiB of memory left for 9 GiB reserved)',
  );
});

test('each of several that find no room says whose network it shares, though the node is the same', (t) => {
  const world = alphaAlone();
  const reservations = { nanoCpus: 0, memoryBytes: 9 * 1024 ** 3, pids: 0 };
  const large = serviceSpec('side', { replicas: 2, task: { networkMode: 'service:db', reservations } });
  world.up(shop(db({ replicas: 2 }), large));
  for (const slot of [1, 2])
    t.regex(world.task(`side.${slot}`).pendingReason, new RegExp(`^shares the network of db\\.${slot} on alpha: no node fits`));
});

test('whoever shares the network of a task that is replaced is replaced with it, and ends together with it', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(db({ drainMs: 3_000 }), side()));
  world.run();
  const [oldDb, oldSide] = [world.task('db.1'), world.task('side.1')];
  world.up(shop(db({ drainMs: 3_000, image: 'db:2' }), side()));
  t.is(world.task('side.1').id, oldSide.id, 'the replacement is made ready first');
  world.agentsStep();
  const stopped = [oldDb, oldSide].map(({ id }) => world.tables.task(id));
  t.deepEqual(
    stopped.map((task) => [task?.desiredState, task?.drainMs]),
    [
      [TaskState.SHUTDOWN, 3_000],
      [TaskState.SHUTDOWN, 3_000],
    ],
  );
  t.is(world.task('side.1').networkOf, world.task('db.1').id);
  world.run();
  t.is(world.task('side.1').status.state, TaskState.RUNNING);
  t.is(world.task('side.1').networkOf, world.task('db.1').id);
});

test('where both start first, the next one begins beside the one that goes on until its network ends', (t) => {
  const world = new World([nodeNamed('alpha')]);
  const update = { ...serviceSpec('db').update, order: UpdateOrder.START_FIRST };
  world.up(shop(db({ update }), side('service:db', { update })));
  world.run();
  world.up(shop(db({ update, image: 'db:2' }), side('service:db', { update })));
  world.report(world.task('db.1'), { state: TaskState.RUNNING });
  const sides = world.tables.tasks().filter(({ serviceName }) => serviceName === 'side');
  t.deepEqual(sides.map(({ desiredState, drainMs }) => [desiredState, drainMs]).sort(), [
    [TaskState.RUNNING, 0],
    [TaskState.SHUTDOWN, 1_000],
  ]);
});

test('when the task with the network fails, the other is replaced as well, without being counted as a failure', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(db(), side()));
  world.run();
  world.fail('db.1');
  t.is(world.task('side.1').pendingReason, 'waits for db.1 to be placed, whose network it shares');
  world.run();
  world.sleep();
  world.run();
  t.deepEqual(shared(world), ['side.1 with db.1 on alpha']);
  t.is(world.task('side.1').status.state, TaskState.RUNNING);
  t.false(world.lines().some((line) => line.startsWith('side.1 failed')));
});

test('an update of the one that shares leaves the other alone', (t) => {
  const world = new World(three());
  world.up(shop(db(), side()));
  world.run();
  const before = world.task('db.1').id;
  world.up(shop(db(), side('service:db', { image: 'side:2' })));
  world.run();
  t.is(world.task('db.1').id, before);
  t.is(world.task('side.1').networkOf, before);
  t.is(world.task('side.1').spec.container.image, 'side:2');
});

test('spreading anew moves nobody away from whose network he shares', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(db(), side('service:db', { replicas: 3 })));
  world.run();
  world.now += 60_000;
  world.commit([{ putNode: nodeNamed('beta') }]);
  const [service] = world.tables.services().filter(({ spec }) => spec.name === 'side');
  if (service !== undefined) world.commit([{ putService: { ...service, rebalance: 1, rebalancedAtMs: world.now } }]);
  world.settle();
  world.run();
  t.deepEqual(
    shared(world),
    [1, 2, 3].map((slot) => `side.${slot} with db.1 on alpha`),
  );
  t.is(world.tables.service(service?.id ?? '')?.rebalanced, 1);
});

const nodeIds = ['alpha', 'beta', 'gamma'];
const step = fc.oneof(
  fc.record({ does: fc.constant('up' as const), db: fc.nat(3), side: fc.nat(3), image: fc.constantFrom('db:1', 'db:2') }),
  fc.record({ does: fc.constant('agents' as const) }),
  fc.record({ does: fc.constant('run' as const) }),
  fc.record({ does: fc.constant('wait' as const) }),
  fc.record({ does: fc.constant('fail' as const), pick: fc.nat(10) }),
  fc.record({
    does: fc.constant('node' as const),
    id: fc.constantFrom(...nodeIds),
    availability: fc.constantFrom(NodeAvailability.ACTIVE, NodeAvailability.DRAIN),
  }),
);

const isKept = (world: World): boolean =>
  world.tables.tasks().every((task) => {
    if (task.drainMs < 0 || (isOccupant(task) && task.drainMs !== 0)) return false;
    if (!isLive(task) || !isOccupant(task) || !isAssigned(task) || task.serviceName !== 'side') return true;
    const source = world.tables.task(task.networkOf);
    return source !== undefined && source.nodeId === task.nodeId && isLive(source) && isOccupant(source);
  });

test('whatever happens, who shares a network is on the node of a task that has it and goes with that one', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = new World(three());
      world.up(shop(side(), db()));
      for (const each of steps) {
        if (each.does === 'up') world.up(shop(side('service:db', { replicas: each.side }), db({ replicas: each.db, image: each.image })));
        else if (each.does === 'agents') world.agentsStep();
        else if (each.does === 'run') world.run();
        else if (each.does === 'wait') world.advance(10_000);
        else if (each.does === 'node') world.changeNode(each.id, { availability: each.availability });
        else {
          const live = world.tables.tasks().filter((task) => task.status.state === TaskState.RUNNING);
          const task = live[each.pick % Math.max(1, live.length)];
          if (task !== undefined) world.report(task, { state: TaskState.FAILED, error: 'it broke' });
        }
        if (!isKept(world)) throw new Error(world.lines().join('\n'));
      }
    }),
    { numRuns: 100, includeErrorInReport: true },
  );
  t.pass();
});

const withPid = (
  name: string,
  pidMode: string,
  change: Partial<Omit<ServiceSpec, 'task'>> & { readonly ipcMode?: string; readonly networkMode?: string } = {},
) => {
  const { ipcMode = '', networkMode = '', ...rest } = change;
  return serviceSpec(name, { ...rest, task: { networkMode, container: { pidMode, ipcMode } } });
};
/** `side.1 alpha network=db.1 pid=app.1 ipc=-` */
const lendersOf = (world: World, name: string): string => {
  const task = world.task(name);
  const named = (id: string): string => (id === '' ? '-' : taskName(world.tables.task(id) ?? task));
  return `${task.nodeId} network=${named(task.networkOf)} pid=${named(task.pidOf)} ipc=${named(task.ipcOf)}`;
};

test('processes and IPC are shared with a task of the same node as well, each by itself, with a network of its own', (t) => {
  const world = new World(three());
  world.up(shop(db({ replicas: 3 }), withPid('top', 'service:db', { replicas: 3 }), withPid('shm', '', { ipcMode: 'service:db' })));
  for (const slot of [1, 2, 3]) t.is(lendersOf(world, `top.${slot}`), `${world.task(`db.${slot}`).nodeId} network=- pid=db.${slot} ipc=-`);
  t.is(lendersOf(world, 'shm.1'), `${world.task('db.1').nodeId} network=- pid=- ipc=db.1`);
});

test('who shares with several stands beside all of them, or says that they are on different nodes', (t) => {
  const pinned = (name: string, node: string) =>
    serviceSpec(name, { task: { placement: { constraints: [`node.hostname==${node}`], spreadOver: [], maxReplicasPerNode: 0 } } });
  const side = withPid('side', 'service:app', { networkMode: 'service:db' });
  const together = new World(three());
  together.up(shop(pinned('db', 'beta'), pinned('app', 'beta'), side));
  t.is(lendersOf(together, 'side.1'), 'beta network=db.1 pid=app.1 ipc=-');
  const apart = new World(three());
  apart.up(shop(pinned('db', 'alpha'), pinned('app', 'beta'), side));
  t.is(apart.task('side.1').pendingReason, 'waits for a task of app on the same node to be placed, whose processes it shares');
  const spread = new World(three());
  spread.up(shop(pinned('db', 'gamma'), serviceSpec('app', { replicas: 3 }), side));
  t.regex(lendersOf(spread, 'side.1'), /^gamma network=db\.1 pid=app\.\d ipc=-$/);
});

test('a chain of processes ends at who has his own, though networks of the chain end elsewhere', (t) => {
  const world = new World(three());
  world.up(shop(db(), withPid('b', 'service:db'), withPid('c', 'service:b', { networkMode: 'service:b' })));
  t.is(lendersOf(world, 'c.1'), `${world.task('db.1').nodeId} network=b.1 pid=db.1 ipc=-`);
});

test('whoever shares processes is replaced with whom it shares them, and is not counted as having failed', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(db(), withPid('top', 'service:db')));
  world.run();
  const before = world.task('top.1').id;
  world.up(shop(db({ image: 'db:2' }), withPid('top', 'service:db')));
  world.run();
  t.not(world.task('top.1').id, before);
  t.is(world.task('top.1').pidOf, world.task('db.1').id);
  world.fail('db.1');
  t.is(world.task('top.1').pendingReason, 'waits for db.1 to be placed, whose processes it shares');
  world.sleep();
  world.run();
  t.is(world.task('top.1').status.state, TaskState.RUNNING);
  t.false(world.lines().some((line) => line.startsWith('top.1 failed')));
});

test('whoever shares with a service, and is to be restarted after it, is replaced with it once and not again', (t) => {
  const world = new World([nodeNamed('alpha')]);
  const dependsOn = [{ service: 'db', condition: 'service_started', required: true, restart: true }];
  const both = (image: string) => shop(db({ image, replicas: 2 }), side('service:db', { replicas: 2, dependsOn }));
  world.up(both('db:1'));
  world.run();
  const made = new Set<string>();
  world.up(both('db:2'));
  for (let round = 0; round < 20; round += 1) {
    for (const task of world.tables.tasks()) if (task.serviceName === 'side') made.add(task.id);
    world.agentsStep();
    if (round % 5 === 4) world.advance(10_000);
  }
  t.is(made.size, 4);
  t.deepEqual(shared(world), ['side.1 with db.1 on alpha', 'side.2 with db.2 on alpha']);
});

test('who ends because its lender has is begun again with it, however often, and whatever its own policy says', (t) => {
  const restart = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 0, maxAttempts: 2, windowMs: 0 };
  const dbg = (own: Partial<RestartPolicy>) =>
    serviceSpec('dbg', { task: { container: { pidMode: 'service:db' }, restart: { ...restart, ...own } } });
  for (const own of [{}, { condition: RestartCondition.RESTART_NONE }]) {
    const world = new World();
    world.up(shop(db({ replicas: 1 }), dbg(own)));
    world.run();
    for (let crash = 0; crash < 4; crash += 1) {
      const [lender, borrower] = [world.task('db.1'), world.task('dbg.1')];
      world.report(borrower, {
        state: TaskState.SHUTDOWN,
        error: 'the task db.1, whose processes it shares, has ended, and it ends with it',
      });
      world.report(lender, { state: TaskState.FAILED, exitCode: 1, error: 'no' });
      while (world.sleep() > 0) world.run();
      world.run();
      t.is(world.task('dbg.1').status.state, TaskState.RUNNING, `after ${crash + 1}`);
    }
  }
});
