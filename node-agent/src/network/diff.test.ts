import { emptyNetworkAssignment, parseCidr6, type TsoError } from '@tso/proto';
import test from 'ava';
import type { HostChanges } from './diff.ts';
import { hostChanges, networkProblem } from './diff.ts';
import { hostNames } from './names.ts';
import type { Observed, ObservedDevice } from './observed.ts';
import { type HostWish, hostWish, type WishedNetwork, wishedNetwork } from './plan.ts';

const names = hostNames('/run/tso', '/run/tso');
const settings = { clusterId: 'c', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: '' };

const network = (number: number, changes: Partial<WishedNetwork> = {}): WishedNetwork => ({
  ...wishedNetwork(
    {
      ...emptyNetworkAssignment,
      id: `n${number}`,
      name: `net${number}`,
      vni: 4096 + number,
      subnet: `10.32.${number}.0/24`,
      gateway: `10.32.${number}.1`,
      internal: false,
      endpoints: [],
    },
    { names, nodeId: 'here', nodeAddress: '' },
  ),
  ...changes,
});

const wish = (networks: readonly WishedNetwork[], changes: Partial<HostWish> = {}): HostWish => ({
  ...hostWish(networks, settings),
  ...changes,
});
const nothing: Observed = { devices: [], routes: [], neighbours: [], forwards: [] };

const vxlan = (one: WishedNetwork, changes: Partial<ObservedDevice> = {}): ObservedDevice => ({
  name: one.vxlanDevice,
  kind: 'vxlan',
  lower: '',
  up: true,
  mtu: 1450,
  mac: 'aa:aa:aa:aa:aa:aa',
  addresses: [],
  vxlan: { vni: one.vni, port: 4789, local: '' },
  ...changes,
});
const gateway = (one: WishedNetwork, changes: Partial<ObservedDevice> = {}): ObservedDevice => ({
  name: one.gatewayDevice,
  kind: 'macvlan',
  lower: one.vxlanDevice,
  up: true,
  mtu: 1450,
  mac: one.gatewayMac,
  addresses: [{ text: `${one.gateway}/24`, metric: 0 }],
  vxlan: undefined,
  ...changes,
});

/** A host that has exactly what is wished. */
const complete = (wished: HostWish): Observed => ({
  devices: wished.networks.flatMap((one) => [
    vxlan(one, { vxlan: { vni: one.vni, port: wished.vxlanPort, local: wished.nodeAddress } }),
    gateway(one),
  ]),
  routes: [{ type: 'unreachable', destination: wished.pool, metric: names.claimMetric }],
  neighbours: wished.networks.flatMap((one) => one.remotes.map(({ address, mac }) => ({ device: one.vxlanDevice, address, mac }))),
  forwards: wished.networks.flatMap((one) => one.remotes.map(({ mac, vtep }) => ({ device: one.vxlanDevice, mac, vtep }))),
});

const changes = (wished: HostWish, observed: Observed, keptVnis: readonly number[] = []): HostChanges =>
  hostChanges(wished, observed, { names, keptVnis: new Set(keptVnis) });

const problem = (one: WishedNetwork, observed: Observed, rest: Partial<HostWish> = {}): TsoError | undefined =>
  networkProblem(one, wish([one], rest), observed, names);
