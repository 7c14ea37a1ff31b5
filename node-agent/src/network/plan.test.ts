import type { Endpoint, NetworkAssignment } from '@tso/proto';
import { emptyEndpoint, emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { hostNames } from './names.ts';
import { clashWith, hostWish, wishedNetwork } from './plan.ts';

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
    { address: '10.32.1.9', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' },
    { address: '10.32.1.10', mac: '02:42:0a:20:01:0a', vtep: '192.0.2.2' },
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
  t.deepEqual(wished.remotes, [{ address: '10.32.1.9', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' }]);
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

test('the overlay has fifty bytes less than what it runs over', (t) => {
  const settings = { clusterId: 'c', addressPool: '10.33.7.0/12', vxlanPort: 0, nodeAddress: '' };
  t.deepEqual(hostWish([], settings, 9000), { networks: [], pool: '10.32.0.0/12', mtu: 8950, vxlanPort: 4789, nodeAddress: '' });
  t.is(hostWish([], undefined, 1500).pool, '');
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
});
