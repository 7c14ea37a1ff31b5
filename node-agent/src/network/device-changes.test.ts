import { emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { hostDeviceChanges, vxlanChanges } from './device-changes.ts';
import { gatewayOf } from './host-lines.ts';
import { hostNames } from './names.ts';
import type { ObservedDevice } from './observed.ts';
import { wishedNetwork } from './plan.ts';

const names = hostNames('/run/tso', '/run/tso');
const network = wishedNetwork(
  { ...emptyNetworkAssignment, id: 'n', name: 'net', vni: 5, subnet: '10.0.1.0/24', gateway: '10.0.1.1' },
  { names, nodeId: 'here', nodeAddress: '' },
);
const gateway = gatewayOf(network);
const present = (changes: Partial<ObservedDevice>): ObservedDevice => ({
  name: gateway.name,
  kind: 'macvlan',
  lower: network.vxlanDevice,
  up: true,
  mtu: 1450,
  mac: gateway.mac,
  addresses: [{ text: '10.0.1.1/24', metric: 0 }],
  vxlan: undefined,
  ...changes,
});

test('a gateway that is as it should be lacks nothing', (t) => {
  t.deepEqual(hostDeviceChanges(network, gateway, present({})), []);
});

test('what is missing of a gateway is said by name', (t) => {
  const [change] = hostDeviceChanges(network, gateway, present({ addresses: [] }));
  t.is(change?.what, `gateway ${gateway.name} of network net`);
  t.deepEqual(change?.ip, [`address replace 10.0.1.1/24 dev ${gateway.name}`]);
});

test('a device of our name that is something else is made again', (t) => {
  for (const wrong of [{ kind: 'dummy' }, { lower: 'eth0' }, { mac: '02:00:00:00:00:01' }]) {
    t.is(hostDeviceChanges(network, gateway, present(wrong))[0]?.links[0], `link delete dev ${gateway.name}`);
  }
});

test('a VXLAN device with another VNI or port is made again, one with another address is changed', (t) => {
  const vxlan = (vni: number, port: number, local: string) =>
    present({ name: network.vxlanDevice, kind: 'vxlan', lower: '', addresses: [], vxlan: { vni, port, local } });
  const wish = { port: 4789, local: '192.0.2.1' };
  t.false(vxlanChanges(network, wish, vxlan(5, 4789, '192.0.2.1')).made);
  t.true(vxlanChanges(network, wish, vxlan(6, 4789, '192.0.2.1')).made);
  t.true(vxlanChanges(network, wish, vxlan(5, 4790, '192.0.2.1')).made);
  t.deepEqual(vxlanChanges(network, wish, vxlan(5, 4789, '192.0.2.9')), {
    made: false,
    changes: [
      {
        what: `device ${network.vxlanDevice} of network net`,
        links: [`link set dev ${network.vxlanDevice} type vxlan id 5 local 192.0.2.1`],
        ip: [],
      },
    ],
  });
});
