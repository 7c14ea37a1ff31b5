import { emptyEndpoint, emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import { hostNames } from './names.ts';
import { type HostWish, hostWish, wishedNetwork } from './plan.ts';
import { emptyPortTable } from './port-table.ts';
import { hostTable, removedTable, vtepPatch } from './table.ts';

const names = hostNames('/run/tso', '/run/tso');
const host = { names, nodeId: 'here', nodeAddress: '192.0.2.1', tunnelAddress: '10.40.0.1' };
const network = (number: number, changes: Partial<NetworkAssignment> = {}) =>
  wishedNetwork(
    {
      ...emptyNetworkAssignment,
      id: `n${number}`,
      name: `net${number}`,
      vni: number,
      subnet: `10.32.${number}.0/24`,
      gateway: `10.32.${number}.1`,
      ...changes,
    },
    host,
  );
const at = (number: number, vtep: string) => ({ ...emptyEndpoint, taskId: vtep, nodeId: vtep, address: `10.32.${number}.9`, vtep });
const wish = (...networks: ReturnType<typeof network>[]): HostWish => hostWish(networks, undefined, host.tunnelAddress);
const input = { names, vxlanPorts: [4789], ports: emptyPortTable, ingress: undefined, movesFlows: true, tunnelAddresses: [] };
const textOf = (...networks: ReturnType<typeof network>[]): string => hostTable({ ...input, wish: wish(...networks) });

test('frames are taken from hosts of the network: in the clear, through tunnels, or from nobody', (t) => {
  const text = textOf(
    network(1, { endpoints: [at(1, '192.0.2.2')] }),
    network(2, { driver: 'bridge' }),
    network(3, { driverOpts: { encrypted: 'true' }, endpoints: [at(3, '10.40.0.2')] }),
  );
  t.regex(text, /set vteps \{\n +typeof @th,96,24 \. ip saddr\n +elements = \{ 1 \. 192\.0\.2\.2, 3 \. 10\.40\.0\.2 \}/);
  t.true(text.includes('udp dport { 4789 } @th,96,24 { 1, 3 } @th,96,24 . ip saddr != @vteps drop'));
  t.true(text.includes('udp dport { 4789 } @th,96,24 { 2 } drop'));
});

test('a host of one network is no sender of frames of another', (t) => {
  const text = textOf(network(1, { endpoints: [at(1, '192.0.2.2')] }), network(2, { endpoints: [at(2, '192.0.2.3')] }));
  t.true(text.includes('elements = { 1 . 192.0.2.2, 2 . 192.0.2.3 }'));
});

test('no container sends frames of its own out in the name of the host, also when no device has told its port yet', (t) => {
  const forward = (vxlanPorts: readonly number[]): string => {
    const text = hostTable({ ...input, wish: wish(network(1)), vxlanPorts });
    return text.slice(text.indexOf('chain forward')).split('\n')[2] ?? '';
  };
  const inner = `{ "${names.gatewayPattern}", "${names.ownPattern}" }`;
  t.is(forward([]).trim(), `iifname ${inner} oifname != ${inner} udp dport { 4789 } drop`);
  t.is(forward([4790]).trim(), `iifname ${inner} oifname != ${inner} udp dport { 4790, 4789 } drop`);
});

test('by a network without a way out nothing but answers is forwarded, whether or not it belongs to a connection', (t) => {
  const hosts = [{ nodeId: 'here', address: '10.32.5.250', address6: '', vtep: '' }];
  const text = textOf(network(4, { internal: true }), network(5, { ingress: true, hosts }), network(6));
  const closed = `{ "${names.gatewayDevice(4)}", "${names.gatewayDevice(5)}", "${names.ownPattern}" }`;
  const forward = text.slice(text.indexOf('chain forward'));
  t.true(forward.includes(`iifname ${closed} ct direction reply accept\n    iifname ${closed} drop`));
  t.true(text.includes('ip saddr { 10.32.6.0/24 } masquerade'), 'only the open network leaves in the name of the host');
  t.regex(
    text,
    new RegExp(
      `iifname \\{ "${names.gatewayDevice(4)}" \\} ip daddr \\{ 10\\.32\\.4\\.1 \\} .*dport \\{ udp \\. 53, tcp \\. 53 \\} accept`,
    ),
  );
  t.false(text.includes('10.32.5.1 } meta l4proto . th dport { udp . 53'), 'no names on the network that carries ports');
});

test('with IPv6 the same holds for it', (t) => {
  const text = textOf(
    network(1, { subnet6: 'fd00::/64', gateway6: 'fd00::1' }),
    network(2, { internal: true, subnet6: 'fd01::/64', gateway6: 'fd01::1' }),
  );
  t.true(text.includes('ip6 saddr { fd00::/64 } masquerade'));
  t.true(text.includes('ip6 daddr { fd00::/64, fd01::/64 } drop'));
  t.regex(text, /icmpv6 type \{ nd-router-solicit, nd-router-advert, nd-redirect \} drop/);
});

test('a network on a parent is in no rule, and alone it needs no table', (t) => {
  const lan = network(0, { driver: 'macvlan', driverOpts: { parent: 'eth0' } });
  t.is(textOf(lan), removedTable(names));
});

test('hosts that come and go change the set alone', (t) => {
  const before = wish(network(1, { endpoints: [at(1, '192.0.2.2'), { ...at(1, '192.0.2.3'), address: '10.32.1.8' }] }));
  const after = wish(network(1, { endpoints: [at(1, '192.0.2.3'), { ...at(1, '192.0.2.4'), address: '10.32.1.8' }] }));
  t.is(vtepPatch('tso', before, after), 'delete element inet tso vteps { 1 . 192.0.2.2 }\nadd element inet tso vteps { 1 . 192.0.2.4 }\n');
  t.is(vtepPatch('tso', before, before), '');
});
