import test from 'ava';
import { parseDevices, parseForwards, parseHost, underlayMtu } from './observed.ts';

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
      { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
      { family: 'inet6', local: 'fd00::1', prefixlen: 64, scope: 'global', metric: 1000 },
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

test('devices are read with kind, state, addresses and what VXLAN says', (t) => {
  const [, eth0, vxlan, gateway] = parseDevices(devices);
  t.deepEqual(eth0, {
    name: 'eth0',
    kind: '',
    lower: '',
    up: true,
    mtu: 9000,
    mac: '02:fc:00:00:00:01',
    addresses: [
      { text: '192.0.2.1/24', metric: 0 },
      { text: 'fe80::1/64', metric: 0 },
      { text: 'fd00::1/64', metric: 1000 },
    ],
    vxlan: undefined,
  });
  t.deepEqual(vxlan?.vxlan, { vni: 5, port: 4789, local: '192.0.2.1' });
  t.false(vxlan?.up);
  t.deepEqual([gateway?.kind, gateway?.lower, gateway?.addresses], ['macvlan', 'tsox1', [{ text: '10.0.1.1/24', metric: 0 }]]);
});

test('the MTU below the overlay is that of the device with the own address, else 1500', (t) => {
  t.is(underlayMtu(parseDevices(devices), '192.0.2.1'), 9000);
  t.is(underlayMtu(parseDevices(devices), '192.0.2.2'), 1500);
  t.is(underlayMtu(parseDevices(devices), ''), 1500);
});

test('what one run of ip prints is told apart by its fields, and forwarding entries without a destination are none', (t) => {
  const text = [
    devices,
    '[{"type":"unreachable","dst":"10.0.0.0/12","protocol":"116","metric":4000000}]',
    '[{"dst":"10.0.0.9","dev":"tsox","lladdr":"02:42:0a:00:00:09","state":["PERMANENT"]},{"dst":"fd00::9","dev":"tsox","lladdr":"02:42:0a:00:00:09"}]',
    '',
  ].join('\n');
  const host = parseHost(text);
  t.deepEqual(
    host.devices.filter(({ name }) => name !== '').map(({ name }) => name),
    ['eth0', 'tsox1', 'tsog1'],
  );
  t.deepEqual(host.routes, [{ type: 'unreachable', destination: '10.0.0.0/12', metric: 4000000 }]);
  t.deepEqual(host.neighbours, [
    { device: 'tsox', address: '10.0.0.9', mac: '02:42:0a:00:00:09' },
    { device: 'tsox', address: 'fd00::9', mac: '02:42:0a:00:00:09' },
  ]);
  t.deepEqual(
    parseForwards(
      '[{"mac":"02:42:0a:00:00:09","ifname":"tsox","dst":"10.77.0.2","flags":["self"],"state":"permanent"},{"mac":"33:33:00:00:00:01","ifname":"g","flags":["self"]}]',
    ),
    [{ device: 'tsox', mac: '02:42:0a:00:00:09', vtep: '10.77.0.2' }],
  );
});

test('no output is nothing', (t) => {
  t.deepEqual(parseHost(''), { devices: [], routes: [], neighbours: [] });
  t.deepEqual(parseHost('[]\n[ ]\n'), { devices: [], routes: [], neighbours: [] });
  t.deepEqual(parseDevices('\n'), []);
  t.deepEqual(parseForwards('{}'), []);
});
