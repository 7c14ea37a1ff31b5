import { emptyMount, MountType, PublishMode, RestartCondition, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { fieldChanges } from './spec-diff.ts';
import { stackView } from './stack-view.ts';

const volume = { name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts: {} };
const shop = (image = 'web:1', replicas = 2) =>
  stackSpec(
    'shop',
    [serviceSpec('cache'), serviceSpec('web', { replicas, task: { container: { image }, networks: [attachment('shop_default')] } })],
    {
      networks: [networkSpec('shop_default')],
      volumes: [volume],
    },
  );
const said = (changes: readonly { readonly kind: string; readonly name: string; readonly action: string }[]): readonly string[] =>
  changes.map(({ kind, name, action }) => `${action} ${kind} ${name}`);

test('applying a new stack makes everything, applying it again nothing', (t) => {
  const world = new World();
  t.deepEqual(said(world.up(shop()).changes), [
    'create network shop_default',
    'create volume shop_data',
    'create service cache',
    'create service web',
  ]);
  world.run();
  const again = world.up(shop());
  t.deepEqual(again.actions, []);
  t.deepEqual(said(again.changes), ['none network shop_default', 'none volume shop_data', 'none service cache', 'none service web']);
});

test('a change is told field by field', (t) => {
  const world = new World();
  world.up(shop());
  const { changes } = world.up(shop('web:2', 3));
  t.deepEqual(changes.at(-1), {
    kind: 'service',
    name: 'web',
    action: 'update',
    effect: '2 tasks replaced, 1 at a time, the old one stopped first; 1 task more',
    changes: [
      { path: 'task.container.image', from: 'web:1', to: 'web:2' },
      { path: 'replicas', from: '2', to: '3' },
    ],
  });
});

test('lists of one length differ item by item, others as a whole', (t) => {
  t.deepEqual(fieldChanges({ env: ['A=1', 'B=2'] }, { env: ['A=1', 'B=3'] }), [{ path: 'env[1]', from: 'B=2', to: 'B=3' }]);
  t.deepEqual(fieldChanges({ env: ['A=1'] }, { env: [] }), [{ path: 'env', from: '["A=1"]', to: '[]' }]);
  t.deepEqual(fieldChanges({}, { init: true }), [{ path: 'init', from: '', to: 'true' }]);
});

test('a service that the file lost stays with a warning, or goes when asked', (t) => {
  const world = new World();
  world.up(shop());
  const less = stackSpec('shop', [serviceSpec('cache')], { volumes: [volume] });
  const kept = world.up(less);
  t.deepEqual(kept.warnings, ['service web is still running though the file no longer has it: --remove-orphans takes it down']);
  t.deepEqual(said(kept.changes), ['none volume shop_data', 'none service cache']);
  const gone = world.up(less, { removeOrphans: true });
  t.deepEqual(said(gone.changes), ['remove network shop_default', 'none volume shop_data', 'none service cache', 'remove service web']);
  world.run();
  t.deepEqual([world.tables.services().length, world.tables.networks().length, world.tables.volumes().length], [1, 0, 1]);
});

test('what the files name though it is not applied now is no orphan: it runs on, and stays in the kept spec with what it needs', (t) => {
  const world = new World();
  const web = serviceSpec('web', { task: { networks: [attachment('shop_front')] } });
  const mount = { ...emptyMount, type: MountType.VOLUME, source: 'shop_data', target: '/data' };
  const db = serviceSpec('db', { task: { networks: [attachment('shop_back')], container: { mounts: [mount] } } });
  const whole = stackSpec('shop', [db, web], { networks: [networkSpec('shop_back'), networkSpec('shop_front')], volumes: [volume] });
  world.up(whole);
  world.run();
  const part = (image: string) =>
    stackSpec('shop', [{ ...web, task: { ...web.task, container: { ...web.task.container, image } } }], {
      networks: [networkSpec('shop_front')],
    });
  for (const removeOrphans of [false, true]) {
    const { changes, warnings } = world.up(part(`web:${removeOrphans}`), { declared: ['db', 'web'], removeOrphans });
    t.deepEqual([said(changes), warnings], [['none network shop_front', 'update service web'], []]);
    world.run();
  }
  t.true(world.lines().includes('db.1 running on alpha'));
  world.up(part(web.task.container.image), { declared: ['db', 'web'] });
  world.run();
  t.deepEqual(world.tables.stackByName('shop')?.spec, whole);
  t.deepEqual(world.up(whole).actions, [], 'the whole file is what is there');
  const gone = world.up(part(web.task.container.image), { declared: ['web'], removeOrphans: true });
  t.true(said(gone.changes).includes('remove service db'));
  t.deepEqual(
    world.tables.stackByName('shop')?.spec.services.map(({ name }) => name),
    ['web'],
  );
});

test('what was never applied is not in the kept spec, though the files name it', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web')]), { declared: ['db', 'web'] });
  t.deepEqual(
    world.tables.stackByName('shop')?.spec.services.map(({ name }) => name),
    ['web'],
  );
});

