import test from 'ava';
import { parseDevices, parseForwardDrops, parseForwards, parseNeighbours, parseRoutes, underlayMtu } from './observed.ts';

// Output of iproute2 6.1, shortened to what is read.
const devices = JSON.stringify([
  {},
  {
    ifname: 'eth0',
    flags: ['BROADCAST', 'UP', 'LOWER_UP'],
    mtu: 9000,
    address: '02:fc:00:00:00:01',
    addr_info: [
      { family: 'inet', local: '192.0.2.1', prefixlen: 24 },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64 },
    ],
  },
  {
    ifname: 'tsox1',
    flags: [],
    mtu: 1450,
    address: 'aa:bb:cc:dd:ee:ff',
    linkinfo: { info_kind: 'vxlan', info_data: { id: 5, port: 4789, local: '192.0.2.1', learning: false } },
    addr_info: [],
  },
  {
    ifname: 'tsog1',
    link: 'tsox1',
    flags: ['UP'],
    mtu: 1450,
    address: '02:42:0a:00:01:01',
    linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } },
    addr_info: [{ family: 'inet', local: '10.0.1.1', prefixlen: 24 }],
  },
]);

test('devices are read with kind, state, IPv4 addresses and what VXLAN says', (t) => {
  const [, eth0, vxlan, gateway] = parseDevices(devices);
  t.deepEqual(eth0, {
    name: 'eth0',
    kind: '',
    lower: '',
    up: true,
    mtu: 9000,
    mac: '02:fc:00:00:00:01',
    addresses: ['192.0.2.1/24'],
    vxlan: undefined,
  });
  t.deepEqual(vxlan?.vxlan, { vni: 5, port: 4789, local: '192.0.2.1' });
  t.false(vxlan?.up);
  t.deepEqual([gateway?.kind, gateway?.lower, gateway?.addresses], ['macvlan', 'tsox1', ['10.0.1.1/24']]);
});

test('the MTU below the overlay is that of the device with the own address, else 1500', (t) => {
  t.is(underlayMtu(parseDevices(devices), '192.0.2.1'), 9000);
  t.is(underlayMtu(parseDevices(devices), '192.0.2.2'), 1500);
  t.is(underlayMtu(parseDevices(devices), ''), 1500);
});

test('routes, neighbours and forwarding entries are read; what has no destination is none', (t) => {
  t.deepEqual(parseRoutes('[{"type":"unreachable","dst":"10.0.0.0/12","protocol":"116","metric":4000000}]'), [
    { type: 'unreachable', destination: '10.0.0.0/12', metric: 4000000 },
  ]);
  t.deepEqual(parseNeighbours('[{"dst":"10.0.0.9","dev":"tsox","lladdr":"02:42:0a:00:00:09","state":["PERMANENT"]}]'), [
    { device: 'tsox', address: '10.0.0.9', mac: '02:42:0a:00:00:09' },
  ]);
  t.deepEqual(
    parseForwards(
      '[{"mac":"02:42:0a:00:00:09","ifname":"tsox","dst":"10.77.0.2","flags":["self"],"state":"permanent"},{"mac":"33:33:00:00:00:01","ifname":"g","flags":["self"]}]',
    ),
    [{ device: 'tsox', mac: '02:42:0a:00:00:09', vtep: '10.77.0.2' }],
  );
});

test('no output is nothing', (t) => {
  t.deepEqual(parseRoutes(''), []);
  t.deepEqual(parseDevices('\n'), []);
  t.deepEqual(parseForwards('{}'), []);
});

test('chains of others that drop what is forwarded are named', (t) => {
  const chain = (table: string, hook: string, policy: string) => ({ chain: { family: 'ip', table, name: 'FORWARD', hook, policy } });
  const json = JSON.stringify({
    nftables: [
      { metainfo: {} },
      chain('filter', 'forward', 'drop'),
      chain('filter', 'input', 'drop'),
      chain('tso', 'forward', 'drop'),
      chain('x', 'forward', 'accept'),
    ],
  });
  t.deepEqual(parseForwardDrops(json, 'tso'), ['ip filter/FORWARD']);
  t.deepEqual(parseForwardDrops('', 'tso'), []);
});