const plain = (text: string) => ({ text, metric: 0 });
const one = network(1);
const two = network(2);
const remote = { address: '10.32.1.9', address6: '', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' };

test('an empty host gets the claim, and for each network its VXLAN device and gateway', (t) => {
  const { links, ip, bridge, madeVnis, vxlanPorts, mended } = changes(wish([one]), nothing);
  t.deepEqual(links, [
    `link add name ${one.vxlanDevice} type vxlan id 4097 dstport 4789 nolearning proxy`,
    `link set dev ${one.vxlanDevice} mtu 1450 addrgenmode none`,
    `link set dev ${one.vxlanDevice} up`,
    `link add link ${one.vxlanDevice} name ${one.gatewayDevice} address 02:42:0a:20:01:01 mtu 1450 type macvlan mode bridge`,
    `link set dev ${one.gatewayDevice} addrgenmode none`,
  ]);
  t.deepEqual(ip, [
    `route add unreachable 10.32.0.0/12 metric ${names.claimMetric} proto 116`,
    `address replace 10.32.1.1/24 dev ${one.gatewayDevice}`,
    `link set dev ${one.gatewayDevice} up`,
  ]);
  t.deepEqual({ bridge, madeVnis, vxlanPorts }, { bridge: [], madeVnis: [4097], vxlanPorts: [4789] });
  t.deepEqual(mended, [
    'route that claims 10.32.0.0/12',
    `device ${one.vxlanDevice} of network net1`,
    `gateway ${one.gatewayDevice} of network net1`,
  ]);
});

test('a host that has all of it gets nothing', (t) => {
  const wished = wish([{ ...one, remotes: [remote] }, two]);
  const { links, ip, bridge, madeVnis, mended } = changes(wished, complete(wished));
  t.deepEqual({ links, ip, bridge, madeVnis, mended }, { links: [], ip: [], bridge: [], madeVnis: [], mended: [] });
});

test('with another host the VXLAN device has the own VTEP, and an endpoint there a neighbour and a forwarding entry', (t) => {
  const { links, ip, bridge } = changes(wish([{ ...one, remotes: [remote] }], { nodeAddress: '192.0.2.1' }), nothing);
  t.true(links.includes(`link add name ${one.vxlanDevice} type vxlan id 4097 dstport 4789 nolearning proxy local 192.0.2.1`));
  t.is(ip.at(-1), `neigh replace 10.32.1.9 lladdr 02:42:0a:20:01:09 dev ${one.vxlanDevice} nud permanent`);
  t.deepEqual(bridge, [`fdb replace 02:42:0a:20:01:09 dev ${one.vxlanDevice} dst 192.0.2.2 self permanent`]);
});

test('an endpoint that moved changes its forwarding entry, one that went leaves none', (t) => {
  const gone = { address: '10.32.1.10', address6: '', mac: '02:42:0a:20:01:0a', vtep: '192.0.2.2' };
  const before = complete(wish([{ ...one, remotes: [remote, gone] }]));
  const { ip, bridge } = changes(wish([{ ...one, remotes: [{ ...remote, vtep: '192.0.2.3' }] }]), before);
  t.deepEqual(ip, [`neigh delete 10.32.1.10 dev ${one.vxlanDevice}`]);
  t.deepEqual(bridge, [
    `fdb delete 02:42:0a:20:01:0a dev ${one.vxlanDevice} dst 192.0.2.2 self`,
    `fdb replace 02:42:0a:20:01:09 dev ${one.vxlanDevice} dst 192.0.2.3 self permanent`,
  ]);
});

test('the first address of a host that joins others is set without making the device again', (t) => {
  const { links, madeVnis } = changes(wish([one], { nodeAddress: '192.0.2.1' }), complete(wish([one])));
  t.deepEqual(links, [`link set dev ${one.vxlanDevice} type vxlan id 4097 local 192.0.2.1`]);
  t.deepEqual(madeVnis, []);
});

test('networks that are not wished go, unless a task still is on them', (t) => {
  const before = complete(wish([one, two]));
  t.deepEqual(changes(wish([one]), before).links, [`link delete dev ${two.vxlanDevice}`]);
  t.deepEqual(changes(wish([one]), before, [two.vni]).links, []);
});

test('devices of others are left alone', (t) => {
  const other = hostNames('/run/other', '/run/tso');
  const strangers = [
    vxlan(one, { name: other.vxlanDevice(1) }),
    gateway(one, { name: other.gatewayDevice(1) }),
    vxlan(one, { name: 'vxlan0', vxlan: { vni: 9, port: 4789, local: '' } }),
  ];
  t.deepEqual(changes(wish([], { pool: '' }), { ...nothing, devices: strangers }).links, []);
});

test('a claim of an older pool is replaced, those of other daemons stay', (t) => {
  const routes = [
    { type: 'unreachable', destination: '10.16.0.0/12', metric: names.claimMetric },
    { type: 'unreachable', destination: '10.48.0.0/12', metric: names.claimMetric + 1 },
  ];
  t.deepEqual(changes(wish([]), { ...nothing, routes }).ip, [
    `route delete unreachable 10.16.0.0/12 metric ${names.claimMetric} proto 116`,
    `route add unreachable 10.32.0.0/12 metric ${names.claimMetric} proto 116`,
  ]);
});

test('what someone changed by hand is put right without touching the rest', (t) => {
  const observed = (device: ObservedDevice, lower = vxlan(one)): Observed => ({ ...complete(wish([one])), devices: [lower, device] });
  t.deepEqual(changes(wish([one]), observed(gateway(one, { up: false }))).ip, [
    `address replace 10.32.1.1/24 dev ${one.gatewayDevice}`,
    `link set dev ${one.gatewayDevice} up`,
  ]);
  t.deepEqual(changes(wish([one]), observed(gateway(one, { addresses: ['10.32.1.1/24', '10.9.9.9/8'].map(plain) }))).ip, [
    `address delete 10.9.9.9/8 dev ${one.gatewayDevice}`,
  ]);
  t.is(changes(wish([one]), observed(gateway(one, { mac: '02:00:00:00:00:01' }))).links[0], `link delete dev ${one.gatewayDevice}`);
  t.deepEqual(changes(wish([one]), observed(gateway(one), vxlan(one, { mtu: 1400, up: false }))).links, [
    `link set dev ${one.vxlanDevice} mtu 1450`,
    `link set dev ${one.vxlanDevice} up`,
  ]);
});

test('a VXLAN device that cannot be changed is made again with all that is on it', (t) => {
  const observed = {
    ...complete(wish([one])),
    devices: [vxlan(one, { vxlan: { vni: 4097, port: 4790, local: '192.0.2.1' } }), gateway(one)],
  };
  const { links, madeVnis } = changes(wish([one], { nodeAddress: '192.0.2.1' }), observed);
  t.is(links[0], `link delete dev ${one.vxlanDevice}`);
  t.true(links.some((line) => line.startsWith(`link add link ${one.vxlanDevice} name ${one.gatewayDevice}`)));
  t.deepEqual(madeVnis, [4097]);
});

test('on one host a VNI that another has on the port is given another port, and keeps it', (t) => {
  const foreign = vxlan(one, { name: 'vxlan7' });
  const made = changes(wish([one]), { ...nothing, devices: [foreign] });
  t.deepEqual(made.vxlanPorts, [4790]);
  const own = vxlan(one, { vxlan: { vni: 4097, port: 4790, local: '' } });
  const after = changes(wish([one]), { ...complete(wish([one])), devices: [own, gateway(one)] });
  t.deepEqual(after.ip, []);
});

test('with several hosts a VNI that another device has is a conflict that names it', (t) => {
  const devices = [vxlan(one, { name: 'vxlan7' })];
  const error = problem(one, { ...nothing, devices }, { nodeAddress: '192.0.2.1' });
  t.regex(error?.message ?? '', /network net1 needs the VNI 4097 on UDP port 4789, which the device vxlan7/);
  t.is(error?.hint, 'Take that device away (ip link del vxlan7); where another cluster needs it, keep this host in only one of the two');
});

test('a subnet that another device of the host is on is a conflict that names both', (t) => {
  const eth0 = gateway(one, { name: 'eth0', addresses: [plain('10.32.0.7/16')] });
  t.is(
    problem(one, { ...nothing, devices: [eth0] })?.message,
    'subnet 10.32.1.0/24 of network net1 overlaps 10.32.0.7/16, which the device eth0 of this host has',
  );
  const six = network(1, { subnet6: parseCidr6('fd00:1::/64'), gateway6: 'fd00:1::1' });
  t.is(
    problem(six, { ...nothing, devices: [gateway(one, { name: 'eth0', addresses: [plain('fd00:1::5/128')] })] })?.message,
    'subnet fd00:1::/64 of network net1 overlaps fd00:1::5/128, which the device eth0 of this host has',
  );
  t.is(problem(one, complete(wish([one]))), undefined);
});

test('with IPv6 the gateway has an address of each family, and a remote endpoint two neighbour entries', (t) => {
  const six = network(1, { subnet6: parseCidr6('fd00:1::/64'), gateway6: 'fd00:1::1', remotes: [{ ...remote, address6: 'fd00:1::9' }] });
  const { ip, bridge } = changes(wish([six], { pool: '' }), nothing);
  t.deepEqual(ip, [
    `address replace 10.32.1.1/24 dev ${one.gatewayDevice}`,
    `address replace fd00:1::1/64 dev ${one.gatewayDevice} nodad`,
    `address replace fe80::1/64 dev ${one.gatewayDevice} nodad`,
    `link set dev ${one.gatewayDevice} up`,
    `neigh replace 10.32.1.9 lladdr 02:42:0a:20:01:09 dev ${one.vxlanDevice} nud permanent`,
    `neigh replace fd00:1::9 lladdr 02:42:0a:20:01:09 dev ${one.vxlanDevice} nud permanent`,
  ]);
  t.is(bridge.length, 1);
});

test('where the host has an address of its own a second device carries it, and the gateway only knows the subnet behind that', (t) => {
  const own = { device: names.ownDevice(one.vni), address: '10.32.1.7', address6: '', mac: '02:42:0a:20:01:07' };
  const { links, ip } = changes(wish([{ ...one, own }], { pool: '' }), nothing);
  t.true(links.includes(`link add link ${one.vxlanDevice} name ${own.device} address 02:42:0a:20:01:07 mtu 1450 type macvlan mode bridge`));
  t.deepEqual(ip, [
    `address replace 10.32.1.1/24 dev ${one.gatewayDevice} metric 1000`,
    `link set dev ${one.gatewayDevice} up`,
    `address replace 10.32.1.7/24 dev ${own.device}`,
    `link set dev ${own.device} up`,
  ]);
  // It came later: the gateway steps back. It goes again: so does its device.
  const before = complete(wish([one], { pool: '' }));
  t.is(changes(wish([{ ...one, own }], { pool: '' }), before).ip[0], `address replace 10.32.1.1/24 dev ${one.gatewayDevice} metric 1000`);
  const after = [...before.devices, gateway(one, { name: own.device, mac: own.mac, addresses: [plain('10.32.1.7/24')] })];
  t.deepEqual(changes(wish([one], { pool: '' }), { ...before, devices: after }).links, [`link delete dev ${own.device}`]);
});

test('an encrypted network speaks from the address inside tunnels, one that each host has for itself from none', (t) => {
  const rest = { nodeAddress: '192.0.2.1', tunnelAddress: '10.40.0.1' };
  const first = (network: WishedNetwork) => changes(wish([network], rest), nothing).links[0] ?? '';
  t.regex(first({ ...one, encrypted: true }), / local 10\.40\.0\.1$/);
  t.regex(first({ ...one, driver: 'bridge' }), / proxy$/);
});

test('a network on a parent has nothing of ours on the host, and needs the parent to be there and up', (t) => {
  const lan = network(3, { driver: 'macvlan', vni: 0, lower: 'eth1', vxlanDevice: '', gatewayDevice: '' });
  const eth1 = (up: boolean) => ({ ...nothing, devices: [gateway(one, { name: 'eth1', up, addresses: [plain('10.32.3.9/24')] })] });
  t.is(problem(lan, nothing)?.message, 'the device eth1, parent of network net3, is not on this host');
  t.is(problem(lan, eth1(false))?.message, 'the device eth1, parent of network net3, is down on this host');
  t.is(problem(lan, eth1(true)), undefined);
  t.deepEqual(changes(wish([lan], { pool: '' }), eth1(true)).links, []);
});

test('an MTU that grows does so from below, one of a gateway by itself too', (t) => {
  const grown = network(1, { mtu: 8950 });
  const { links, ip } = changes(wish([grown], { pool: '' }), complete(wish([one], { pool: '' })));
  t.deepEqual(links, [`link set dev ${one.vxlanDevice} mtu 8950`]);
  t.deepEqual(ip, [`link set dev ${one.gatewayDevice} mtu 8950`]);
});
