import {
  emptyPort,
  HealthState,
  NodeAvailability,
  NodeState,
  PublishMode,
  RestartCondition,
  ServiceMode,
  TaskState,
  UpdateFailureAction,
  UpdateOrder,
  UpdateState,
} from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const web = (replicas: number, image = 'web:1') => serviceSpec('web', { replicas, task: { container: { image } } });
const shop = (...services: ReturnType<typeof serviceSpec>[]) => stackSpec('shop', services);

test('one plan brings a new service onto a node', (t) => {
  const world = new World();
  world.up(shop(web(2)));
  t.deepEqual(world.lines(), ['web.1 assigned on alpha', 'web.2 assigned on alpha']);
  t.is(world.settle(), 0);
});

test('scaling up fills the lowest free slots, scaling down lets the highest go', (t) => {
  const world = new World();
  world.up(shop(web(2)));
  world.run();
  world.scale('shop', 'web', 4);
  world.run();
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 running on alpha', 'web.3 running on alpha', 'web.4 running on alpha']);
  world.scale('shop', 'web', 1);
  t.deepEqual(world.lines().slice(1), [
    'web.2 running on alpha, wished remove',
    'web.3 running on alpha, wished remove',
    'web.4 running on alpha, wished remove',
  ]);
  world.run();
  t.deepEqual(world.lines(), ['web.1 running on alpha']);
});

test('scaling down prefers slots that do not run', (t) => {
  const world = new World();
  world.up(shop(web(3)));
  world.run();
  world.fail('web.1');
  world.scale('shop', 'web', 2);
  world.run();
  t.deepEqual(world.lines(), ['web.2 running on alpha', 'web.3 running on alpha']);
});

test('a failed task is replaced after the delay, and the delay doubles while attempts die young', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  const waits: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    world.run();
    world.fail('web.1');
    waits.push(world.sleep());
  }
  t.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

test('a crash loop slows down also when the policy asks for no delay', (t) => {
  const restart = { condition: RestartCondition.RESTART_ANY, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const world = new World();
  world.up(shop(serviceSpec('web', { task: { restart } })));
  const waits: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    world.run();
    world.fail('web.1');
    const { meta, notBeforeMs } = world.task('web.1');
    waits.push(Math.max(0, notBeforeMs - meta.createdAtMs));
    if (notBeforeMs > 0) world.sleep();
  }
  t.deepEqual(waits, [0, 200, 400, 800, 1_600, 3_200]);
});

test('a pending restart says why and when', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  world.run();
  world.fail('web.1');
  t.is(world.lines()[0], 'web.1 new: starts again 5 s after it ended (attempt 2): its command exited with code 1');
});

test('a run of ten seconds ends a crash loop', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    world.run();
    world.fail('web.1');
    world.sleep();
  }
  world.run();
  world.advance(10_000);
  world.fail('web.1');
  t.is(world.sleep(), 5_000);
});

test('a rejected task is tried again with the same back-off', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  world.reject('web.1', 'image web:1 could not be pulled');
  t.is(world.sleep(), 5_000);
  world.reject('web.1', 'image web:1 could not be pulled');
  t.is(world.sleep(), 10_000);
});

test('after the last attempt the slot stays empty', (t) => {
  const restart = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 2, windowMs: 0 };
  const world = new World();
  world.up(shop(serviceSpec('web', { task: { restart } })));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    world.run();
    world.fail('web.1');
    world.sleep();
  }
  t.deepEqual(world.lines(), ['web.1 failed on alpha', 'web.1 failed on alpha, wished shutdown', 'web.1 failed on alpha, wished shutdown']);
  t.is(world.wakeAtMs, undefined);
});

test('a task that outlives the window gives the attempts back', (t) => {
  const restart = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 1, windowMs: 30_000 };
  const world = new World();
  world.up(shop(serviceSpec('web', { task: { restart } })));
  for (let round = 0; round < 3; round += 1) {
    world.run();
    world.advance(30_000);
    world.fail('web.1');
    t.is(world.sleep(), 1_000);
  }
});

