import {
  emptyMount,
  MountType,
  type Node,
  NodeAvailability,
  PlacementStrategy,
  RebalanceMode,
  ServiceMode,
  type TaskSpec,
} from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';

type Description = Node['description'];

const node = (id: string, description: Partial<Description> = {}, labels: Readonly<Record<string, string>> = {}): Node => {
  const base = nodeNamed(id, { labels });
  return { ...base, description: { ...base.description, ...description } };
};

const placement = (change: Partial<TaskSpec['placement']> = {}): TaskSpec['placement'] => ({
  constraints: [],
  spreadOver: [],
  maxReplicasPerNode: 0,
  ...change,
});

const packed = placement({ strategy: PlacementStrategy.BINPACK });
const memory = (gib: number) => ({ nanoCpus: 0, memoryBytes: gib * 2 ** 30, pids: 0 });

const where = (world: World, ...names: readonly string[]): readonly string[] =>
  names.map((name) => world.task(name).nodeId || world.task(name).pendingReason);

test('named generic resources are given out by name, none twice, and come back when their task has ended', (t) => {
  const gpus = [{ kind: 'gpu', count: 0, ids: ['uuid-b', 'uuid-a', 'uuid-c'] }];
  const world = new World([node('alpha', { generic: gpus }), node('beta')]);
  world.up(stackSpec('shop', [serviceSpec('train', { replicas: 3, task: { generic: [{ kind: 'gpu', count: 2, ids: [] }] } })]));
  t.deepEqual(world.task('train.1').generic, [{ kind: 'gpu', count: 2, ids: ['uuid-b', 'uuid-a'] }]);
  t.is(world.task('train.2').pendingReason, 'no node fits (1 has no gpu, 1 has 1 gpu left for 2 reserved)');
  world.run();
  world.fail('train.1');
  world.advance(60_000);
  const [first, second] = ['train.1', 'train.2'].map((name) => world.task(name));
  const given = [...(first?.generic ?? []), ...(second?.generic ?? [])];
  t.is(given.length, 1, 'one of the waiting ones has them now');
  t.deepEqual(given[0]?.ids, ['uuid-b', 'uuid-a']);
});

test('generic resources without names are counted', (t) => {
  const world = new World([node('alpha', { generic: [{ kind: 'licence', count: 3, ids: [] }] })]);
  world.up(stackSpec('shop', [serviceSpec('cad', { replicas: 2, task: { generic: [{ kind: 'licence', count: 2, ids: [] }] } })]));
  t.deepEqual(world.task('cad.1').generic, [{ kind: 'licence', count: 2, ids: [] }]);
  t.is(world.task('cad.2').pendingReason, 'no node fits (1 has 1 licence left for 2 reserved)');
});

test('a volume with a file system that the node does not mount goes elsewhere; one that says nothing is tried', (t) => {
  const nfs = {
    volumes: [
      { name: 'data', driver: 'local', external: false, driverOpts: { type: 'nfs', device: ':/x', o: 'addr=10.0.0.1' }, labels: {} },
    ],
  };
  const up = (...nodes: readonly Node[]): string => {
    const world = new World(nodes);
    const base = serviceSpec('web', {});
    const mount = { ...emptyMount, type: MountType.VOLUME, source: 'data', target: '/data' };
    const task = { ...base.task, container: { ...base.task.container, mounts: [mount] } };
    world.up(stackSpec('shop', [{ ...base, task }], nfs));
    return where(world, 'web.1').join();
  };
  t.is(up(node('alpha', { fileSystems: ['ext4', 'tmpfs'] }), node('beta', { fileSystems: ['ext4', 'nfs4'] })), 'beta');
  t.is(up(node('alpha', { fileSystems: ['ext4'] })), 'no node fits (1 cannot mount nfs for volume data)');
  t.is(up(node('alpha', { fileSystems: [] }), node('beta', { fileSystems: ['nfs'] })), 'alpha');
});

test('a network whose driver the node cannot do goes elsewhere', (t) => {
  const world = new World([
    node('alpha', { networkDrivers: ['bridge', 'overlay'] }),
    node('beta', { networkDrivers: ['bridge', 'macvlan', 'overlay'] }),
  ]);
  const networks = [networkSpec('lan', { driver: 'macvlan', driverOpts: { parent: 'eth0' }, subnet: '10.9.0.0/24', gateway: '10.9.0.1' })];
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { networks: [attachment('lan')] } })], { networks }));
  t.deepEqual(where(world, 'web.1', 'web.2'), ['beta', 'beta']);
});

test('a variant runs what was built for an older one, not for a newer', (t) => {
  const arm = (variant: string) => ({ platform: { os: 'linux', architecture: 'arm', variant } });
  const up = (platform: string): string => {
    const world = new World([node('a6', arm('v6')), node('a7', arm('v7'))]);
    world.up(
      stackSpec('shop', [
        serviceSpec('web', { replicas: 1, task: { container: { platform }, placement: placement({ constraints: [] }) } }),
      ]),
    );
    return where(world, 'web.1').join();
  };
  t.is(up('linux/arm/v7'), 'a7');
  t.is(up('linux/arm/v6'), 'a6');
  t.is(up('linux/arm/v8'), 'no node fits (2 are not linux/arm/v8)');
});

