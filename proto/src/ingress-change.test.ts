import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  emptyAssignmentSet,
  emptyPort,
  type IngressPort,
  ingressAfter,
  ingressChange,
  ingressKey,
  PortProtocol,
  peersAfter,
} from './index.ts';

const backend = (taskId: string, address = '10.0.0.2') => ({ taskId, nodeId: 'n', address, address6: '' });
const port = (published: number, backends: IngressPort['backends'], change: Partial<IngressPort> = {}): IngressPort => ({
  port: { ...emptyPort, target: 80, published },
  serviceId: 'web',
  serviceName: 'web',
  stack: 'shop',
  affinity: false,
  backends,
  ...change,
});
const known = (...ports: readonly IngressPort[]) => new Map(ports.map((one) => [ingressKey(one), one]));

test('a port is named by service, number and protocol', (t) => {
  t.is(ingressKey(port(8080, [])), 'web/8080/tcp');
  t.is(ingressKey({ serviceId: 'dns', port: { ...emptyPort, published: 53, protocol: PortProtocol.UDP } }), 'dns/53/udp');
});

test('where only backends changed they alone are told, else the whole', (t) => {
  const before = port(8080, [backend('a'), backend('b'), backend('c')]);
  const after = port(8080, [backend('a'), backend('b', '10.0.0.9'), backend('d')]);
  t.deepEqual(ingressChange(before, after, isDeepStrictEqual), {
    key: 'web/8080/tcp',
    backends: [backend('b', '10.0.0.9'), backend('d')],
    removedBackends: ['c'],
  });
  t.is(ingressChange(before, { ...after, affinity: true }, isDeepStrictEqual), undefined);
  t.is(ingressChange(before, { ...after, port: { ...after.port, target: 81 } }, isDeepStrictEqual), undefined);
});

test('a set puts, changes and removes ports; a whole one forgets what it does not name', (t) => {
  const ports = known(port(8080, [backend('a')]), port(8081, []));
  const change = { key: 'web/8080/tcp', backends: [backend('b')], removedBackends: ['a'] };
  const unknown = { key: 'web/9/tcp', backends: [backend('b')], removedBackends: [] };
  const set = {
    ...emptyAssignmentSet,
    baseVersion: 4,
    ingressChanges: [change, unknown],
    ingress: [port(8082, [])],
    removedIngress: ['web/8081/tcp'],
  };
  const after = ingressAfter(ports, set);
  t.deepEqual([...after.keys()], ['web/8080/tcp', 'web/8082/tcp']);
  t.deepEqual(after.get('web/8080/tcp')?.backends, [backend('b')]);
  t.deepEqual([...ingressAfter(ports, { ...emptyAssignmentSet, ingress: [port(1, [])] }).keys()], ['web/1/tcp']);
});

test('tunnels are kept by node; a whole set forgets what it does not name', (t) => {
  const peer = (nodeId: string, generation = 1) => ({ nodeId, tunnelAddress: '', endpoint: '', port: 1, publicKey: '', generation });
  const before = new Map([
    ['a', peer('a')],
    ['b', peer('b')],
  ]);
  const set = { ...emptyAssignmentSet, peers: [peer('b', 2), peer('c')], removedPeers: ['a'] };
  t.deepEqual([...peersAfter(before, { ...set, baseVersion: 3 }).values()], [peer('b', 2), peer('c')]);
  t.deepEqual([...peersAfter(before, { ...set, peers: [], removedPeers: [] }).keys()], []);
});

const ids = ['a', 'b', 'c', 'd'];
const somePort = fc.record({ of: fc.subarray(ids), address: fc.constantFrom('10.0.0.2', '10.0.0.3') }).map(({ of, address }) =>
  port(
    8080,
    of.map((id) => backend(id, address)),
  ),
);

test('whoever applies the changes knows the port as it is', (t) => {
  fc.assert(
    fc.property(somePort, somePort, (before, after) => {
      const change = ingressChange(before, after, isDeepStrictEqual);
      const set = { ...emptyAssignmentSet, baseVersion: 1, ingressChanges: change === undefined ? [] : [change] };
      t.deepEqual(ingressAfter(known(before), set), known(after));
    }),
  );
});
