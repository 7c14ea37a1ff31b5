import { blockSize, type Cidr, type ContainerSpec, emptyPort, isTerminal, overlaps, PublishMode, parseIpv4, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { addressRestMs } from './address-ledger.ts';
import { freeSubnet, lastFreeSubnet } from './subnets.ts';

const net = attachment('shop_default');
const webOn = (replicas: number, change: Partial<typeof net> = {}) =>
  serviceSpec('web', { replicas, task: { networks: [{ ...net, ...change }] } });
const addresses = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter((task) => !isTerminal(task.status.state))
    .map((task) => task.networks[0]?.address ?? '');

test('networks get the lowest free VNIs and subnets of the pool, the first host as gateway', (t) => {
  const world = new World();
  world.up(
    stackSpec('shop', [], { networks: [networkSpec('shop_a'), networkSpec('shop_b', { subnet: '10.128.1.0/24' }), networkSpec('shop_c')] }),
  );
  t.deepEqual(
    world.tables.networks().map(({ spec, vni, subnet, gateway }) => [spec.name, vni, subnet, gateway]),
    [
      ['shop_a', 4096, '10.128.0.0/24', '10.128.0.1'],
      ['shop_b', 4097, '10.128.1.0/24', '10.128.1.1'],
      ['shop_c', 4098, '10.128.2.0/24', '10.128.2.1'],
    ],
  );
});

test('a free subnet lies in the pool, is aligned and overlaps none that is taken', (t) => {
  const pool: Cidr = { base: parseIpv4('10.0.0.0') ?? 0, prefix: 20 };
  const block = fc.record({ offset: fc.nat(2 ** 13), prefix: fc.integer({ min: 20, max: 30 }) });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 12 }), fc.integer({ min: 22, max: 26 }), (blocks, prefix) => {
      const taken = blocks.map(({ offset, prefix: size }): Cidr => {
        const at = pool.base - 4096 + offset;
        return { base: at - (at % blockSize(size)), prefix: size };
      });
      const found = freeSubnet(pool, prefix, taken);
      const all = Array.from(
        { length: 2 ** (prefix - pool.prefix) },
        (_, index): Cidr => ({ base: pool.base + index * blockSize(prefix), prefix }),
      );
      const first = all.find((candidate) => taken.every((other) => !overlaps(candidate, other)));
      t.deepEqual(found, first);
      const last = all.findLast((candidate) => taken.every((other) => !overlaps(candidate, other)));
      t.deepEqual(lastFreeSubnet(pool, prefix, taken), last);
    }),
  );
});

test('addresses are given out one after the other and a released one rests', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [webOn(2)], { networks: [networkSpec('shop_default')] }));
  world.run();
  t.deepEqual(addresses(world), ['10.128.0.3', '10.128.0.4'], 'the first one is the virtual address of the service');
  world.fail('web.1');
  world.sleep();
  t.deepEqual([...addresses(world)].sort(), ['10.128.0.4', '10.128.0.5']);
});

test('a task answers to its container and host name, its service to the rest, and its MAC follows its address', (t) => {
  const world = new World();
  const service = serviceSpec('web', { task: { container: { hostname: 'www' }, networks: [{ ...net, aliases: ['front', 'web'] }] } });
  world.up(stackSpec('shop', [service], { networks: [networkSpec('shop_default')] }));
  t.deepEqual(world.task('web.1').networks, [
    {
      networkId: world.tables.networks()[0]?.id,
      address: '10.128.0.3',
      address6: '',
      mac: '02:42:0a:80:00:03',
      aliases: ['shop-web-1', 'www'],
    },
  ]);
});

test('a task without a host name of its own answers to what it is called inside, the short id, unless that is the name of its host', (t) => {
  const names = (container: Partial<ContainerSpec>): readonly string[] | undefined => {
    const world = new World();
    world.up(
      stackSpec('shop', [serviceSpec('web', { task: { container, networks: [net] } })], { networks: [networkSpec('shop_default')] }),
    );
    return world.task('web.1').networks[0]?.aliases.map((name) => (world.task('web.1').id.startsWith(name) ? 'id' : name));
  };
  t.deepEqual(names({}), ['shop-web-1', 'id']);
  t.deepEqual(names({ utsMode: 'host' }), ['shop-web-1']);
});