test('what completes is replaced with condition any and left with the others', (t) => {
  const once = (condition: RestartCondition) =>
    serviceSpec('job', { task: { restart: { condition, delayMs: 0, maxAttempts: 0, windowMs: 0 } } });
  for (const condition of [RestartCondition.RESTART_ON_FAILURE, RestartCondition.RESTART_NONE]) {
    const world = new World();
    world.up(shop(once(condition)));
    world.run();
    world.report(world.task('job.1'), { state: TaskState.COMPLETE, exitCode: 0 });
    t.deepEqual(world.lines(), ['job.1 complete on alpha']);
  }
  const world = new World();
  world.up(shop(once(RestartCondition.RESTART_ANY)));
  world.run();
  world.now += 20_000;
  world.report(world.task('job.1'), { state: TaskState.COMPLETE, exitCode: 0 });
  world.run();
  t.deepEqual(world.lines(), ['job.1 running on alpha', 'job.1 complete on alpha, wished shutdown']);
});

test('five finished tasks of a slot are kept', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  for (let attempt = 0; attempt < 9; attempt += 1) {
    world.run();
    world.fail('web.1');
    world.sleep();
  }
  t.is(world.lines().filter((line) => line.includes('failed')).length, 5);
});

test('a new image is rolled out slot by slot, each new task ready before the old one stops', (t) => {
  const world = new World();
  world.up(shop(web(2)));
  world.run();
  world.up(shop(web(2, 'web:2')));
  t.deepEqual(world.lines(), ['web.1 assigned on alpha, wished ready', 'web.1 running on alpha', 'web.2 running on alpha']);
  world.agentsStep();
  t.deepEqual(world.lines(), ['web.1 ready on alpha, wished ready', 'web.1 running on alpha, wished shutdown', 'web.2 running on alpha']);
  world.agentsStep();
  t.deepEqual(world.lines(), [
    'web.1 running on alpha',
    'web.1 shutdown on alpha, wished shutdown',
    'web.2 assigned on alpha, wished ready',
    'web.2 running on alpha',
  ]);
  world.run();
  t.deepEqual(
    world.lines().filter((line) => line.includes('running')),
    ['web.1 running on alpha', 'web.2 running on alpha'],
  );
  t.true(
    world.tables
      .tasks()
      .filter((task) => task.status.state === TaskState.RUNNING)
      .every((task) => task.spec.container.image === 'web:2'),
  );
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATING);
  t.is(world.sleep(), 5_000);
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_COMPLETED);
});

test('an update waits its delay between slots and takes as many at once as it may', (t) => {
  const update = {
    parallelism: 2,
    delayMs: 30_000,
    order: UpdateOrder.STOP_FIRST,
    monitorMs: 5_000,
    maxFailureRatio: 0,
    failureAction: UpdateFailureAction.FAILURE_PAUSE,
  };
  const spec = (image: string) => shop(serviceSpec('web', { replicas: 4, update, task: { container: { image } } }));
  const world = new World();
  world.up(spec('web:1'));
  world.run();
  world.up(spec('web:2'));
  world.run();
  const updated = () =>
    world.tables.tasks().filter((task) => task.status.state === TaskState.RUNNING && task.spec.container.image === 'web:2').length;
  t.is(updated(), 2);
  t.is(world.sleep(), 30_000);
  world.run();
  t.is(updated(), 4);
});

