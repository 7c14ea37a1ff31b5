import { emptyPort, NodeAvailability, type PortConfig, PublishMode, type ServiceSpec, TaskState } from '@tso/proto';
import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';

const cpus = (count: number) => ({ nanoCpus: count * 1e9, memoryBytes: 0, pids: 0 });

const service = (name: string, priority: number, replicas: number, reserved: number, change: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...serviceSpec(name, { replicas, priority, task: { reservations: cpus(reserved) } }),
  ...change,
});

/** Tasks that take room, and those that wait, one on a line. */
const picture = (world: World): readonly string[] => world.lines();

/** The one that was asked to stop, by its name. */
const victims = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter(({ retiredBecause = '' }) => retiredBecause.startsWith('gave way'))
    .map(({ serviceName, slot, retiredBecause }) => `${serviceName}.${slot} ${retiredBecause}`)
    .sort();

test('a task that has no room takes it from one of a lower priority, and starts when that one has ended', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 4, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  t.deepEqual(picture(world), [
    'batch.1 running on alpha',
    'batch.2 running on alpha',
    'batch.3 running on alpha',
    'batch.4 allocated, wished ready: no node fits (1 has 0 CPUs left for 1 CPU reserved)',
    'batch.4 running on alpha, wished shutdown',
    'web.1 allocated: waits on alpha for the room of jobs_batch.4, which is being stopped',
  ]);
  t.deepEqual(victims(world), ['batch.4 gave way to shop_web.1 (priority 10)']);
  world.run();
  t.is(world.task('web.1').nodeId, 'alpha');
  t.is(world.task('batch.4').pendingReason, 'no node fits (1 has 0 CPUs left for 1 CPU reserved)', 'and the other waits');
});

test('nobody of the same priority gives way, and a service that nobody is below of takes nothing', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 10, 4, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 1), service('idle', -5, 1, 1)]));
  t.deepEqual(victims(world), []);
  t.is(world.task('web.1').pendingReason, 'no node fits (1 has 0 CPUs left for 1 CPU reserved)');
});

test('what asks for more than all that are below of it would leave has nobody stopped', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 2, 1), service('db', 20, 2, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 3)]));
  t.deepEqual(victims(world), []);
});

test('the least important go: on another node too, and rather two of them than one that counts for more', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const on = (node: string) => ({ constraints: [`node.id==${node}`], spreadOver: [], maxReplicasPerNode: 0 });
  const at = (node: string, spec: ServiceSpec): ServiceSpec => ({ ...spec, task: { ...spec.task, placement: on(node) } });
  world.up(stackSpec('jobs', [at('alpha', service('middle', 5, 1, 4)), at('beta', service('low', 1, 4, 1))]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 2)]));
  t.deepEqual(victims(world), ['low.3 gave way to shop_web.1 (priority 10)', 'low.4 gave way to shop_web.1 (priority 10)']);
});

test('one that leaves enough goes alone, not several small ones', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('big', 0, 1, 2)]));
  world.up(stackSpec('later', [service('small', 0, 2, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 2)]));
  t.deepEqual(victims(world), ['big.1 gave way to shop_web.1 (priority 10)']);
});

test('each takes the room of another one, and room that one waits for is given to nobody else', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 4, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 2, 1)]));
  t.is(victims(world).length, 2);
  world.up(stackSpec('other', [service('late', 5, 1, 1)]));
  t.is(victims(world).length, 3, 'the late one is below web and above batch');
  world.run();
  t.deepEqual(
    world.tables
      .tasks()
      .filter(({ status }) => status.state === TaskState.RUNNING)
      .map(({ serviceName, slot }) => `${serviceName}.${slot}`)
      .sort(),
    ['batch.1', 'late.1', 'web.1', 'web.2'],
  );
});

test('a port of the host and a generic resource are taken as well as processors', (t) => {
  const generic = [{ kind: 'gpu', count: 1, ids: [] }];
  const base = nodeNamed('alpha');
  const world = new World([{ ...base, description: { ...base.description, generic } }]);
  const port: PortConfig = { ...emptyPort, target: 80, published: 8080, mode: PublishMode.HOST, hostIp: '', onlyLocal: false };
  world.up(
    stackSpec('jobs', [
      { ...service('ports', 0, 1, 0), ports: [port] },
      { ...serviceSpec('train', { task: { generic } }), priority: 0 },
    ]),
  );
  world.run();
  t.deepEqual(world.task('train.1').generic, generic);
  world.up(
    stackSpec('shop', [
      { ...service('web', 1, 1, 0), ports: [port] },
      { ...serviceSpec('draw', { task: { generic } }), priority: 1 },
    ]),
  );
  t.deepEqual(victims(world), ['ports.1 gave way to shop_web.1 (priority 1)', 'train.1 gave way to shop_draw.1 (priority 1)']);
  world.run();
  t.is(world.task('web.1').nodeId, 'alpha');
  t.deepEqual(world.task('draw.1').generic, generic);
});

