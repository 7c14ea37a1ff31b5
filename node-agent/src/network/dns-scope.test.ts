import {
  type Endpoint,
  EndpointMode,
  emptyEndpoint,
  emptyNetworkAssignment,
  type Link,
  type NetworkAssignment,
  type ServiceOnNetwork,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { recordTypes } from './dns-message.ts';
import { nameKey, reverseKey } from './dns-name.ts';
import { nameTable } from './dns-records.ts';
import { NameScope } from './dns-scope.ts';

const endpoint = (address: string, serviceName: string, changes: Partial<Endpoint> = {}): Endpoint => ({
  ...emptyEndpoint,
  taskId: `task${address}`,
  serviceName,
  stack: 'shop',
  slot: 1,
  address,
  serving: true,
  ...changes,
});

const service = (name: string, changes: Partial<ServiceOnNetwork> = {}): ServiceOnNetwork => ({
  serviceId: `id-of-${name}`,
  name,
  stack: 'shop',
  mode: EndpointMode.VIP,
  vip: '',
  vip6: '',
  names: [name],
  affinity: false,
  ports: [],
  ...changes,
});

const table = (endpoints: readonly Endpoint[], changes: Partial<NetworkAssignment> = {}) =>
  nameTable({ ...emptyNetworkAssignment, id: 'n1', name: 'shop_default', subnet: '10.32.1.0/24', ...changes, endpoints });

const shop = table(
  [
    endpoint('10.32.1.10', 'web', { names: ['web-2'], address6: 'fd00:1::a' }),
    endpoint('10.32.1.9', 'web', { names: ['web-1'], address6: 'fd00:1::9' }),
    endpoint('10.32.1.5', 'db', { names: ['db'], serving: false }),
    endpoint('10.32.1.6', 'cache', { names: ['cache-1'] }),
    endpoint('10.32.1.7', 'cache', { names: ['cache-2'] }),
  ],
  {
    subnet6: 'fd00:1::/64',
    services: [
      service('web', { vip: '10.32.1.2', vip6: 'fd00:1::2', names: ['web', 'page'] }),
      service('db', { vip: '10.32.1.3', names: ['db', 'page.db'] }),
      service('cache', { mode: EndpointMode.DNSRR }),
      service('idle', { mode: EndpointMode.DNSRR }),
    ],
  },
);

const typeOf = (type: keyof typeof recordTypes): number => recordTypes[type];

const ask = (
  name: string,
  type: keyof typeof recordTypes | number = 'a',
  tables = [shop],
  asker: { readonly stack?: string; readonly links?: readonly Link[] } = {},
) => {
  const scope = new NameScope(tables, { stack: 'shop', links: [], ...asker });
  const answer = scope.answer(nameKey(name) ?? '', typeof type === 'number' ? type : typeOf(type));
  if (answer === 'forward') return answer;
  if (answer.code !== 0) return answer.code;
  const addresses: string[] = [];
  for (let at = 0; at < answer.records.length; at += answer.recordBytes) {
    const data = answer.records.subarray(at + 12, at + answer.recordBytes);
    addresses.push(data.length === 4 ? data.join('.') : Buffer.from(data).toString(data.length === 16 ? 'hex' : 'latin1'));
  }
  return addresses;
};

const hex = (tail: string): string => `fd000001${tail.padStart(24, '0')}`;

test('a service and its aliases are its virtual address, with the stack behind or before it too', (t) => {
  for (const name of ['web', 'page', 'WEB', 'web.', 'web.shop', 'shop_web', 'web.shop_default', 'page.shop_default'])
    t.deepEqual(ask(name), ['10.32.1.2'], name);
});

test('tasks.<service> and tasks.<alias> are the serving tasks', (t) => {
  for (const name of ['tasks.web', 'tasks.page', 'Tasks.Web', 'tasks.web.shop', 'tasks.shop_web'])
    t.deepEqual(ask(name), ['10.32.1.10', '10.32.1.9'], name);
  t.deepEqual(ask('tasks.db'), [], 'none serves');
});

test('a service keeps its address while none of its tasks serves', (t) => {
  t.deepEqual(ask('db'), ['10.32.1.3']);
});

test('without a virtual address all serving tasks are answered, and a service without tasks is known all the same', (t) => {
  t.deepEqual(ask('cache'), ['10.32.1.6', '10.32.1.7']);
  t.deepEqual(ask('idle'), []);
});

test("a task's own names are its address while it serves; a service of that name hides them", (t) => {
  t.deepEqual(ask('web-2'), ['10.32.1.10']);
  t.deepEqual(ask('db'), ['10.32.1.3'], 'not the task that is called db');
  t.deepEqual(ask('a', 'a', [table([endpoint('10.32.1.9', 'web', { names: ['a'], serving: false })])]), [], 'known, not serving');
});

test('both families have their records; a name without any of a type is empty, an unknown one is asked elsewhere', (t) => {
  t.deepEqual(ask('web', 'aaaa'), [hex('2')]);
  t.deepEqual(ask('tasks.web', 'aaaa'), [hex('a'), hex('9')]);
  t.deepEqual(ask('db', 'aaaa'), []);
  for (const type of [15, 16, 33, 64, 65]) t.deepEqual(ask('web', type), [], `type ${type}`);
  t.deepEqual(ask('web', 'any'), ['10.32.1.2']);
  for (const name of ['example.com', 'web.example.com', 'shop.web', 'web.other', 'eb', 'webs', 'tasks.web-1'])
    t.is(ask(name), 'forward', name);
});

test('only the whole name is ours: what a search list made of it is not', (t) => {
  t.is(ask('web.corp.example'), 'forward');
  t.is(ask('tasks.web.corp.example'), 'forward');
});

test('addresses of tasks and services have names that lead back to them, in both families', (t) => {
  const pointer = (address: string, tables = [shop]) => {
    const scope = new NameScope(tables, { stack: 'shop', links: [] });
    const answer = scope.answer(reverseKey(address) ?? '', recordTypes.ptr);
    if (answer === 'forward' || answer.code !== 0) return answer === 'forward' ? answer : answer.code;
    return Buffer.from(answer.records.subarray(13, -1)).toString('latin1');
  };
  t.is(pointer('10.32.1.9'), 'web-1');
  t.is(pointer('fd00:1::9'), 'web-1');
  t.is(pointer('10.32.1.2'), 'web');
  t.is(pointer('fd00:1::2'), 'web');
  t.is(pointer('10.32.1.5'), 3, 'not serving');
  t.is(pointer('10.32.1.77'), 3, 'nobody');
  t.is(pointer('fd00:1::77'), 3, 'nobody');
  t.is(pointer('192.0.2.1'), 'forward');
  t.is(pointer('2001:db8::1'), 'forward');
  const twice = table([], { services: [service('web', { vip: '10.32.1.2' }), service('web', { stack: 'other', vip: '10.32.1.3' })] });
  t.is(pointer('10.32.1.3', [twice]), 'web\x05other', 'one that nobody else has');
  t.deepEqual(ask('web.other', 'a', [twice]), ['10.32.1.3']);
});

test('of two stacks with the same name on a shared network the own one counts, on whichever network it is', (t) => {
  const shared = table(
    [endpoint('10.32.9.5', 'db', { stack: 'other', names: [] }), endpoint('10.32.9.6', 'db', { stack: 'third', names: [] })],
    {
      id: 'n9',
      subnet: '10.32.9.0/24',
    },
  );
  t.deepEqual(ask('db', 'a', [shared, shop]), ['10.32.1.3']);
  t.deepEqual(ask('db', 'a', [shared, shop], { stack: 'other' }), ['10.32.9.5']);
  t.deepEqual(ask('db', 'a', [shared], { stack: 'fourth' }), ['10.32.9.5', '10.32.9.6'], 'of others all');
  const waiting = table([endpoint('10.32.8.5', 'db', { serving: false })], { id: 'n8', subnet: '10.32.8.0/24' });
  t.deepEqual(ask('db', 'a', [shared, waiting]), [], "rather none than another stack's");
});

test('a task on several networks gets the address on the first of them that has one', (t) => {
  const other = table([endpoint('10.32.2.3', 'web', { names: [] }), endpoint('10.32.2.4', 'mail', { names: [] })], {
    id: 'n2',
    name: 'back',
    subnet: '10.32.2.0/24',
  });
  t.deepEqual(ask('web', 'a', [shop, other]), ['10.32.1.2']);
  t.deepEqual(ask('web', 'a', [other, shop]), ['10.32.2.3']);
  t.deepEqual(ask('web.back', 'a', [shop, other]), ['10.32.2.3'], 'a network can be named');
  t.deepEqual(ask('web', 'aaaa', [other, shop]), [hex('2')]);
  t.deepEqual(ask('mail', 'a', [shop, other]), ['10.32.2.4']);
});

test('an alias that two services share is both', (t) => {
  const both = table([], {
    services: [
      service('blue', { vip: '10.32.1.2', names: ['blue', 'app'] }),
      service('green', { vip: '10.32.1.3', names: ['green', 'app'] }),
    ],
  });
  t.deepEqual(ask('app', 'a', [both]), ['10.32.1.2', '10.32.1.3']);
});

test('links are seen by who asked for them alone, as the service of the own stack, and go before other names', (t) => {
  const links = [
    { service: 'db', alias: 'database' },
    { service: 'cache', alias: 'web' },
    { service: 'nobody', alias: 'page' },
  ];
  t.deepEqual(ask('Database', 'a', [shop], { links }), ['10.32.1.3']);
  t.is(ask('database'), 'forward');
  const strange = table([], { services: [service('db', { stack: 'other', vip: '10.32.1.77' }), service('db', { vip: '10.32.1.3' })] });
  t.deepEqual(ask('sql', 'a', [strange], { links: [{ service: 'db.other', alias: 'sql' }] }), ['10.32.1.77'], 'of another stack');
  t.deepEqual(ask('web', 'a', [shop], { links }), ['10.32.1.6', '10.32.1.7']);
  t.deepEqual(ask('page', 'a', [shop], { links }), ['10.32.1.2'], 'a link that leads nowhere hides nothing');
});

test('the network of published ports has no names and leads nowhere', (t) => {
  const ingress = table([endpoint('10.32.200.3', 'web', { names: ['web-1'] })], { id: 'ingress', name: 'ingress', ingress: true });
  t.is(ask('web', 'a', [ingress]), 'forward');
  t.is(ask('web-1', 'a', [ingress]), 'forward');
  t.true(new NameScope([ingress], { stack: '', links: [] }).isInternal);
  t.true(new NameScope([], { stack: '', links: [] }).isInternal);
  t.false(new NameScope([ingress, shop], { stack: '', links: [] }).isInternal);
});

test('a service that is not told of any more goes on by its tasks', (t) => {
  t.deepEqual(ask('web', 'a', [table([endpoint('10.32.1.3', 'web'), endpoint('10.32.1.4', 'web', { serving: false })])]), ['10.32.1.3']);
});

const someEndpoints = fc.uniqueArray(
  fc.record({
    address: fc.integer({ min: 2, max: 254 }).map((host) => `10.32.1.${host}`),
    names: fc.array(fc.constantFrom('a', 'b', 'A', 'b.c'), { maxLength: 3 }),
    serviceName: fc.constantFrom('a', 'x', ''),
    stack: fc.constantFrom('shop', 'other'),
    serving: fc.boolean(),
  }),
  { selector: (one) => one.address, maxLength: 12 },
);

test('exactly the serving endpoints of a name are answered, of the own stack if it has the name, and never one that does not serve', (t) => {
  fc.assert(
    fc.property(someEndpoints, fc.constantFrom('a', 'b', 'b.c', 'x', 'tasks.x'), (list, name) => {
      const isService = (one: (typeof list)[number]) =>
        one.serviceName !== '' && (one.serviceName === name || `tasks.${one.serviceName}` === name);
      const has = (one: (typeof list)[number]) => isService(one) || one.names.some((own) => own.toLowerCase() === name);
      const known = list.filter(has);
      const own = known.filter((one) => one.stack === 'shop');
      const candidates = own.length > 0 ? own : known;
      const chosen = candidates.some(isService) ? candidates.filter(isService) : candidates;
      const answer = ask(name, 'a', [table(list.map((one) => endpoint(one.address, one.serviceName, one)))]);
      if (known.length === 0) return answer === 'forward';
      const expected = chosen.filter((one) => one.serving).map((one) => one.address);
      return Array.isArray(answer) && answer.toSorted().join() === expected.toSorted().join();
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('answers are the same when they are kept and when there are more than are kept', (t) => {
  const endpoints = Array.from({ length: 1_500 }, (_, index) =>
    endpoint(`10.32.${index >> 8}.${index & 255}`, '', { names: [`task-${index}`] }),
  );
  const scope = new NameScope([table(endpoints, { subnet: '10.32.0.0/16' })], { stack: 'shop', links: [] });
  for (let round = 0; round < 2; round += 1) {
    for (const [index, { address }] of endpoints.entries()) {
      const answer = scope.answer(nameKey(`task-${index}`) ?? '', recordTypes.a);
      if (answer === 'forward' || answer.records.subarray(12).join('.') !== address) t.fail(`task-${index}`);
    }
  }
  t.pass();
});
