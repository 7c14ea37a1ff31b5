import {
  type AddressOn,
  EndpointMode,
  emptyAttachment,
  emptyNetworkSpec,
  emptyPort,
  emptyServiceSpec,
  emptyTaskSpec,
  HealthState,
  type NetworkAssignment,
  type NetworkSpec,
  newService,
  type Service,
  type ServiceSpec,
  type StoreAction,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { removeAction } from '../store/kinds.ts';
import { Tables } from '../store/tables.ts';
import { emptyShare, shareDifference } from './assignments.ts';
import { network, node, status, task } from './dispatcher-fixture.ts';
import { Shares } from './shares.ts';

/** What nodes are told, as the store changes. */
class Site {
  readonly tables = new Tables();
  readonly shares = new Shares();

  constructor(...actions: readonly StoreAction[]) {
    this.do(...actions);
    this.shares.reset(this.tables);
    this.shares.take(this.tables);
  }

  do(...actions: readonly StoreAction[]): void {
    const result = applyTransaction(this.tables, this.tables.index + 1, { actions, expect: [], atMs: 1, origin: 'test' });
    if (result.ok) this.shares.notice(result.changes, this.tables);
  }

  /** Nodes that learn something: their ids, or `all`. */
  touchedBy(...actions: readonly StoreAction[]): string {
    this.do(...actions);
    const touched = this.shares.take(this.tables);
    return touched === 'all' ? 'all' : [...touched].sort().join(' ');
  }

  told(nodeId: string, networkId = 'net'): NetworkAssignment | undefined {
    return this.shares.of(this.tables, nodeId).networks.get(networkId);
  }
}

const service = (id: string, change: Partial<ServiceSpec> = {}, more: Partial<Service> = {}): Service => ({
  ...newService,
  id,
  stack: 'shop',
  specVersion: 1,
  spec: {
    ...emptyServiceSpec,
    name: id,
    task: { ...emptyTaskSpec, networks: [{ ...emptyAttachment, network: 'shop_net', aliases: [`${id}.alias`] }] },
    ...change,
  },
  ...more,
});
const vip = (address: string, networkId = 'net'): AddressOn => ({ networkId, address, address6: '' });
const withSpec = (id: string, spec: Partial<NetworkSpec>) => ({
  ...network(id),
  spec: { ...emptyNetworkSpec, name: `shop_${id}`, ...spec },
});
const on = (networkId: string, address: string) => ({
  networkId,
  address,
  address6: 'fd00::2',
  mac: '02:42:0a:80:00:02',
  aliases: ['own'],
});

test('a network is told with its services: names, virtual addresses, ports that links tell of', (t) => {
  const site = new Site(
    { putNode: node('a') },
    { putNetwork: network('net') },
    { putTask: task('x', 'a') },
    {
      putService: service(
        'web',
        { affinity: true, ports: [{ ...emptyPort, target: 80 }], expose: ['5432/tcp', '80/tcp', '53/udp'] },
        { vips: [vip('10.128.0.9')] },
      ),
    },
    { putService: service('api', { endpointMode: EndpointMode.DNSRR }) },
    { putService: service('leaving', {}, { removing: true, vips: [vip('10.128.0.8')] }) },
    { putService: service('elsewhere', { task: emptyTaskSpec }) },
  );
  t.deepEqual(site.told('a')?.services, [
    {
      serviceId: 'api',
      name: 'api',
      stack: 'shop',
      mode: EndpointMode.DNSRR,
      vip: '',
      vip6: '',
      names: ['api', 'api.alias'],
      affinity: false,
      ports: [],
    },
    {
      serviceId: 'web',
      name: 'web',
      stack: 'shop',
      mode: EndpointMode.VIP,
      vip: '10.128.0.9',
      vip6: '',
      names: ['web', 'web.alias'],
      affinity: true,
      ports: [80, 5432],
    },
  ]);
});

test('a service is told as long as it exists, with no task that serves too; how its update goes on is no news', (t) => {
  const web = service('web', {}, { vips: [vip('10.128.0.9')] });
  const site = new Site({ putNode: node('a') }, { putNetwork: network('net') }, { putTask: task('x', 'a') }, { putService: web });
  t.is(site.touchedBy({ putTask: task('x', 'a', { status: status(TaskState.FAILED) }) }), 'a');
  t.deepEqual(
    site.told('a')?.services.map(({ vip: address }) => address),
    ['10.128.0.9'],
  );
  t.is(site.touchedBy({ putService: { ...web, rebalanced: 3 } }), '');
  t.is(site.touchedBy({ putService: { ...web, vips: [vip('10.128.0.10')] } }), 'a');
  t.is(site.touchedBy({ putService: { ...web, removing: true } }), 'a');
  t.deepEqual(site.told('a')?.services, []);
});

test('what a network is made of is told: driver, both families, options', (t) => {
  const whole = {
    ...withSpec('net', { driver: 'overlay', internal: true, driverOpts: { mtu: '1300' } }),
    subnet6: 'fd00::/64',
    gateway6: 'fd00::1',
  };
  const site = new Site(
    { putNode: node('a') },
    { putNetwork: whole },
    { putTask: task('x', 'a', { networks: [on('net', '10.128.0.2')] }) },
  );
  t.like(site.told('a'), {
    driver: 'overlay',
    internal: true,
    ingress: false,
    subnet6: 'fd00::/64',
    gateway6: 'fd00::1',
    driverOpts: { mtu: '1300' },
  });
  t.like(site.told('a')?.endpoints[0], { serviceId: 'service-web', address: '10.128.0.2', address6: 'fd00::2', names: ['own'] });
  t.is(site.touchedBy({ putNetwork: { ...whole, nextHost: 77 } }), '', 'how far its addresses are given out is no news');
});

test('on a bridge nodes see their own tasks alone, and hear nothing of the others', (t) => {
  const site = new Site(
    ...['a', 'bb'].map((id) => ({ putNode: node(id) })),
    { putNetwork: withSpec('net', { driver: 'bridge' }) },
    { putService: service('web') },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
    { putTask: task('z', 'bb') },
  );
  const names = (nodeId: string) => site.told(nodeId)?.endpoints.map(({ taskId }) => taskId);
  t.deepEqual([names('a'), names('bb')], [['x'], ['y', 'z']]);
  t.deepEqual(
    site.told('a')?.services.map(({ name }) => name),
    ['web'],
  );
  t.is(site.touchedBy({ putTask: task('y', 'bb', { status: status(TaskState.RUNNING, { health: HealthState.UNHEALTHY }) }) }), 'bb');
  t.is(site.touchedBy({ putService: service('api') }), 'a bb');
  t.is(site.touchedBy(removeAction('task', 'x')), 'a');
  t.is(site.told('a'), undefined);
});

test('while something is published every node is told the ingress network, with the addresses of the nodes, and without names', (t) => {
  const published = service('web', { task: emptyTaskSpec }, { ports: [{ ...emptyPort, target: 80, published: 8080 }] });
  const site = new Site({ putNode: node('a') }, { putNode: node('bb') }, { putService: published });
  t.is(site.told('a', 'ingress'), undefined);
  const ingress = { ...network('ingress'), spec: { ...emptyNetworkSpec, name: 'ingress' } };
  t.is(site.touchedBy({ putNetwork: ingress }), 'all');
  const address = (networkAddress: string) => [{ networkId: 'ingress', address: networkAddress, address6: '' }];
  t.is(
    site.touchedBy(
      { putNode: node('bb', { addresses: address('10.128.1.3') }) },
      { putNode: node('a', { addresses: address('10.128.1.2') }) },
    ),
    'all',
  );
  t.true(site.told('a', 'ingress')?.ingress);
  t.deepEqual(site.told('bb', 'ingress')?.hosts, [
    { nodeId: 'a', address: '10.128.1.2', address6: '', vtep: '192.0.2.1' },
    { nodeId: 'bb', address: '10.128.1.3', address6: '', vtep: '192.0.2.2' },
  ]);
  t.deepEqual(site.told('bb', 'ingress')?.services, []);
  t.is(site.told('a', 'ingress'), site.told('bb', 'ingress'), 'the same object for all');
  t.is(site.touchedBy({ putService: { ...published, removing: true } }), 'all');
  t.is(site.told('a', 'ingress'), undefined, 'nothing of it is left on nodes');
});

const secret = withSpec('net', { driverOpts: { encrypted: 'true' } });
const armed = (id: string, more: Parameters<typeof node>[1] = {}, key = `key-${id}`, generation = 1) =>
  node(id, {
    tunnelAddress: `10.200.0.${id.length}`,
    description: { ...node(id).description, wireguardKey: key, wireguardPort: 24_790, wireguardGeneration: generation },
    ...more,
  });

test('on an encrypted network nodes reach each other through tunnels, and know the other ends', (t) => {
  const site = new Site(
    ...['a', 'bb', 'ccc'].map((id) => ({ putNode: armed(id) })),
    { putNetwork: secret },
    { putNetwork: network('open') },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
    { putTask: task('z', 'ccc', { networks: [on('open', '10.128.0.9')] }) },
    { putTask: task('w', 'a', { networks: [on('open', '10.128.0.8')] }) },
  );
  t.deepEqual(
    site.told('a')?.endpoints.map(({ vtep }) => vtep),
    ['10.200.0.1', '10.200.0.2'],
  );
  t.deepEqual(
    site.told('a', 'open')?.endpoints.map(({ vtep }) => vtep),
    ['192.0.2.1', '192.0.2.3'],
  );
  const { peers, tunnelAddress } = site.shares.of(site.tables, 'a');
  t.is(tunnelAddress, '10.200.0.1');
  t.deepEqual(
    [...peers.values()],
    [{ nodeId: 'bb', tunnelAddress: '10.200.0.2', endpoint: '192.0.2.2', port: 24_790, publicKey: 'key-bb', generation: 1 }],
  );
  t.is(site.shares.of(site.tables, 'ccc').peers.size, 0, 'they share no encrypted network');
});

test('another key alone is told to whoever has a tunnel to that node', (t) => {
  const site = new Site(
    ...['a', 'bb', 'ccc'].map((id) => ({ putNode: armed(id) })),
    { putNetwork: secret },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
  );
  const before = site.shares.of(site.tables, 'a');
  t.is(site.touchedBy({ putNode: armed('bb', {}, 'newer', 2) }), 'a bb');
  const difference = shareDifference(before, site.shares.of(site.tables, 'a'));
  t.deepEqual(
    difference.peers.map(({ publicKey, generation }) => [publicKey, generation]),
    [['newer', 2]],
  );
  t.deepEqual([difference.networks, difference.networkChanges, difference.removedPeers], [[], [], []]);
  t.is(site.touchedBy({ putNode: armed('ccc', {}, 'newer', 2) }), 'ccc', 'nobody has a tunnel to that one');
  site.do(removeAction('task', 'y'));
  t.deepEqual(shareDifference(before, site.shares.of(site.tables, 'a')).removedPeers, ['bb']);
});

test('a node that reports no key yet is nobody’s peer', (t) => {
  const site = new Site(
    { putNode: armed('a') },
    { putNode: armed('bb', {}, '') },
    { putNetwork: secret },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
  );
  t.is(site.shares.of(site.tables, 'a').peers.size, 0);
  t.is(site.touchedBy({ putNode: armed('bb') }), 'a bb');
  t.is(site.shares.of(site.tables, 'a').peers.size, 1);
});

test('of a network that a node knows it is told only who changed', (t) => {
  const tasks = Array.from({ length: 50 }, (_, at) =>
    task(`t${at}`, at % 2 === 0 ? 'a' : 'bb', { networks: [on('net', `10.128.0.${at + 2}`)] }),
  );
  const site = new Site(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putNetwork: network('net') },
    ...tasks.map((one) => ({ putTask: one })),
  );
  const before = site.shares.of(site.tables, 'a');
  t.is(shareDifference(emptyShare, before).networks[0]?.endpoints.length, 50);
  site.do({ putTask: { ...(tasks[7] ?? task('', '')), desiredState: TaskState.SHUTDOWN } }, removeAction('task', 't9'));
  const after = site.shares.of(site.tables, 'a');
  const { networks, networkChanges } = shareDifference(before, after);
  t.deepEqual(networks, []);
  t.deepEqual(
    networkChanges.map(({ endpoints, removedEndpoints }) => [endpoints.map(({ taskId, serving }) => [taskId, serving]), removedEndpoints]),
    [[[['t7', false]], ['t9']]],
  );
  const others = before.networks.get('net')?.endpoints.filter(({ taskId }) => taskId !== 't7' && taskId !== 't9');
  t.true(
    others?.every((endpoint) => after.networks.get('net')?.endpoints.includes(endpoint) === true),
    'the rest are the same objects',
  );
});

test('a new network of the same name takes the services over from the one that is being removed', (t) => {
  const site = new Site(
    { putNode: node('a') },
    { putNetwork: network('net') },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'a', { networks: [on('newer', '10.128.3.2')] }) },
    { putService: service('web') },
  );
  t.is(site.told('a')?.services.length, 1);
  t.is(site.touchedBy({ putNetwork: { ...network('net'), removing: true } }, { putNetwork: { ...network('net'), id: 'newer' } }), 'a');
  t.deepEqual([site.told('a')?.services.length, site.told('a', 'newer')?.services.length], [0, 1]);
});
