import test from 'ava';
import fc from 'fast-check';
import { knownOf, type RemoteEndpoint, remoteLines, requireAddress6 } from './remotes.ts';

const remote = (octet: number, vtep: number, six: boolean): RemoteEndpoint => ({
  address: `10.0.0.${octet}`,
  address6: six ? `fd00::${octet.toString(16)}` : '',
  mac: `02:42:0a:00:00:${octet.toString(16).padStart(2, '0')}`,
  vtep: `192.0.2.${vtep}`,
});
const remotes = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 3 }), fc.boolean()), { selector: ([octet]) => octet })
  .map((list) => list.map(([octet, vtep, six]) => remote(octet, vtep, six)));

/** What the kernel would have after these lines. */
const applied = (before: readonly RemoteEndpoint[], after: readonly RemoteEndpoint[]) => {
  const neighbours = new Map(knownOf(before).neighbours);
  const forwards = new Map(knownOf(before).forwards);
  const { ip, bridge } = remoteLines('vx', knownOf(before), after);
  for (const line of ip) {
    const [, verb, address = '', , mac = ''] = line.split(' ');
    if (verb === 'delete') neighbours.delete(address);
    else neighbours.set(address, mac);
  }
  for (const line of bridge) {
    const [, verb, mac = '', , , , vtep = ''] = line.split(' ');
    if (verb === 'delete') forwards.delete(mac);
    else forwards.set(mac, vtep);
  }
  return { neighbours, forwards };
};

test('the lines make any set of remote endpoints of any other, and nothing of the same', (t) => {
  fc.assert(
    fc.property(remotes, remotes, (before, after) => {
      const now = applied(before, after);
      const wanted = knownOf(after);
      t.deepEqual([...now.neighbours].toSorted(), [...wanted.neighbours].toSorted());
      t.deepEqual([...now.forwards].toSorted(), [...wanted.forwards].toSorted());
      t.deepEqual(remoteLines('vx', wanted, after), { ip: [], bridge: [] });
    }),
  );
});

test('one endpoint more is one neighbour and one forwarding entry, however many there are', (t) => {
  const many = Array.from({ length: 30 }, (_, index) => remote(index + 2, 1, false));
  t.deepEqual(remoteLines('vx', knownOf(many.slice(1)), many), {
    ip: ['neigh replace 10.0.0.2 lladdr 02:42:0a:00:00:02 dev vx nud permanent'],
    bridge: ['fdb replace 02:42:0a:00:00:02 dev vx dst 192.0.2.1 self permanent'],
  });
});

test('an IPv6 address is none, canonical or refused', (t) => {
  t.is(requireAddress6('', 'x'), '');
  t.is(requireAddress6('FD00::0:9', 'x'), 'fd00::9');
  t.throws(() => requireAddress6('fe80::1%eth0', 'endpoint address'), {
    message: 'endpoint address "fe80::1%eth0" is not an IPv6 address',
  });
});