test('packed tasks fill one node before the next, as far as it has room', (t) => {
  const world = new World([
    node('alpha', { resources: memory(4) }),
    node('beta', { resources: memory(4) }),
    node('gamma', { resources: memory(4) }),
  ]);
  world.up(
    stackSpec('one', [
      serviceSpec('first', { task: { reservations: memory(2), placement: placement({ constraints: ['node.id==beta'] }) } }),
    ]),
  );
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 6, task: { reservations: memory(1), placement: packed } })]));
  t.deepEqual(where(world, 'web.1', 'web.2', 'web.3', 'web.4', 'web.5', 'web.6'), ['beta', 'beta', 'alpha', 'alpha', 'alpha', 'alpha']);
  t.is(world.task('web.1').placedBecause, 'fullest that fits (75 % reserved with it); all 3 nodes fit');
});

test('packed tasks of a service with preferences are evened out over branches first', (t) => {
  const zones = placement({ strategy: PlacementStrategy.BINPACK, spreadOver: ['node.labels.zone'] });
  const world = new World([node('a1', {}, { zone: 'a' }), node('a2', {}, { zone: 'a' }), node('b1', {}, { zone: 'b' })]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 4, task: { reservations: memory(1), placement: zones } })]));
  t.deepEqual(where(world, 'web.1', 'web.2', 'web.3', 'web.4'), ['a1', 'b1', 'a1', 'b1']);
});

test('who is packed is not spread anew', (t) => {
  const world = new World([node('alpha')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 3, rebalance: RebalanceMode.REBALANCE_AUTO, task: { placement: packed } })]));
  world.run();
  world.commit([{ putNode: node('beta') }]);
  for (let steps = 0; steps < 10; steps += 1) world.advance(60_000);
  t.deepEqual(where(world, 'web.1', 'web.2', 'web.3'), ['alpha', 'alpha', 'alpha']);
});

test('a slot goes back to the node where its volume is, before all spreading', (t) => {
  const mount = { ...emptyMount, type: MountType.VOLUME, source: 'data', target: '/data' };
  const base = serviceSpec('db', { replicas: 2 });
  const task = { ...base.task, restart: { ...base.task.restart, delayMs: 0 }, container: { ...base.task.container, mounts: [mount] } };
  const volumes = [{ name: 'data', driver: 'local', external: false, driverOpts: {}, labels: {} }];
  const world = new World([node('alpha'), node('beta')]);
  world.up(stackSpec('shop', [{ ...base, task }], { volumes }));
  t.deepEqual(where(world, 'db.1', 'db.2'), ['alpha', 'beta']);
  world.run();
  world.up(stackSpec('busy', [serviceSpec('other', { replicas: 5, task: { placement: placement({ constraints: ['node.id==alpha'] }) } })]));
  world.scale('shop', 'db', 1);
  world.run();
  world.fail('db.1');
  for (let steps = 0; steps < 5 && world.task('db.1').nodeId === ''; steps += 1) world.sleep();
  t.is(world.task('db.1').nodeId, 'alpha', 'though beta has fewer tasks');
  t.is(world.task('db.1').placedBecause, 'its volume data is there; all 2 nodes fit');
  world.changeNode('alpha', { availability: NodeAvailability.DRAIN });
  world.run();
  t.is(world.task('db.1').nodeId, 'beta', 'where it has no room there it begins elsewhere');
});

test('each task says what decided: the first level at which the next best node is worse, and why others do not fit', (t) => {
  const world = new World([node('alpha'), node('beta'), node('gamma', {}, { disk: 'hdd' })]);
  world.up(
    stackSpec('shop', [serviceSpec('web', { replicas: 3, task: { placement: placement({ constraints: ['node.labels.disk!=hdd'] }) } })]),
  );
  const because = (name: string): string => world.task(name).placedBecause ?? '';
  t.is(because('web.1'), 'fewest tasks of web (0), as others, and first by id; 2 of 3 nodes fit, 1 has label disk=hdd');
  t.is(because('web.2'), 'fewest tasks of web (0); 2 of 3 nodes fit, 1 has label disk=hdd');
  world.up(stackSpec('more', [serviceSpec('app', { replicas: 1 })]));
  t.is(because('app.1'), 'fewest tasks (0); all 3 nodes fit');
  world.up(stackSpec('all', [serviceSpec('each', { mode: ServiceMode.GLOBAL, replicas: 0 })]));
  const each = world.tables.tasks().filter(({ serviceName }) => serviceName === 'each');
  t.deepEqual([...new Set(each.map(({ placedBecause }) => placedBecause))], ['one on each node that it may run on']);
});

test('a branch that decided is named', (t) => {
  const zones = placement({ spreadOver: ['node.labels.zone'] });
  const world = new World([node('a1', {}, { zone: 'a' }), node('a2', {}, { zone: 'a' }), node('b1', {})]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { placement: zones } })]));
  t.is(world.task('web.2').placedBecause, 'fewest tasks of web in nodes with no zone (0); all 3 nodes fit');
});
