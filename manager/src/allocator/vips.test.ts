import { EndpointMode, emptyPort, PublishMode, TaskState } from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';

const networks = [networkSpec('shop_back'), networkSpec('shop_front')];
const web = (names: readonly string[], change: Parameters<typeof serviceSpec>[1] = {}) =>
  serviceSpec('web', { ...change, task: { networks: names.map((name) => attachment(name)) } });
const both = ['shop_front', 'shop_back'];

/** The virtual addresses of a service, as `network address`. */
const vips = (world: World, name = 'web'): readonly string[] =>
  world.tables
    .services()
    .filter((service) => service.spec.name === name)
    .flatMap((service) => service.vips.map(({ networkId, address }) => `${world.tables.network(networkId)?.spec.name} ${address}`));

test('a service has one virtual address on each of its networks, that no task has', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [web(both, { replicas: 2 })], { networks }));
  t.deepEqual(vips(world), ['shop_front 10.128.1.2', 'shop_back 10.128.0.2']);
  t.deepEqual(
    world.tables.tasks().map((task) => task.networks.map(({ address }) => address)),
    [
      ['10.128.1.3', '10.128.0.3'],
      ['10.128.1.4', '10.128.0.4'],
    ],
  );
});

test('it keeps them while it is on the network: through updates, no replicas and a new leader', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [web(both)], { networks }));
  const before = vips(world);
  world.run();
  world.up(stackSpec('shop', [web(both, { replicas: 0, labels: { a: 'b' } })], { networks }));
  world.run();
  t.deepEqual(vips(world), before);
  world.up(stackSpec('shop', [web(['shop_back'])], { networks }));
  t.deepEqual(vips(world), ['shop_back 10.128.0.2'], 'the one on the network that it left is gone');
  world.up(stackSpec('shop', [web(both)], { networks }));
  t.deepEqual(vips(world), ['shop_front 10.128.1.4', 'shop_back 10.128.0.2'], 'and rests: on its way back it gets another one');
});

test('with dnsrr there is none, and one that was there is given up', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [web(['shop_back'])], { networks }));
  t.is(vips(world).length, 1);
  world.up(stackSpec('shop', [web(['shop_back'], { endpointMode: EndpointMode.DNSRR })], { networks }));
  t.deepEqual(vips(world), []);
});

test('there is none on a physical network, nor on the one that carries published ports', (t) => {
  const world = new World();
  const lan = networkSpec('shop_lan', {
    driver: 'macvlan',
    driverOpts: { parent: 'eth0' },
    subnet: '192.168.7.0/24',
    ipRange: '192.168.7.128/28',
  });
  const port = { ...emptyPort, target: 80, published: 8080, mode: PublishMode.INGRESS };
  world.up(stackSpec('shop', [web(['shop_lan'], { ports: [port] })], { networks: [lan] }));
  t.deepEqual(vips(world), []);
  t.deepEqual(
    world.task('web.1').networks.map(({ networkId, address }) => `${world.tables.network(networkId)?.spec.name} ${address}`),
    ['shop_lan 192.168.7.128', 'ingress 10.255.0.3'],
  );
});

test('where no address is left for it, its tasks say so and take none', (t) => {
  const world = new World([nodeNamed('alpha')]);
  const small = [networkSpec('shop_back', { subnet: '10.9.0.0/29' })];
  const full = serviceSpec('api', { replicas: 4, task: { networks: [attachment('shop_back')] } });
  world.up(stackSpec('shop', [full], { networks: small }));
  world.run();
  world.up(stackSpec('shop', [full, web(['shop_back'])], { networks: small }));
  const reason = 'network shop_back has no free address left in 10.9.0.0/29 for the virtual address of service web';
  t.is(world.task('web.1').pendingReason, reason);
  world.scale('shop', 'api', 2);
  world.run();
  world.sleep();
  world.run();
  t.is(vips(world).length, 1);
  t.is(world.task('web.1').status.state, TaskState.RUNNING);
});

test('a virtual address has the IPv6 address that goes with it', (t) => {
  const world = new World();
  const six = [networkSpec('shop_back', { enableIpv6: true, subnet6: 'fd00:7::/64' })];
  world.up(stackSpec('shop', [web(['shop_back'])], { networks: six }));
  t.like(world.tables.services()[0]?.vips[0], { address: '10.128.0.2', address6: 'fd00:7::2' });
  t.like(world.task('web.1').networks[0], { address: '10.128.0.3', address6: 'fd00:7::3' });
  t.like(world.tables.networks()[0], { subnet6: 'fd00:7::/64', gateway6: 'fd00:7::1' });
});

test('services that come together get different ones, as many as there are', (t) => {
  const world = new World();
  const services = Array.from({ length: 8 }, (_, at) =>
    serviceSpec(`s${at}`, { replicas: 0, task: { networks: [attachment('shop_back')] } }),
  );
  world.up(stackSpec('shop', services, { networks: [networkSpec('shop_back', { subnet: '10.9.0.0/29' })] }));
  const given = world.tables.services().flatMap(({ vips: own }) => own.map(({ address }) => address));
  t.deepEqual([...given].sort(), ['10.9.0.2', '10.9.0.3', '10.9.0.4', '10.9.0.5', '10.9.0.6']);
});
