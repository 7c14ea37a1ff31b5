import { emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { ingressLeaveRules, ingressNotHere, ingressWay } from './ingress-way.ts';

const network = { ...emptyNetworkAssignment, id: 'ingress', name: 'ingress', subnet: '10.40.0.0/16', ingress: true };
const host = (nodeId: string, address: string) => ({ nodeId, address, address6: '', vtep: '' });
const way = { subnet: '10.40.0.0/16', address: '10.40.0.2', subnet6: '', address6: '' };

test('the way is the ingress network and the own address on it', (t) => {
  t.is(ingressWay([{ ...network, ingress: false }], 'here'), undefined);
  t.deepEqual(ingressWay([{ ...network, hosts: [host('there', '10.40.0.9'), host('here', '10.40.0.2')] }], 'here'), way);
  t.is(ingressWay([network], 'here')?.address, '');
});

test('a task elsewhere sees the address of this node, one of this node the client unless that is a loopback address or a task', (t) => {
  t.deepEqual(ingressLeaveRules(way, ['10.32.1.0/24', '10.40.0.0/16']), [
    'ct status dnat ip daddr 10.40.0.0/16 ip saddr { 127.0.0.0/8, 10.32.1.0/24, 10.40.0.0/16 } snat ip to 10.40.0.2',
    'ct status dnat ip daddr 10.40.0.0/16 meta l4proto . ct original proto-dst vmap @own_lanes',
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