test('the network with the highest priority comes first', (t) => {
  const world = new World();
  const networks = [attachment('shop_back'), attachment('shop_front', { priority: 10 })];
  world.up(
    stackSpec('shop', [serviceSpec('web', { task: { networks } })], { networks: [networkSpec('shop_back'), networkSpec('shop_front')] }),
  );
  t.deepEqual(
    world.task('web.1').networks.map(({ networkId }) => world.tables.network(networkId)?.spec.name),
    ['shop_front', 'shop_back'],
  );
});

test('a full subnet is said, and the next released address is used once it has rested', (t) => {
  const world = new World();
  const networks = [networkSpec('shop_default', { subnet: '10.9.0.0/29' })];
  world.up(stackSpec('shop', [webOn(5)], { networks }));
  world.run();
  t.is(world.task('web.5').pendingReason, 'network shop_default has no free address left in 10.9.0.0/29');
  t.is(new Set(addresses(world).filter((address) => address !== '')).size, 4);
  const left = world.task('web.2').networks[0]?.address;
  world.fail('web.2');
  world.run();
  t.is(
    world.task('web.5').pendingReason,
    'network shop_default has no free address left in 10.9.0.0/29: those left a moment ago still rest',
  );
  t.is(world.sleep(), addressRestMs);
  world.run();
  t.is(world.task('web.5').status.state, TaskState.RUNNING);
  t.is(world.task('web.5').networks[0]?.address, left);
});

test('an empty pool is said, and what helps does', (t) => {
  const world = new World([nodeNamed('alpha')], 1, '10.7.0.0/24');
  const two = [attachment('shop_a'), attachment('shop_b')];
  world.up(
    stackSpec('shop', [serviceSpec('web', { task: { networks: two } })], { networks: [networkSpec('shop_a'), networkSpec('shop_b')] }),
  );
  t.is(
    world.task('web.1').pendingReason,
    'the address pool 10.7.0.0/24 has no free subnet for network shop_b: remove other networks, or make it anew with a subnet of its own (subnet:, --subnet)',
  );
  world.up(stackSpec('shop', [serviceSpec('web', { task: { networks: [attachment('shop_b')] } })], { networks: [networkSpec('shop_b')] }));
  world.run();
  t.is(world.task('web.1').networks[0]?.address, '10.7.0.3');
});

test('a fixed address is kept for its service and waited for while its last holder stops', (t) => {
  const world = new World();
  const networks = [networkSpec('shop_default', { subnet: '10.9.0.0/24' })];
  const db = (image: string) =>
    serviceSpec('db', { task: { container: { image }, networks: [attachment('shop_default', { ipv4Address: '10.9.0.2' })] } });
  world.up(stackSpec('shop', [db('db:1'), webOn(2)], { networks }));
  world.run();
  t.is(world.task('db.1').networks[0]?.address, '10.9.0.2');
  t.deepEqual([world.task('web.1').networks[0]?.address, world.task('web.2').networks[0]?.address], ['10.9.0.5', '10.9.0.6']);
  world.up(stackSpec('shop', [db('db:2'), webOn(2)], { networks }));
  t.is(world.task('db.1').pendingReason, 'address 10.9.0.2 on network shop_default is held by db.1 until that has ended');
  world.run();
  t.is(world.task('db.1').networks[0]?.address, '10.9.0.2');
  t.is(world.task('db.1').spec.container.image, 'db:2');
});

test('a MAC address is waited for too while its last holder stops, whatever the letters', (t) => {
  const world = new World();
  const networks = [networkSpec('shop_default', { subnet: '10.9.0.0/24' })];
  const db = (image: string, macAddress: string) =>
    serviceSpec('db', { task: { container: { image }, networks: [attachment('shop_default', { macAddress })] } });
  world.up(stackSpec('shop', [db('db:1', '06:00:00:00:00:AB'), webOn(2)], { networks }));
  world.run();
  world.up(stackSpec('shop', [db('db:2', '06:00:00:00:00:ab'), webOn(2)], { networks }));
  t.is(world.task('db.1').pendingReason, 'MAC address 06:00:00:00:00:ab on network shop_default is held by db.1 until that has ended');
  world.run();
  t.is(world.task('db.1').networks[0]?.mac, '06:00:00:00:00:ab');
  t.is(world.task('db.1').spec.container.image, 'db:2');
});

