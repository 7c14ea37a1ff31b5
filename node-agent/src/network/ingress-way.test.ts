import { emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import { answeringAddress, ingressLeaveRules, ingressNotHere, ingressWay } from './ingress-way.ts';
import { hostNames } from './names.ts';
import { wishedNetwork } from './plan.ts';
import type { Attachment } from './task-interfaces.ts';
import { attachmentOn } from './testing/attachment.ts';

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

test('who is asked on the ingress network sees the address of this node', (t) => {
  t.deepEqual(ingressLeaveRules(way), ['ct status dnat ip daddr 10.40.0.0/16 snat ip to 10.40.0.2']);
});

test('without an address of its own a node rewrites no source, and without the network there is nothing to say', (t) => {
  t.deepEqual(ingressLeaveRules({ ...way, address: '' }), []);
  t.deepEqual(ingressLeaveRules(undefined), []);
  t.deepEqual(ingressNotHere(undefined), []);
});

const attachment = (changes: Partial<Attachment>): Attachment => attachmentOn(1, { device: 'eth0', ...changes });

test('a task of this host is asked on the network of its default route, unless that is none of ours', (t) => {
  const ingress = attachment({ networkId: 'ingress', ingress: true, address: '10.40.0.3' });
  const internal = attachment({ internal: true, address: '10.32.3.3' });
  t.is(answeringAddress([internal, attachment({}), ingress])?.address, '10.32.1.3');
  t.is(answeringAddress([internal, ingress]), undefined);
  t.is(answeringAddress([attachment({ resolves: false }), ingress]), undefined);
  t.is(answeringAddress([]), undefined);
});

test('both families, where the network has both', (t) => {
  const dual = { ...way, subnet6: 'fd00:40::/64', address6: 'fd00:40::2' };
  t.deepEqual(ingressNotHere(dual), ['ip daddr 10.40.0.0/16 return', 'ip6 daddr fd00:40::/64 return']);
  t.true(ingressLeaveRules(dual).includes('ct status dnat ip6 daddr fd00:40::/64 snat ip6 to fd00:40::2'));
});