test('naming a service brings up that one and what it depends on', (t) => {
  const world = new World();
  const dependsOn = [{ service: 'db', condition: 'service_started', required: true, restart: false }];
  const spec = stackSpec('shop', [serviceSpec('db'), serviceSpec('mail'), serviceSpec('web', { dependsOn })]);
  t.deepEqual(said(world.up(spec, { services: ['web'] }).changes), ['create service db', 'create service web']);
  t.throws(() => world.up(spec, { services: ['nope'] }), { message: 'stack shop has no service nope' });
});

test('a service that used up its attempts is tried again when applied again', (t) => {
  const none = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const spec = stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { restart: none } })]);
  const world = new World();
  world.up(spec);
  world.run();
  world.fail('web.2');
  const kept = world.task('web.1').id;
  const again = world.up(spec);
  t.deepEqual(again.changes[0]?.changes, [{ path: 'attempts', from: 'used up', to: 'none used' }]);
  world.run();
  t.deepEqual(world.lines(), ['web.1 running on alpha', 'web.2 running on alpha', 'web.2 failed on alpha, wished shutdown']);
  t.is(world.task('web.1').id, kept);
});

test('a paused update is resumed when applied again', (t) => {
  const world = new World();
  world.up(shop());
  world.run();
  world.up(shop('web:2'));
  world.reject('web.1', 'the registry does not answer');
  t.deepEqual(world.up(shop('web:2')).changes.at(-1)?.changes, [{ path: 'update', from: 'paused', to: 'resumed' }]);
  world.run();
  t.true(
    world.tables
      .tasks()
      .filter((task) => task.serviceName === 'web' && task.status.state === TaskState.RUNNING)
      .every((task) => task.spec.container.image === 'web:2'),
  );
});

test('taking down what is going down changes nothing; what never was is not found', (t) => {
  const world = new World();
  world.up(shop());
  world.run();
  t.deepEqual(said(world.down('shop').changes), ['remove service cache', 'remove service web', 'remove network shop_default']);
  t.deepEqual(world.down('shop').actions, []);
  t.throws(() => world.down('nope'), { message: 'there is no stack nope' });
});

test('a network that another stack uses stays when its own goes, and is taken up again when that comes back', (t) => {
  const world = new World();
  const on = { task: { networks: [attachment('shop_default')] } };
  world.up(stackSpec('shop', [serviceSpec('web', on)], { networks: [networkSpec('shop_default')] }));
  const report = () => stackSpec('report', [serviceSpec('job', on)], { networks: [networkSpec('shop_default', { external: true })] });
  world.up(report());
  world.run();
  t.deepEqual(world.down('shop').changes.at(-1), {
    kind: 'network',
    name: 'shop_default',
    action: 'none',
    changes: [{ path: 'users', from: '', to: 'stack report' }],
  });
  world.run();
  t.false(stackView(world.tables, 'shop').exists);
  t.deepEqual(said(world.up(report()).changes), ['none service job']);
  const again = world.up(stackSpec('shop', [], { networks: [networkSpec('shop_default'), networkSpec('shop_more')] }));
  t.deepEqual(said(again.changes), ['none network shop_default', 'create network shop_more']);
  t.deepEqual(said(world.up(stackSpec('shop', [])).changes), ['none network shop_default', 'remove network shop_more']);
  world.down('report');
  t.deepEqual(said(world.down('shop').changes).at(-1), 'remove network shop_default');
});