test('ports without a number come from the dynamic range, differ, and stay when the service changes', (t) => {
  const world = new World();
  const port = (target: number, published = 0) =>
    ({ target, published, protocol: 0, mode: PublishMode.INGRESS, hostIp: '', onlyLocal: false, rangeFrom: 0, rangeTo: 0 }) as const;
  world.up(
    stackSpec('shop', [serviceSpec('api', { ports: [port(80)] }), serviceSpec('web', { ports: [port(80), port(81), port(82, 30_001)] })]),
  );
  const published = () => world.tables.services().map((service) => service.ports.map((each) => each.published));
  t.deepEqual(published(), [[30_000], [30_002, 30_003, 30_001]]);
  t.deepEqual(
    world.task('web.1').ports.map((each) => each.published),
    [30_002, 30_003, 30_001],
  );
  world.up(stackSpec('shop', [serviceSpec('api', { ports: [port(80)] }), serviceSpec('web', { ports: [port(81), port(82, 30_001)] })]));
  t.deepEqual(published(), [[30_000], [30_003, 30_001]]);
});

test('a port wished from a range is the lowest free one of it, and is kept', (t) => {
  const world = new World();
  const ranged = { ...emptyPort, target: 80, rangeFrom: 8000, rangeTo: 8001 };
  const services = (...names: readonly string[]) => names.map((name) => serviceSpec(name, { ports: [ranged] }));
  world.up(stackSpec('shop', services('a', 'b', 'c')));
  const published = () => world.tables.services().map((service) => service.ports.map((each) => each.published));
  t.deepEqual(published(), [[8000], [8001], [0]]);
  t.is(world.task('c.1').pendingReason, 'no published port is free between 8000 and 8001');
  world.up(stackSpec('shop', [serviceSpec('b', { ports: [{ ...ranged, target: 81 }, ranged] })]));
  t.deepEqual(published()[1], [0, 8001]);
});

test('a port with a range of its own gets the lowest free one of it, keeps it, and waits when there is none', (t) => {
  const world = new World();
  const port = (target: number, change: Partial<typeof emptyPort> = {}) => ({
    ...emptyPort,
    target,
    rangeFrom: 9_000,
    rangeTo: 9_001,
    ...change,
  });
  const published = () => world.tables.services().map(({ ports }) => ports.map((each) => each.published));
  const stack = (...names: string[]) =>
    stackSpec(
      'shop',
      names.map((name) => serviceSpec(name, { ports: [port(80)] })),
    );
  world.up(stack('a', 'b', 'c'));
  t.deepEqual(published(), [[9_000], [9_001], [0]]);
  t.is(world.task('c.1').pendingReason, 'no published port is free between 9000 and 9001');
  world.up(stack('b', 'c'), { removeOrphans: true });
  world.run();
  t.is(world.task('b.1').ports[0]?.published, 9_001);
  t.is(world.task('c.1').ports[0]?.published, 9_000);
});

test('addresses come from the range of the network, and fixed ones may lie beside it', (t) => {
  const world = new World();
  const networks = [
    networkSpec('shop_default', { subnet: '10.9.0.0/24', ipRange: '10.9.0.64/29', gateway: '10.9.0.254', reserved: { nas: '10.9.0.65' } }),
  ];
  const db = serviceSpec('db', { task: { networks: [attachment('shop_default', { ipv4Address: '10.9.0.5' })] } });
  world.up(stackSpec('shop', [db, webOn(8)], { networks }));
  const given = addresses(world).filter((address) => address !== '');
  t.deepEqual(given, ['10.9.0.5', '10.9.0.67', '10.9.0.68', '10.9.0.69', '10.9.0.70', '10.9.0.71']);
  t.is(world.task('web.8').pendingReason, 'network shop_default has no free address left in 10.9.0.64/29');
  t.is(world.tables.networks()[0]?.gateway, '10.9.0.254');
});

test('a network with IPv6 and no subnet for it gets a unique local one, and its tasks addresses of it', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [webOn(1)], { networks: [networkSpec('shop_default', { enableIpv6: true })] }));
  const network = world.tables.networks()[0];
  t.regex(network?.subnet6 ?? '', /^fd[0-9a-f:]+::\/64$/);
  t.is(network?.gateway6, network?.subnet6.replace('/64', '1'));
  t.is(world.task('web.1').networks[0]?.address6, network?.subnet6.replace('/64', '3'));
});