test('nobody gives way where more than room is missing', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta', { availability: NodeAvailability.DRAIN })]);
  world.up(stackSpec('jobs', [service('batch', 0, 4, 1)]));
  world.run();
  const most = { constraints: [], spreadOver: [], maxReplicasPerNode: 1 };
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, priority: 9, task: { reservations: cpus(1), placement: most } })]));
  world.run();
  t.is(victims(world).length, 1);
  t.regex(world.task('web.2').pendingReason, /^no node fits \(1 already has 1 of this service, the most a node may have, 1 drained\)$/);
});

test('a replacement takes the room of what it replaces and nobody else’s', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 2, 1)]));
  world.up(stackSpec('shop', [service('web', 10, 2, 1)]));
  world.run();
  const image = (spec: ServiceSpec): ServiceSpec => ({
    ...spec,
    task: { ...spec.task, container: { ...spec.task.container, image: 'new' } },
  });
  world.up(stackSpec('shop', [image(service('web', 10, 2, 1))]));
  for (let steps = 0; steps < 20; steps += 1) {
    world.run();
    world.sleep();
  }
  t.is(world.task('web.2').spec.container.image, 'new');
  t.deepEqual(victims(world), []);
});

test('one that needs more than its predecessor leaves has others give way for the rest', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 3, 1)]));
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  world.run();
  const more = service('web', 10, 1, 2);
  world.up(stackSpec('shop', [{ ...more, task: { ...more.task, container: { ...more.task.container, image: 'new' } } }]));
  for (let steps = 0; steps < 10; steps += 1) world.run();
  t.is(world.task('web.1').spec.container.image, 'new');
  t.true(victims(world).length >= 1 && victims(world).length <= 2);
});

test('a task that shares with one that counts for more is not stopped for it', (t) => {
  const world = new World();
  const sidecar = service('sidecar', 50, 1, 1);
  world.up(stackSpec('jobs', [service('app', 0, 1, 3), { ...sidecar, task: { ...sidecar.task, networkMode: 'service:app' } }]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  t.deepEqual(victims(world), []);
});

test('one that keeps failing stops others once: its room is kept while it waits for its next attempt', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 4, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  world.run();
  for (let attempts = 0; attempts < 5; attempts += 1) {
    world.fail('web.1');
    world.run();
    t.is(world.task('batch.4').nodeId, '', 'web waits, and nobody takes its room');
    world.advance(10 * 60_000);
    world.run();
    t.is(world.task('web.1').nodeId, 'alpha');
  }
  t.is(victims(world).length, 1);
});

test('who counts for more than one that waits for its next attempt takes its room, and it is kept no longer than that one is wished', (t) => {
  const world = new World();
  world.up(stackSpec('jobs', [service('batch', 0, 4, 1)]));
  world.run();
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  world.run();
  world.fail('web.1');
  world.up(stackSpec('top', [service('first', 20, 1, 1)]));
  world.run();
  t.is(world.task('first.1').nodeId, 'alpha');
  t.is(victims(world).length, 1);
  world.down('shop');
  world.down('top');
  world.run();
  t.is(world.task('batch.4').nodeId, 'alpha', 'nothing is kept for what is gone');
});

test('one that is being stopped and does not end is waited for no longer than it may take, and then others give way', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const on = (node: string, spec: ServiceSpec): ServiceSpec => ({
    ...spec,
    task: { ...spec.task, placement: { constraints: [`node.id==${node}`], spreadOver: [], maxReplicasPerNode: 0 } },
  });
  world.up(stackSpec('jobs', [on('alpha', service('batch', 0, 4, 1)), on('beta', service('stuck', 0, 1, 4))]));
  world.run();
  world.scale('jobs', 'stuck', 0);
  world.up(stackSpec('shop', [service('web', 10, 1, 1)]));
  t.regex(world.task('web.1').pendingReason, /^waits on beta for the room of jobs_stuck.1/);
  t.deepEqual(victims(world), []);
  world.sleep();
  t.regex(world.task('web.1').pendingReason, /^waits on alpha for the room of jobs_batch.4/);
  t.deepEqual(victims(world), ['batch.4 gave way to shop_web.1 (priority 10)']);
});