test('with start-first the old task stops once the new one serves', (t) => {
  const update = {
    parallelism: 1,
    delayMs: 0,
    order: UpdateOrder.START_FIRST,
    monitorMs: 0,
    maxFailureRatio: 0,
    failureAction: UpdateFailureAction.FAILURE_PAUSE,
  };
  const spec = (image: string) => shop(serviceSpec('web', { update, task: { container: { image } } }));
  const world = new World();
  world.up(spec('web:1'));
  world.run();
  world.up(spec('web:2'));
  t.deepEqual(world.lines(), ['web.1 assigned on alpha', 'web.1 running on alpha']);
  world.report(world.task('web.1'), { state: TaskState.RUNNING, health: HealthState.HEALTH_STARTING });
  t.is(world.lines()[1], 'web.1 running on alpha');
  world.report(world.task('web.1'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.is(world.lines()[1], 'web.1 running on alpha, wished shutdown');
});

test('a failing update is paused and the rest goes on as it was', (t) => {
  const world = new World();
  world.up(shop(web(3)));
  world.run();
  world.up(shop(web(3, 'web:2')));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_PAUSED);
  t.is(
    world.tables.services()[0]?.update?.message,
    'the update is paused after 1 of 3 replacements failed: web.1 failed: image web:2 could not be pulled',
  );
  t.deepEqual(
    world.tables
      .tasks()
      .filter((task) => task.status.state === TaskState.RUNNING)
      .map((task) => task.spec.container.image),
    ['web:1', 'web:1', 'web:1'],
  );
  world.up(shop(web(3, 'web:3')));
  world.run();
  t.deepEqual(
    world.tables
      .tasks()
      .filter((task) => task.status.state === TaskState.RUNNING)
      .map((task) => task.spec.container.image),
    ['web:3', 'web:3', 'web:3'],
  );
});

test('going back in the middle of an update keeps the tasks that were not replaced yet', (t) => {
  const world = new World();
  world.up(shop(web(3)));
  world.run();
  const before = world.tables.tasks().map((task) => task.id);
  world.up(shop(web(3, 'web:2')));
  world.up(shop(web(3)));
  world.run();
  t.deepEqual(
    world.tables
      .tasks()
      .filter((task) => task.status.state === TaskState.RUNNING)
      .map((task) => task.id),
    before,
  );
});

test('what a running task does not feel restarts nothing', (t) => {
  const world = new World();
  world.up(shop(web(2)));
  world.run();
  const before = world.tables.tasks().map((task) => task.id);
  const restart = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const changes = world.up(shop(serviceSpec('web', { replicas: 2, labels: { a: 'b' }, task: { container: { image: 'web:1' }, restart } })));
  world.run();
  t.is(changes.changes[0]?.action, 'update');
  t.deepEqual(
    world.tables.tasks().map((task) => task.id),
    before,
  );
});

test('a spec that never worked is replaced at once by the next one', (t) => {
  const world = new World();
  world.up(shop(web(3)));
  for (const name of ['web.1', 'web.2', 'web.3']) world.reject(name, 'no such image');
  world.up(shop(web(3, 'web:2')));
  t.deepEqual(
    world.lines().filter((line) => line.includes('assigned')),
    ['web.1 assigned on alpha', 'web.2 assigned on alpha', 'web.3 assigned on alpha'],
  );
});

test('taking a stack down stops its tasks, then forgets everything but its volumes', (t) => {
  const world = new World();
  const volumes = [{ name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts: {} }];
  world.up(
    stackSpec('shop', [serviceSpec('web', { task: { networks: [attachment('shop_default')] } })], {
      networks: [networkSpec('shop_default')],
      volumes,
    }),
  );
  world.run();
  world.down('shop');
  t.deepEqual(world.lines(), ['web.1 running on alpha, wished remove']);
  t.is(world.tables.networks().length, 1);
  world.run();
  t.deepEqual(
    [world.tables.tasks().length, world.tables.services().length, world.tables.networks().length, world.tables.stacks().length],
    [0, 0, 0, 0],
  );
  t.is(world.tables.volumes().length, 1);
  world.down('shop', true);
  t.is(world.tables.volumes().length, 0);
});

test('tasks of a node that is down are orphaned and replaced elsewhere at once', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(shop(web(2)));
  world.run();
  world.changeNode('beta', { state: NodeState.NODE_DOWN });
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 assigned on alpha', 'web.2 orphaned on beta, wished shutdown']);
});

test('a drained node is left; what fits nowhere else says so', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  world.run();
  world.changeNode('alpha', { availability: NodeAvailability.DRAIN });
  world.run();
  t.deepEqual(world.lines(), ['web.1 allocated: no node fits (1 drained)', 'web.1 shutdown on alpha, wished shutdown']);
  world.changeNode('alpha', { availability: NodeAvailability.ACTIVE });
  world.run();
  t.is(world.lines()[0], 'web.1 running on alpha');
});

test('a label that goes away moves the tasks that need it', (t) => {
  const world = new World([nodeNamed('alpha', { labels: { disk: 'ssd' } }), nodeNamed('beta')]);
  const placement = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  world.up(shop(serviceSpec('web', { task: { placement } })));
  world.run();
  world.changeNode('beta', { labels: { disk: 'ssd' } });
  t.deepEqual(world.lines(), ['web.1 running on alpha']);
  world.changeNode('alpha', { labels: {} });
  world.run();
  t.deepEqual(world.lines(), ['web.1 running on beta', 'web.1 shutdown on alpha, wished shutdown']);
});

