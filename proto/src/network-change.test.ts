import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  EndpointMode,
  emptyEndpoint,
  emptyNetworkAssignment,
  isNoChange,
  type NetworkAssignment,
  networkChange,
  networksOfSet,
  withNetworkChange,
} from './index.ts';

const endpoint = (taskId: string, address: string) => ({ ...emptyEndpoint, taskId, address });
const host = (nodeId: string) => ({ nodeId, address: '10.0.0.9', address6: '', vtep: '192.0.2.1' });
const service = (serviceId: string, vip: string) => ({
  serviceId,
  name: serviceId,
  stack: 'shop',
  mode: EndpointMode.VIP,
  vip,
  vip6: '',
  names: [serviceId],
  affinity: false,
  ports: [],
});
const net = (change: Partial<NetworkAssignment>): NetworkAssignment => ({ ...emptyNetworkAssignment, id: 'net', ...change });

test('a change names who is new, who is another than before and who is gone, and nobody else', (t) => {
  const [a, b, d] = [endpoint('a', '10.0.0.2'), endpoint('b', '10.0.0.3'), endpoint('d', '10.0.0.5')];
  const [other, c] = [endpoint('b', '10.0.0.7'), endpoint('c', '10.0.0.4')];
  const change = networkChange(net({ endpoints: [a, b, d], hosts: [host('x')] }), net({ endpoints: [a, other, c], hosts: [] }), Object.is);
  t.deepEqual(change?.endpoints, [other, c]);
  t.deepEqual(change?.removedEndpoints, ['d']);
  t.deepEqual(change?.removedHosts, ['x']);
  t.deepEqual([change?.services, change?.removedServices, change?.hosts], [[], [], []]);
});

test('a network that became another one is told whole', (t) => {
  t.is(networkChange(net({ subnet: '10.0.0.0/24' }), net({ subnet: '10.0.1.0/24' }), Object.is), undefined);
  t.is(networkChange(net({ driverOpts: { mtu: '1400' } }), net({ driverOpts: { mtu: '1300' } }), Object.is), undefined);
  t.not(networkChange(net({ driverOpts: { mtu: '1400' } }), net({ driverOpts: { mtu: '1400' } }), Object.is), undefined);
});

test('an entry that says the same as before is no change, whichever object it is', (t) => {
  const [before, after] = [net({ endpoints: [endpoint('a', '10.0.0.2')] }), net({ endpoints: [endpoint('a', '10.0.0.2')] })];
  const isNone = (same: (a: unknown, b: unknown) => boolean): boolean | undefined => {
    const change = networkChange(before, after, same);
    return change && isNoChange(change);
  };
  t.is(isNone(isDeepStrictEqual), true);
  t.is(isNone(Object.is), false);
});

test('a set puts networks and changes those that are known, and leaves unknown ones alone', (t) => {
  const known = net({ endpoints: [endpoint('a', '10.0.0.2')] });
  const changes = ['net', 'unknown'].map((networkId) => ({
    networkId,
    endpoints: [endpoint('b', '10.0.0.3')],
    removedEndpoints: ['a'],
    services: [],
    removedServices: [],
    hosts: [],
    removedHosts: [],
  }));
  const other = { ...emptyNetworkAssignment, id: 'other' };
  const told = networksOfSet(new Map([['net', known]]), { networks: [other], networkChanges: changes });
  t.deepEqual(
    told.map(({ id, endpoints }) => [id, endpoints.map(({ taskId }) => taskId)]),
    [
      ['other', []],
      ['net', ['b']],
    ],
  );
});

const ids = ['a', 'b', 'c', 'd', 'e'];
const someNetwork = fc
  .record({
    on: fc.subarray(ids),
    services: fc.subarray(ids),
    hosts: fc.subarray(ids),
    address: fc.constantFrom('10.0.0.2', '10.0.0.3'),
  })
  .map(({ on, services, hosts, address }) =>
    net({ endpoints: on.map((id) => endpoint(id, address)), services: services.map((id) => service(id, address)), hosts: hosts.map(host) }),
  );

test('whoever applies the changes knows the network as it is', (t) => {
  fc.assert(
    fc.property(someNetwork, someNetwork, (before, after) => {
      const change = networkChange(before, after, Object.is);
      t.not(change, undefined);
      if (change !== undefined) t.deepEqual(withNetworkChange(before, change), after);
    }),
  );
});
