import type { Endpoint, NetworkAssignment } from '@tso/proto';
import { emptyEndpoint, emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { hostNames } from './names.ts';
import { clashWith, hostWish, isEncrypted, wishedNetwork } from './plan.ts';

const names = hostNames('/run/tso', '/run/tso');
const host = { names, nodeId: 'here', nodeAddress: '192.0.2.1' };

const endpoint = (address: string, changes: Partial<Endpoint> = {}): Endpoint => ({
  ...emptyEndpoint,
  taskId: `task${address}`,
  serviceName: 'web',
  stack: 'shop',
  slot: 1,
  address,
  mac: '',
  nodeId: 'there',
  vtep: '192.0.2.2',
  names: [],
  serving: true,
  ...changes,
});

const network = (changes: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id: 'n',
  name: 'shop_default',
  vni: 4097,
  subnet: '10.32.1.0/24',
  gateway: '10.32.1.1',
  internal: false,
  endpoints: [],
  ...changes,
});

test('a network has devices named for it and a gateway whose MAC is the same on every host', (t) => {
  const wished = wishedNetwork(network(), host);
  t.is(wished.vxlanDevice, names.vxlanDevice(4097));
  t.is(wished.gatewayMac, '02:42:0a:20:01:01');
});

test('only endpoints behind another VTEP are remote, sorted by address, waiting ones included', (t) => {
  const endpoints = [
    endpoint('10.32.1.10'),
    endpoint('10.32.1.9', { serving: false, mac: '02:42:0A:20:01:09' }),
    endpoint('10.32.1.3', { nodeId: 'here' }),
    endpoint('10.32.1.4', { vtep: '' }),
    endpoint('10.32.1.5', { vtep: '192.0.2.1' }),
  ];
  t.deepEqual(wishedNetwork(network({ endpoints }), host).remotes, [
    { address: '10.32.1.9', address6: '', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' },
    { address: '10.32.1.10', address6: '', mac: '02:42:0a:20:01:0a', vtep: '192.0.2.2' },
  ]);
});

test('an endpoint that cannot be reached as it says is left out and named, and the others stay', (t) => {
  const endpoints = [
    endpoint('10.32.1.9'),
    endpoint('10.32.1.10', { vtep: 'nonsense' }),
    endpoint('10.32.1.11', { vtep: '224.0.0.1' }),
    endpoint('10.32.1.12', { vtep: '0.0.0.0' }),
    endpoint('10.32.1.13', { vtep: '192.0.02.1' }),
    endpoint('10.32.1.14', { mac: 'x' }),
    endpoint('nowhere'),
    endpoint('10.32.1.15', { nodeId: 'here', vtep: 'nonsense' }),
  ];
  const wished = wishedNetwork(network({ endpoints }), host);
  t.deepEqual(wished.remotes, [{ address: '10.32.1.9', address6: '', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' }]);
  t.deepEqual(
    wished.leftOut.map((text) => text.replace(/^task task/, '')),
    [
      '10.32.1.10 on node there: its VTEP "nonsense" is not the IPv4 address of a host',
      '10.32.1.11 on node there: its VTEP "224.0.0.1" is not the IPv4 address of a host',
      '10.32.1.12 on node there: its VTEP "0.0.0.0" is not the IPv4 address of a host',
      '10.32.1.13 on node there: its VTEP "192.0.02.1" is not the IPv4 address of a host',
      '10.32.1.14 on node there: endpoint MAC "x" is not a MAC address',
      'nowhere on node there: endpoint address "nowhere" is not an IPv4 address',
    ],
  );
});

test('numbers that cannot be used are refused with the name of the network', (t) => {
  const message = (changes: Partial<NetworkAssignment>) => t.throws(() => wishedNetwork(network(changes), host))?.message ?? '';
  t.regex(message({ subnet: 'x' }), /subnet of network shop_default "x" is not an IPv4 prefix/);
  t.regex(message({ gateway: '10.32.2.1' }), /gateway 10\.32\.2\.1 of network shop_default is outside its subnet 10\.32\.1\.0\/24/);
  t.regex(message({ vni: 0 }), /network shop_default has the VNI 0/);
  t.regex(message({ vni: 2 ** 24 }), /VNI 16777216/);
});

test('the wish of a host has its networks by VNI, and claims the pool once there are settings', (t) => {
  const settings = { clusterId: 'c', addressPool: '10.33.7.0/12', vxlanPort: 0, nodeAddress: '' };
  t.deepEqual(hostWish([], settings), { networks: [], pool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: '', tunnelAddress: '' });
  t.is(hostWish([], undefined).pool, '');
  const networks = [network({ vni: 9 }), network({ vni: 5 })].map((one) => wishedNetwork(one, host));
  t.deepEqual(
    hostWish(networks, settings).networks.map(({ vni }) => vni),
    [5, 9],
  );
});

test('other hosts have addresses of their own, and this one has its device for that', (t) => {
  const hosts = [
    { nodeId: 'here', address: '10.32.1.7', address6: '', vtep: '192.0.2.1' },
    { nodeId: 'there', address: '10.32.1.8', address6: '', vtep: '192.0.2.2' },
  ];
  const wished = wishedNetwork(network({ ingress: true, hosts }), host);
  t.deepEqual(wished.own, { device: names.ownDevice(4097), address: '10.32.1.7', address6: '', mac: '02:43:0a:20:01:07' });
  t.deepEqual(wished.remotes, [{ address: '10.32.1.8', address6: '', mac: '02:43:0a:20:01:08', vtep: '192.0.2.2' }]);
  const [, other] = hosts;
  t.is(wishedNetwork(network({ hosts: other === undefined ? [] : [other] }), host).own, undefined);
  t.regex(
    t.throws(() => wishedNetwork(network({ hosts: [{ nodeId: 'here', address: '10.9.9.9', address6: '', vtep: '' }] }), host))?.message ??
      '',
    /own address 10\.9\.9\.9 is outside the subnet 10\.32\.1\.0\/24 of network shop_default/,
  );
});

test('IPv6 is read in any spelling and kept in one', (t) => {
  const wished = wishedNetwork(
    network({
      subnet6: 'FD00:0:0:1::/64',
      gateway6: 'fd00:0000::1:0:0:0:1',
      endpoints: [endpoint('10.32.1.9', { address6: 'fd00:0:0:1:0:0:0:9' })],
    }),
    host,
  );
  t.is(wished.gateway6, 'fd00:0:0:1::1');
  t.is(wished.remotes[0]?.address6, 'fd00:0:0:1::9');
  const message = (changes: Partial<NetworkAssignment>) => t.throws(() => wishedNetwork(network(changes), host))?.message ?? '';
  t.regex(message({ subnet6: '10.0.0.0/8' }), /subnet "10\.0\.0\.0\/8" of network shop_default is not an IPv6 prefix/);
  t.regex(
    message({ subnet6: 'fd00::/64', gateway6: 'fd01::1' }),
    /gateway fd01::1 of network shop_default is outside its subnet fd00::\/64/,
  );
});

test('a network that each host has for itself reaches nobody elsewhere, and may be as large as what leaves the host', (t) => {
  const wished = wishedNetwork(network({ driver: 'bridge', endpoints: [endpoint('10.32.1.9')] }), host);
  t.deepEqual([wished.remotes, wished.mtu, wished.gatewayDevice], [[], 1500, names.gatewayDevice(4097)]);
});

test('a network on a parent has that for its devices, and no gateway of ours', (t) => {
  const wished = wishedNetwork(network({ driver: 'macvlan', vni: 0, gateway: '', driverOpts: { parent: 'eth1.5' } }), host);
  t.deepEqual([wished.lower, wished.vxlanDevice, wished.gatewayDevice, wished.gateway, wished.mtu], ['eth1.5', '', '', '', 0]);
  const message = (changes: Partial<NetworkAssignment>) => t.throws(() => wishedNetwork(network(changes), host))?.message ?? '';
  t.is(message({ driver: 'macvlan' }), 'network shop_default has no parent');
  t.is(
    message({ driver: 'macvlan', driverOpts: { parent: 'eth0 type' } }),
    'network shop_default has the parent "eth0 type", which names no device',
  );
  t.is(message({ driver: 'ipvlan' }), 'network shop_default has the driver "ipvlan", which this agent does not know');
});

test('an encrypted network reaches others only once this host has an address inside tunnels', (t) => {
  const encrypted = network({ driverOpts: { encrypted: '' }, endpoints: [endpoint('10.32.1.9', { vtep: '10.40.0.2' })] });
  const without = wishedNetwork(encrypted, host);
  t.deepEqual([without.encrypted, without.remotes, without.mtu], [true, [], 1370]);
  t.regex(without.remarks.join(), /network shop_default is encrypted, and this host has no tunnel yet/);
  const wished = wishedNetwork(encrypted, { ...host, tunnelAddress: '10.40.0.1' });
  t.deepEqual([wished.remotes.map(({ vtep }) => vtep), wished.remarks], [['10.40.0.2'], []]);
  t.false(isEncrypted(network({ driverOpts: { encrypted: 'false' } })));
  t.false(isEncrypted(network({ driver: 'bridge', driverOpts: { encrypted: 'true' } })));
});

test('two networks with one VNI or overlapping subnets cannot be on one host', (t) => {
  const first = wishedNetwork(network(), host);
  const beside = (changes: Partial<NetworkAssignment>) =>
    clashWith([first], wishedNetwork(network({ name: 'other', ...changes }), host))?.message;
  t.is(
    beside({ subnet: '10.33.1.0/24', gateway: '10.33.1.1' }),
    'the VNI 4097 of network other meets that of network shop_default (10.32.1.0/24)',
  );
  t.is(
    beside({ vni: 5, subnet: '10.32.0.0/16' }),
    'subnet 10.32.0.0/16 of network other meets that of network shop_default (10.32.1.0/24)',
  );
  t.is(beside({ vni: 5, subnet: '10.33.1.0/24', gateway: '10.33.1.1' }), undefined);
  const six = { subnet6: 'fd00::/64', gateway6: 'fd00::1' };
  t.is(
    clashWith(
      [wishedNetwork(network(six), host)],
      wishedNetwork(network({ ...six, name: 'other', vni: 5, subnet: '10.33.1.0/24', gateway: '10.33.1.1' }), host),
    )?.message,
    'subnet fd00::/64 of network other meets that of network shop_default (10.32.1.0/24)',
  );
  t.is(clashWith([first], wishedNetwork(network({ driver: 'macvlan', driverOpts: { parent: 'eth0' } }), host)), undefined);
});
