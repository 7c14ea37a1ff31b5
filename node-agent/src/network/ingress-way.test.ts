import { emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import { ingressLeaveRules, ingressNotHere, ingressWay } from './ingress-way.ts';
import { hostNames } from './names.ts';
import { wishedNetwork } from './plan.ts';

const way = { subnet: '10.40.0.0/16', address: '10.40.0.2', subnet6: '', address6: '' };
const network = (changes: Partial<NetworkAssignment>) =>
  wishedNetwork(
    {
      ...emptyNetworkAssignment,
      id: 'ingress',
      name: 'ingress',
      vni: 4096,
      subnet: '10.40.0.0/16',
      gateway: '10.40.0.1',
      ingress: true,
      ...changes,
    },
    { names: hostNames('/run/tso', '/run/tso'), nodeId: 'here', nodeAddress: '192.0.2.1' },
  );
const host = (nodeId: string, address: string) => ({ nodeId, address, address6: '', vtep: '192.0.2.2' });

test('the way is the ingress network and the own address on it', (t) => {
  t.is(ingressWay([network({ ingress: false })]), undefined);
  t.deepEqual(ingressWay([network({ hosts: [host('there', '10.40.0.9'), host('here', '10.40.0.2')] })]), way);
  t.is(ingressWay([network({})])?.address, '');
});

test('a task elsewhere sees the address of this node, one of this node the client unless that is a loopback address or a task', (t) => {
  t.deepEqual(ingressLeaveRules(way, ['10.32.1.0/24', '10.40.0.0/16']), [
    'ct status dnat ip daddr 10.40.0.0/16 ip saddr { 127.0.0.0/8, 10.32.1.0/24, 10.40.0.0/16 } snat ip to 10.40.0.2',
    'ct status dnat ip daddr 10.40.0.0/16 meta l4proto tcp ct original proto-dst vmap @own_tcp_lanes',
    'ct status dnat ip daddr 10.40.0.0/16 meta l4proto udp ct original proto-dst vmap @own_udp_lanes',
    'ct status dnat ip daddr 10.40.0.0/16 meta l4proto sctp ct original proto-dst vmap @own_sctp_lanes',
    'ct status dnat ip daddr 10.40.0.0/16 snat ip to 10.40.0.2',
  ]);
});

test('without an address of its own a node rewrites no source, and without the network there is nothing to say', (t) => {
  t.deepEqual(ingressLeaveRules({ ...way, address: '' }, ['10.32.1.0/24']), []);
  t.deepEqual(ingressLeaveRules(undefined, []), []);
  t.deepEqual(ingressNotHere(undefined), []);
});

test('both families, where the network has both', (t) => {
  const dual = { ...way, subnet6: 'fd00:40::/64', address6: 'fd00:40::2' };
  t.deepEqual(ingressNotHere(dual), ['ip daddr 10.40.0.0/16 return', 'ip6 daddr fd00:40::/64 return']);
  t.true(ingressLeaveRules(dual, []).includes('ct status dnat ip6 daddr fd00:40::/64 snat ip6 to fd00:40::2'));
});