test('a stack that comes back while it goes keeps its network and gets new services', (t) => {
  const world = new World();
  world.up(shop());
  world.run();
  const network = world.tables.networks()[0]?.id;
  world.down('shop');
  world.up(shop());
  world.run();
  t.deepEqual(world.lines(), ['cache.1 running on alpha', 'web.1 running on alpha', 'web.2 running on alpha']);
  t.deepEqual(
    world.tables.networks().map((each) => each.id),
    [network],
  );
});

test('scaling names what cannot be scaled', (t) => {
  const world = new World();
  world.up(
    stackSpec('shop', [
      serviceSpec('agent', { mode: ServiceMode.GLOBAL }),
      serviceSpec('db', { task: { container: { containerName: 'db' } } }),
    ]),
  );
  t.throws(() => world.scale('shop', 'agent', 2), { message: /service agent is global/ });
  t.throws(() => world.scale('shop', 'db', 2), { message: 'service db has a container_name and cannot have 2 replicas' });
  t.throws(() => world.scale('shop', 'nope', 2), { message: 'stack shop has no service nope' });
  t.throws(() => world.scale('nope', 'db', 2), { message: 'there is no stack nope' });
  t.deepEqual(world.scale('shop', 'db', 1).actions, []);
});

test('scaling keeps to what a service or a job may have at the most', (t) => {
  const world = new World();
  const job = { totalCompletions: 1, maxConcurrent: 1 };
  world.up(stackSpec('shop', [serviceSpec('web'), serviceSpec('load', { mode: ServiceMode.REPLICATED_JOB, job })]));
  t.throws(() => world.scale('shop', 'web', 10_001), {
    code: 'INVALID_ARGUMENT',
    message: 'service web: 10001 replicas are more than the 10000 a service may have',
  });
  t.throws(() => world.scale('shop', 'load', 10_001), {
    code: 'INVALID_ARGUMENT',
    message: 'service load: 10001 completions are more than the 10000 a job may have',
  });
});

test('a new published port replaces the tasks', (t) => {
  const world = new World();
  const ports = (published: number) =>
    [{ target: 80, published, protocol: 0, mode: PublishMode.INGRESS, hostIp: '', onlyLocal: false, rangeFrom: 0, rangeTo: 0 }] as const;
  world.up(stackSpec('shop', [serviceSpec('web', { ports: ports(8080) })]));
  world.run();
  world.up(stackSpec('shop', [serviceSpec('web', { ports: ports(8081) })]));
  world.run();
  t.is(world.task('web.1').ports[0]?.published, 8081);
});

test('a service that has an address of its own, of whatever kind, is not given more tasks', (t) => {
  for (const [change, what] of [
    [{ ipv4Address: '10.9.0.5' }, 'an ipv4_address'],
    [{ ipv6Address: 'fd00:1::5' }, 'an ipv6_address'],
    [{ macAddress: '02:00:00:00:00:05' }, 'a mac_address'],
    [{ linkLocalIps: ['169.254.8.8'] }, 'link_local_ips'],
  ] as const) {
    const world = new World();
    const networks = [networkSpec('net', { subnet: '10.9.0.0/24', enableIpv6: true, subnet6: 'fd00:1::/64' })];
    world.up(stackSpec('shop', [serviceSpec('web', { task: { networks: [attachment('net', change)] } })], { networks }));
    t.throws(() => world.scale('shop', 'web', 2), {
      code: 'INVALID_ARGUMENT',
      message: `service web has ${what} and cannot have 2 replicas`,
    });
    world.scale('shop', 'web', 0);
    t.is(world.tables.services()[0]?.spec.replicas, 0);
  }
});
