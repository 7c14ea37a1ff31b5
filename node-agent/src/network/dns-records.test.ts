import type { Endpoint } from '@tso/proto';
import { emptyEndpoint, emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { addressText } from './address.ts';
import { answerOf, nameTable, rotated } from './dns-records.ts';

const endpoint = (address: string, names: readonly string[], changes: Partial<Endpoint> = {}): Endpoint => ({
  ...emptyEndpoint,
  taskId: `task${address}`,
  serviceName: 'web',
  stack: 'shop',
  slot: 1,
  address,
  mac: '',
  nodeId: 'here',
  vtep: '',
  names,
  serving: true,
  ...changes,
});

const table = (
  endpoints: readonly Endpoint[],
  changes: { readonly id?: string; readonly subnet?: string; readonly internal?: boolean } = {},
) => nameTable({ ...emptyNetworkAssignment, id: 'n1', subnet: '10.32.1.0/24', internal: false, ...changes, endpoints });

const shop = table([
  endpoint('10.32.1.4', ['web', 'page', 'web-2']),
  endpoint('10.32.1.3', ['web', 'page', 'web-1']),
  endpoint('10.32.1.5', ['db'], { serviceName: 'db', serving: false }),
]);
const ask = (name: string, type = 'A', tables = [shop], turn = 0) => answerOf(tables, { name, type }, turn);
const addresses = (...list: string[]) => ({ kind: 'addresses', addresses: list });

test('a service, its aliases and tasks.<service> are all its serving tasks', (t) => {
  for (const name of ['web', 'page', 'tasks.web', 'WEB', 'Tasks.Web']) t.deepEqual(ask(name), addresses('10.32.1.3', '10.32.1.4'), name);
  t.deepEqual(ask('web-2'), addresses('10.32.1.4'));
});

test('a name that only waiting tasks have is empty, never asked elsewhere', (t) => {
  t.deepEqual(ask('db'), { kind: 'empty' });
});

test('a known name has no other records, an unknown one is asked elsewhere', (t) => {
  for (const type of ['AAAA', 'MX', 'UNKNOWN_65']) t.deepEqual(ask('web', type), { kind: 'empty' }, type);
  t.deepEqual(ask('web', 'ANY'), addresses('10.32.1.3', '10.32.1.4'));
  t.deepEqual(ask('example.com'), { kind: 'forward' });
  t.deepEqual(ask('web.example.com'), { kind: 'forward' });
});

test('a task on several networks sees the names of each, of the first that serves it', (t) => {
  const other = table([endpoint('10.32.2.3', ['web']), endpoint('10.32.2.4', ['db'], { serviceName: 'db' })], {
    id: 'n2',
    subnet: '10.32.2.0/24',
  });
  t.deepEqual(ask('web', 'A', [shop, other]), addresses('10.32.1.3', '10.32.1.4'));
  t.deepEqual(ask('web', 'A', [other, shop]), addresses('10.32.2.3'));
  t.deepEqual(ask('db', 'A', [shop, other]), addresses('10.32.2.4'));
});

test('on internal networks alone nobody else is asked', (t) => {
  const inner = table([endpoint('10.32.1.3', ['web'])], { internal: true });
  t.deepEqual(ask('example.com', 'A', [inner]), { kind: 'no-such-name' });
  t.deepEqual(ask('8.8.8.8.in-addr.arpa', 'PTR', [inner]), { kind: 'no-such-name' });
  t.deepEqual(ask('example.com', 'A', [inner, shop]), { kind: 'forward' });
  t.deepEqual(ask('web', 'A', [inner]), addresses('10.32.1.3'));
});

test('an address has the name that is its own, else that of its service', (t) => {
  t.deepEqual(ask('3.1.32.10.in-addr.arpa', 'PTR'), { kind: 'pointer', name: 'web-1' });
  t.deepEqual(ask('3.1.32.10.IN-ADDR.ARPA', 'PTR', [table([endpoint('10.32.1.3', ['web']), endpoint('10.32.1.4', ['web'])])]), {
    kind: 'pointer',
    name: 'web',
  });
});

test('an address of the network that nobody serves has no name, others are asked elsewhere', (t) => {
  t.deepEqual(ask('5.1.32.10.in-addr.arpa', 'PTR'), { kind: 'no-such-name' });
  t.deepEqual(ask('4.3.2.1.in-addr.arpa', 'PTR'), { kind: 'forward' });
  t.deepEqual(ask('999.1.32.10.in-addr.arpa', 'PTR'), { kind: 'forward' });
});

const someEndpoints = fc.uniqueArray(
  fc.record({
    address: fc.integer({ min: 0x0a200102, max: 0x0a2001fe }).map(addressText),
    names: fc.array(fc.constantFrom('a', 'b', 'A', 'b.c'), { maxLength: 3 }),
    serviceName: fc.constantFrom('a', 'x', ''),
    serving: fc.boolean(),
  }),
  { selector: (one) => one.address, maxLength: 12 },
);

test('exactly the serving endpoints of a name are answered, whatever the turn', (t) => {
  fc.assert(
    fc.property(someEndpoints, fc.constantFrom('a', 'b', 'b.c', 'x', 'tasks.x'), fc.nat(), (list, name, turn) => {
      const has = (one: (typeof list)[number]) =>
        [...one.names, one.serviceName].some((own) => own.toLowerCase() === name) ||
        (one.serviceName !== '' && name === `tasks.${one.serviceName}`);
      const expected = list.filter((one) => has(one) && one.serving).map((one) => one.address);
      const answer = ask(name, 'A', [table(list.map((one) => endpoint(one.address, one.names, one)))], turn);
      if (expected.length > 0) return answer.kind === 'addresses' && answer.addresses.toSorted().join() === expected.toSorted().join();
      return answer.kind === (list.some(has) ? 'empty' : 'forward');
    }),
  );
  t.pass();
});

test('each of n addresses comes first once in n turns', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 8 }), fc.nat(), (list, start) => {
      const firsts = list.map((_, step) => rotated(list, start + step)[0]);
      return new Set(firsts).size === list.length;
    }),
  );
  t.deepEqual(rotated([], 3), []);
});