test('a global service has one task on every node that admits it', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta'), nodeNamed('gamma', { availability: NodeAvailability.DRAIN })]);
  world.up(shop(serviceSpec('agent', { mode: ServiceMode.GLOBAL })));
  world.run();
  t.deepEqual(world.lines().toSorted(), ['agent running on alpha', 'agent running on beta']);
  world.changeNode('gamma', { availability: NodeAvailability.ACTIVE });
  world.changeNode('alpha', { availability: NodeAvailability.DRAIN });
  world.run();
  t.deepEqual(world.lines().toSorted(), ['agent running on beta', 'agent running on gamma']);
});

test('a service waits for what it depends on, but only at its first start', (t) => {
  const world = new World();
  const dependsOn = [{ service: 'db', condition: 'service_healthy', required: true, restart: false }];
  world.up(shop(serviceSpec('db'), serviceSpec('web', { dependsOn })));
  world.report(world.task('db.1'), { state: TaskState.STARTING, pid: 7, health: HealthState.HEALTH_STARTING });
  t.is(world.lines()[1], 'web.1 new: waits for db to be healthy');
  world.report(world.task('db.1'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.is(world.lines()[1], 'web.1 assigned on alpha');
  world.run();
  world.fail('db.1');
  world.fail('web.1');
  world.advance(5_000);
  t.is(
    world.lines().find((line) => line.startsWith('web.1')),
    'web.1 assigned on alpha',
  );
});

test('a service waits for another one to complete', (t) => {
  const world = new World();
  const none = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const dependsOn = [{ service: 'migrate', condition: 'service_completed_successfully', required: true, restart: false }];
  world.up(shop(serviceSpec('migrate', { task: { restart: none } }), serviceSpec('web', { dependsOn })));
  world.run();
  t.is(world.lines()[1], 'web.1 new: waits for migrate to complete');
  world.report(world.task('migrate.1'), { state: TaskState.COMPLETE, exitCode: 0 });
  t.is(world.lines()[1], 'web.1 assigned on alpha');
});

test('a task that fits only once its predecessor is gone has it stopped first', (t) => {
  const gib = 1024 ** 3;
  const reservations = { nanoCpus: 0, memoryBytes: 5 * gib, pids: 0 };
  const spec = (image: string) => shop(serviceSpec('db', { task: { container: { image }, reservations } }));
  const world = new World();
  world.up(spec('db:1'));
  world.run();
  world.up(spec('db:2'));
  t.deepEqual(world.lines(), [
    'db.1 allocated, wished ready: no node fits (1 has 3 GiB of memory left for 5 GiB reserved)',
    'db.1 running on alpha, wished shutdown',
  ]);
  world.run();
  t.is(world.lines()[0], 'db.1 running on alpha');
});

test('a task that fits nowhere leaves its predecessor running', (t) => {
  const world = new World();
  world.up(shop(web(1)));
  world.run();
  world.up(shop(serviceSpec('web', { task: { container: { image: 'web:2', platform: 'linux/arm64' } } })));
  t.deepEqual(world.lines(), ['web.1 allocated, wished ready: no node fits (1 is not linux/arm64)', 'web.1 running on alpha']);
});

test('two tasks that publish the same host port do not share a node', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(shop(serviceSpec('web', { replicas: 3, ports: [{ ...emptyPort, target: 80, published: 8080, mode: PublishMode.HOST }] })));
  t.deepEqual(world.lines(), [
    'web.1 assigned on alpha',
    'web.2 assigned on beta',
    'web.3 allocated: no node fits (2 have port 8080/tcp taken by shop_web)',
  ]);
});

test('an unplaceable task explains itself by counting reasons', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta'), nodeNamed('gamma', { availability: NodeAvailability.DRAIN })]);
  const placement = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  world.up(shop(serviceSpec('web', { task: { placement } })));
  t.deepEqual(world.lines(), ['web.1 allocated: no node fits (2 lack label disk=ssd, 1 drained)']);
});
