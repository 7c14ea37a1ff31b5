import { emptyPort, HealthState, PublishMode, shortId, TaskState } from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { networkOf } from './network-ref.ts';
import { removalProblem } from './network-rules.ts';
import { isWishedOn, listNetworks, networkView, servicesOn, tasksOn } from './network-view.ts';

const ports = [{ ...emptyPort, target: 80, published: 8080, mode: PublishMode.INGRESS }];
const on = attachment('shop_default');

/** Two services on a network, of which one publishes a port. */
const shop = (): World => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const services = [
    serviceSpec('api', { task: { networks: [on] } }),
    serviceSpec('off', { task: { networkMode: 'none' } }),
    serviceSpec('web', { replicas: 2, ports, task: { networks: [on] } }),
  ];
  world.up(stackSpec('shop', services, { networks: [networkSpec('shop_default', { enableIpv6: true, subnet6: 'fd00:1::/64' })] }));
  return world;
};

test('a network shows who is on it, by service and slot, and whether they are sent anything', (t) => {
  const world = shop();
  const network = networkOf(world.tables, 'shop_default');
  world.run();
  world.report(world.task('web.2'), { state: TaskState.RUNNING, health: HealthState.UNHEALTHY });
  const view = networkView(world.tables, network);
  t.deepEqual(
    view.endpoints.map(({ service, slot, address, address6, mac, serving }) => [service, slot, address, address6, mac, serving]),
    [
      ['api', 1, '10.128.0.4', 'fd00:1::4', '02:42:0a:80:00:04', true],
      ['web', 1, '10.128.0.5', 'fd00:1::5', '02:42:0a:80:00:05', true],
      ['web', 2, '10.128.0.6', 'fd00:1::6', '02:42:0a:80:00:06', false],
    ],
  );
  t.deepEqual([...new Set(view.endpoints.map(({ node }) => node))].sort(), ['alpha', 'beta']);
  t.like(view, { addressesUsed: 5, addressesTotal: 253, tasks: 3, services: ['shop_api', 'shop_web'], warning: '' });
});

test('a list has every network by name, without endpoints; on the ingress network are those that every node answers for', (t) => {
  const { networks, version } = listNetworks(shop().tables);
  t.deepEqual(
    networks.map(({ network, services, endpoints, tasks }) => [network.spec.name, services, endpoints.length, tasks]),
    [
      ['ingress', ['shop_web'], 0, 2],
      ['shop_default', ['shop_api', 'shop_web'], 0, 3],
    ],
  );
  t.true(version > 0);
});

test('a network that found no subnet says so, and what to do', (t) => {
  const world = new World([nodeNamed('alpha')], 1, '10.7.0.0/24');
  world.up(stackSpec('shop', [], { networks: [networkSpec('shop_a'), networkSpec('shop_b')] }));
  t.is(
    networkView(world.tables, networkOf(world.tables, 'shop_b')).warning,
    'network shop_b has no subnet yet, for none was free: remove other networks, or make it anew with a subnet of its own (subnet:, --subnet)',
  );
});

test('a service that is being removed is not wished on its networks, though its tasks still are there', (t) => {
  const world = shop();
  world.run();
  world.down('shop');
  const network = networkOf(world.tables, 'shop_default');
  t.deepEqual(servicesOn(world.tables, network), []);
  t.false(world.tables.services().some((service) => isWishedOn(service, network)));
  t.is(tasksOn(world.tables, network).length, 3);
  t.is(removalProblem(world.tables, network)?.message, 'network shop_default is in use by services shop_api, shop_web (3 tasks)');
});

test('a network is meant by its name before any id, by its id, and by so much of it as only one has', (t) => {
  const world = shop();
  const { id } = networkOf(world.tables, 'shop_default');
  t.is(networkOf(world.tables, id).id, id);
  t.is(networkOf(world.tables, shortId(id)).id, id);
  t.throws(() => networkOf(world.tables, id.slice(0, 2)), { code: 'NOT_FOUND' }, 'two characters are too few to mean one');
  const twin = { ...networkOf(world.tables, id), id: `${id.slice(0, 6)}x`, spec: networkSpec('other') };
  world.commit([{ putNetwork: twin }]);
  const ambiguous = t.throws(() => networkOf(world.tables, id.slice(0, 6)), { code: 'INVALID_ARGUMENT' });
  t.true(ambiguous?.message.includes('(other)') === true && ambiguous.message.includes('(shop_default)'), ambiguous?.message);
});

test('one that nobody uses can be removed', (t) => {
  const world = shop();
  world.commit([{ putNetwork: { ...networkOf(world.tables, 'shop_default'), id: 'hand', stack: '', spec: networkSpec('hand') } }]);
  t.is(removalProblem(world.tables, networkOf(world.tables, 'hand')), undefined);
});
