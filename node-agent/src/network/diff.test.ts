import { emptyNetworkAssignment, TsoError } from '@tso/proto';
import test from 'ava';
import type { HostChanges } from './diff.ts';
import { hostChanges } from './diff.ts';
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
  ...hostWish(networks, settings, 1500),
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
  addresses: [`${one.gateway}/24`],
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

const one = network(1);
const two = network(2);
const remote = { address: '10.32.1.9', mac: '02:42:0a:20:01:09', vtep: '192.0.2.2' };

test('an empty host gets the claim, and for each network its VXLAN device and gateway', (t) => {
  const { ip, bridge, madeVnis, vxlanPorts } = changes(wish([one]), nothing);
  t.deepEqual(ip, [
    `route add unreachable 10.32.0.0/12 metric ${names.claimMetric} proto 116`,
    `link add name ${one.vxlanDevice} type vxlan id 4097 dstport 4789 nolearning proxy`,
    `link set dev ${one.vxlanDevice} mtu 1450 addrgenmode none`,
    `link set dev ${one.vxlanDevice} up`,
    `link add link ${one.vxlanDevice} name ${one.gatewayDevice} address 02:42:0a:20:01:01 type macvlan mode bridge`,
    `link set dev ${one.gatewayDevice} addrgenmode none`,
    `address replace 10.32.1.1/24 dev ${one.gatewayDevice}`,
    `link set dev ${one.gatewayDevice} up`,
  ]);
  t.deepEqual({ bridge, madeVnis, vxlanPorts }, { bridge: [], madeVnis: [4097], vxlanPorts: [4789] });
});

test('a host that has all of it gets nothing', (t) => {
  const wished = wish([{ ...one, remotes: [remote] }, two]);
  const { ip, bridge, madeVnis } = changes(wished, complete(wished));
  t.deepEqual({ ip, bridge, madeVnis }, { ip: [], bridge: [], madeVnis: [] });
});

test('with another host the VXLAN device has the own VTEP, and an endpoint there a neighbour and a forwarding entry', (t) => {
  const { ip, bridge } = changes(wish([{ ...one, remotes: [remote] }], { nodeAddress: '192.0.2.1' }), nothing);
  t.true(ip.includes(`link add name ${one.vxlanDevice} type vxlan id 4097 dstport 4789 nolearning proxy local 192.0.2.1`));
  t.is(ip.at(-1), `neigh replace 10.32.1.9 lladdr 02:42:0a:20:01:09 dev ${one.vxlanDevice} nud permanent`);
  t.deepEqual(bridge, [`fdb replace 02:42:0a:20:01:09 dev ${one.vxlanDevice} dst 192.0.2.2 self permanent`]);
});

test('an endpoint that moved changes its forwarding entry, one that went leaves none', (t) => {
  const gone = { address: '10.32.1.10', mac: '02:42:0a:20:01:0a', vtep: '192.0.2.2' };
  const before = complete(wish([{ ...one, remotes: [remote, gone] }]));
  const { ip, bridge } = changes(wish([{ ...one, remotes: [{ ...remote, vtep: '192.0.2.3' }] }]), before);
  t.deepEqual(ip, [`neigh delete 10.32.1.10 dev ${one.vxlanDevice}`]);
  t.deepEqual(bridge, [
    `fdb delete 02:42:0a:20:01:0a dev ${one.vxlanDevice} dst 192.0.2.2 self`,
    `fdb replace 02:42:0a:20:01:09 dev ${one.vxlanDevice} dst 192.0.2.3 self permanent`,
  ]);
});

test('the first address of a host that joins others is set without making the device again', (t) => {
  const { ip, madeVnis } = changes(wish([one], { nodeAddress: '192.0.2.1' }), complete(wish([one])));
  t.deepEqual(ip, [`link set dev ${one.vxlanDevice} type vxlan id 4097 local 192.0.2.1`]);
  t.deepEqual(madeVnis, []);
});

test('networks that are not wished go, unless a task still is on them', (t) => {
  const before = complete(wish([one, two]));
  t.deepEqual(changes(wish([one]), before).ip, [`link delete dev ${two.vxlanDevice}`]);
  t.deepEqual(changes(wish([one]), before, [two.vni]).ip, []);
});

test('devices of others are left alone', (t) => {
  const other = hostNames('/run/other', '/run/tso');
  const strangers = [
    vxlan(one, { name: other.vxlanDevice(1) }),
    gateway(one, { name: other.gatewayDevice(1) }),
    vxlan(one, { name: 'vxlan0', vxlan: { vni: 9, port: 4789, local: '' } }),
  ];
  t.deepEqual(changes(wish([], { pool: '' }), { ...nothing, devices: strangers }).ip, []);
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
  t.deepEqual(changes(wish([one]), observed(gateway(one, { addresses: ['10.32.1.1/24', '10.9.9.9/8'] }))).ip, [
    `address delete 10.9.9.9/8 dev ${one.gatewayDevice}`,
  ]);
  t.is(changes(wish([one]), observed(gateway(one, { mac: '02:00:00:00:00:01' }))).ip[0], `link delete dev ${one.gatewayDevice}`);
  t.deepEqual(changes(wish([one]), observed(gateway(one), vxlan(one, { mtu: 1400, up: false }))).ip, [
    `link set dev ${one.vxlanDevice} mtu 1450`,
    `link set dev ${one.vxlanDevice} up`,
  ]);
});

test('a VXLAN device that cannot be changed is made again with all that is on it', (t) => {
  const observed = {
    ...complete(wish([one])),
    devices: [vxlan(one, { vxlan: { vni: 4097, port: 4790, local: '192.0.2.1' } }), gateway(one)],
  };
  const { ip, madeVnis } = changes(wish([one], { nodeAddress: '192.0.2.1' }), observed);
  t.is(ip[0], `link delete dev ${one.vxlanDevice}`);
  t.true(ip.some((line) => line.startsWith(`link add link ${one.vxlanDevice} name ${one.gatewayDevice}`)));
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
  const error = t.throws(() => changes(wish([one], { nodeAddress: '192.0.2.1' }), { ...nothing, devices }), {
    instanceOf: TsoError,
    message: /network net1 needs the VNI 4097 on UDP port 4789, which the device vxlan7/,
  });
  t.is(error.hint, 'Take that device away (ip link del vxlan7); where another cluster needs it, keep this host in only one of the two');
});

test('a subnet that another device of the host is on is a conflict that names both', (t) => {
  const eth0 = gateway(one, { name: 'eth0', addresses: ['10.32.0.7/16'] });
  t.throws(() => changes(wish([one]), { ...nothing, devices: [eth0] }), {
    message: 'subnet 10.32.1.0/24 of network net1 overlaps 10.32.0.7/16, which the device eth0 of this host has',
  });
});
