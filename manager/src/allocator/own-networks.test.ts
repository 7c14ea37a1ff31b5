import { emptyPort, newService, PublishMode, type ServiceSpec } from '@tso/proto';
import test from 'ava';
import { ingressNetworkId, tunnelsNetworkId } from '../rules/network-kinds.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';

const published = (name: string, mode: PublishMode, change: Partial<ServiceSpec> = {}): ServiceSpec =>
  serviceSpec(name, { ...change, ports: [{ ...emptyPort, target: 80, published: 8080, mode }] });
const nodes = () => [nodeNamed('alpha'), nodeNamed('beta')];
const withKey = (id: string) => nodeNamed(id, { description: { ...nodeNamed(id).description, wireguardKey: `key of ${id}` } });

test('the ingress network comes with the first port that every node answers, and stays when nobody publishes one any more', (t) => {
  const world = new World(nodes());
  world.up(stackSpec('shop', [published('web', PublishMode.HOST)]));
  t.is(world.tables.network(ingressNetworkId), undefined);
  world.up(stackSpec('shop', [published('web', PublishMode.INGRESS)]));
  const made = world.tables.network(ingressNetworkId);
  t.like(made, { stack: '', subnet: '10.255.0.0/16', gateway: '10.255.0.1', spec: { name: 'ingress', driver: 'overlay' } });
  world.down('shop');
  world.run();
  t.is(world.tables.services().length, 0);
  t.like(world.tables.network(ingressNetworkId), { vni: made?.vni, removing: false });
});

test('each node has an address of its own on it, one that joins later too, and one that is removed gives it back', (t) => {
  const world = new World(nodes());
  world.up(stackSpec('shop', [published('web', PublishMode.INGRESS)]));
  const addresses = () =>
    world.tables.nodes().map(({ id, addresses: own }) => `${id} ${own.map(({ networkId, address }) => `${networkId} ${address}`)}`);
  t.deepEqual(addresses(), ['alpha ingress 10.255.0.2', 'beta ingress 10.255.0.3']);
  t.is(world.task('web.1').networks[0]?.address, '10.255.0.4');
  world.commit([{ putNode: nodeNamed('gamma') }, { remove: { kind: 'node', id: 'alpha' } }]);
  world.settle();
  t.true(addresses().includes('gamma ingress 10.255.0.5'), `${addresses()}`);
});

test('tasks with such a port have their last address there, without names', (t) => {
  const world = new World(nodes());
  const own = { networks: [attachment('shop_default')] };
  const services = [
    serviceSpec('api', { task: own }),
    published('web', PublishMode.INGRESS, { task: serviceSpec('x', { task: own }).task }),
  ];
  world.up(stackSpec('shop', services, { networks: [networkSpec('shop_default')] }));
  const on = (name: string) =>
    world.task(name).networks.map(({ networkId, aliases }) => [world.tables.network(networkId)?.spec.name, aliases.length > 0]);
  t.deepEqual(on('api.1'), [['shop_default', true]]);
  t.deepEqual(on('web.1'), [
    ['shop_default', true],
    ['ingress', false],
  ]);
  t.is(world.task('web.1').networks[1]?.mac.slice(0, 11), '02:42:0a:ff');
});

test('of a small pool it takes a part only, and says so when not even that is there', (t) => {
  const subnetOf = (pool: string) => {
    const world = new World(nodes(), 1, pool);
    world.up(stackSpec('shop', [published('web', PublishMode.INGRESS)]));
    return [world.tables.network(ingressNetworkId)?.subnet, world.task('web.1').pendingReason];
  };
  t.deepEqual(subnetOf('10.7.0.0/16'), ['10.7.224.0/19', '']);
  t.deepEqual(subnetOf('10.7.3.0/24'), ['10.7.3.224/27', '']);
  const world = new World(nodes(), 1, '10.7.0.0/24');
  const net = [networkSpec('shop_default')];
  world.up(stackSpec('shop', [published('web', PublishMode.INGRESS)], { networks: net }));
  t.is(world.tables.networkByName('shop_default')?.subnet, '10.7.0.0/24', 'networks of stacks come first');
  t.is(world.task('web.1').pendingReason, 'the address pool 10.7.0.0/24 has no free subnet for network ingress: remove other networks');
});

test('nodes with a key for tunnels get an address inside them once a network is encrypted, and keep it', (t) => {
  const world = new World([withKey('alpha'), nodeNamed('beta')]);
  world.up(stackSpec('plain', [], { networks: [networkSpec('plain_net')] }));
  t.is(world.tables.network(tunnelsNetworkId), undefined);
  world.up(stackSpec('shop', [], { networks: [networkSpec('shop_net', { driverOpts: { encrypted: 'true' } })] }));
  t.like(world.tables.network(tunnelsNetworkId), { subnet: '10.255.240.0/20', vni: 0, gateway: '', spec: { driver: 'tunnel' } });
  const addresses = () => world.tables.nodes().map(({ tunnelAddress }) => tunnelAddress);
  t.deepEqual(addresses(), ['10.255.240.1', '']);
  world.changeNode('beta', { description: withKey('beta').description });
  world.changeNode('alpha', { description: { ...withKey('alpha').description, wireguardKey: '' } });
  t.deepEqual(addresses(), ['10.255.240.1', '10.255.240.2']);
  world.down('shop');
  world.run();
  t.deepEqual(addresses(), ['10.255.240.1', '10.255.240.2']);
});

test('no subnet is laid over the address of a node', (t) => {
  const world = new World([nodeNamed('alpha', { address: '10.128.0.9' }), nodeNamed('beta', { address: '10.255.3.4' })]);
  world.up(stackSpec('shop', [published('web', PublishMode.INGRESS)], { networks: [networkSpec('shop_net')] }));
  t.is(world.tables.networkByName('shop_net')?.subnet, '10.128.1.0/24');
  t.is(world.tables.network(ingressNetworkId)?.subnet, '10.254.0.0/16');
});

test('a service that is being taken down already brings no ingress network', (t) => {
  const world = new World(nodes());
  const spec = published('web', PublishMode.INGRESS);
  world.commit([{ putService: { ...newService, id: 's', stack: 'shop', spec, removing: true } }]);
  world.settle();
  t.is(world.tables.network(ingressNetworkId), undefined);
});
