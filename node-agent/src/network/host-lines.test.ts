import { emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import { addressLine, gatewayOf, hostDevices, vxlanLines } from './host-lines.ts';
import { hostNames } from './names.ts';
import { wishedNetwork } from './plan.ts';

const names = hostNames('/run/tso', '/run/tso');
const network = (changes: Partial<NetworkAssignment> = {}) =>
  wishedNetwork(
    { ...emptyNetworkAssignment, id: 'n', name: 'net', vni: 5, subnet: '10.0.1.0/24', gateway: '10.0.1.1', ...changes },
    { names, nodeId: 'here', nodeAddress: '192.0.2.1' },
  );

test('a VXLAN device never learns, answers ARP itself, and has its MTU before it is up', (t) => {
  t.deepEqual(vxlanLines(network(), 4789, '192.0.2.1'), [
    `link add name ${names.vxlanDevice(5)} type vxlan id 5 dstport 4789 nolearning proxy local 192.0.2.1`,
    `link set dev ${names.vxlanDevice(5)} mtu 1450 addrgenmode none`,
    `link set dev ${names.vxlanDevice(5)} up`,
  ]);
});

test('the host is on a network by its gateway, by its own address where it has one, and not at all on a parent', (t) => {
  t.is(hostDevices(network()).length, 1);
  const hosts = [{ nodeId: 'here', address: '10.0.1.7', address6: 'fd00::7', vtep: '' }];
  const [gateway, own] = hostDevices(network({ hosts, subnet6: 'fd00::/64', gateway6: 'fd00::1' }));
  t.deepEqual(own?.addresses, ['10.0.1.7/24', 'fd00::7/64', 'fe80::2/64']);
  t.deepEqual([gateway?.metric, own?.metric], [1000, 0]);
  t.deepEqual(hostDevices(network({ driver: 'macvlan', driverOpts: { parent: 'eth0' } })), []);
});

test('an IPv6 address is used at once', (t) => {
  const gateway = gatewayOf(network({ subnet6: 'fd00::/64', gateway6: 'fd00::1' }));
  t.is(addressLine(gateway, 'fd00::1/64'), `address replace fd00::1/64 dev ${names.gatewayDevice(5)} nodad`);
  t.is(addressLine(gateway, '10.0.1.1/24'), `address replace 10.0.1.1/24 dev ${names.gatewayDevice(5)}`);
});
