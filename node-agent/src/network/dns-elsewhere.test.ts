import { emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { elsewhere } from './dns-elsewhere.ts';
import { recordTypes, responseCodes } from './dns-message.ts';
import { nameKey } from './dns-name.ts';
import { nameTable } from './dns-records.ts';
import { NameScope } from './dns-scope.ts';

const host = { servers: ['127.0.0.53', '192.0.2.53', 'fe80::1%eth0'], search: [], options: [] };
const scopeOf = (...internal: readonly boolean[]) =>
  new NameScope(
    internal.map((one, index) =>
      nameTable({ ...emptyNetworkAssignment, id: `n${index}`, subnet: `10.32.${index}.0/24`, subnet6: 'fd00::/64', internal: one }),
    ),
    { stack: '', links: [] },
  );

const nobody = { scope: scopeOf(false), servers: [], completesNames: false, strange: [] };

const ask = (
  changes: Partial<Parameters<typeof elsewhere>[0]> = {},
  name = 'www.example.com',
  type: number = recordTypes.a,
  options: readonly string[] = [],
  turn = 0,
) => {
  const asker = { ...nobody, ...changes };
  const whom = elsewhere(asker, { key: nameKey(name) ?? '', type, internet: true }, { ...host, options }, turn);
  return 'code' in whom ? whom.code : whom;
};

test("the host's resolvers are asked in their order, those on its loopback too, or in turns when the host says so", (t) => {
  t.deepEqual(ask(), host.servers);
  t.deepEqual(ask({}, 'a.b', recordTypes.a, [], 1), host.servers);
  t.deepEqual(ask({}, 'a.b', recordTypes.a, ['rotate'], 4), ['192.0.2.53', 'fe80::1%eth0', '127.0.0.53']);
});

test('resolvers that a task named go before; a loopback address among them is not the one of the host', (t) => {
  t.deepEqual(ask({ servers: ['203.0.113.1'] }), ['203.0.113.1']);
  t.deepEqual(ask({ servers: ['127.0.0.1', '203.0.113.1', '::1'] }), ['203.0.113.1']);
});

test("a task that named resolvers of which none may be asked gets a failure: the host's are not what it wished", (t) => {
  t.is(ask({ servers: ['127.0.0.1'] }), responseCodes.serverFailure);
  t.is(ask({ servers: ['::1', '0.0.0.0'] }, 'printer'), responseCodes.serverFailure);
  t.is(ask({ servers: ['127.0.0.1'], completesNames: true }, 'printer'), responseCodes.noSuchName);
});

test('the host asks nobody on its own loopback for a task, however that is written, and no name', (t) => {
  for (const server of ['0.0.0.0', '::', '::ffff:127.0.0.1', '0:0::1', 'localhost', '127.1']) {
    t.deepEqual(ask({ servers: [server, '203.0.113.1'] }), ['203.0.113.1'], server);
  }
});

test('a resolver on a network of this host is asked for its own tasks only', (t) => {
  const [own, other] = scopeOf(false, false).tables;
  if (own === undefined || other === undefined) throw new Error('two networks have two tables');
  const strange = [{ ...other, subnet6: undefined }];
  const scope = new NameScope([own], { stack: '', links: [] });
  t.deepEqual(ask({ scope, strange, servers: ['10.32.0.53', '10.32.1.53', '::ffff:10.32.1.53'] }), ['10.32.0.53']);
  t.is(ask({ scope, strange, servers: ['10.32.1.53'] }), responseCodes.serverFailure);
  t.is(ask({ scope: scopeOf(true), strange, servers: ['10.32.1.53'] }), responseCodes.noSuchName);
});

test('from internal networks nobody outside is asked, only named resolvers on these very networks', (t) => {
  t.is(ask({ scope: scopeOf(true) }), responseCodes.noSuchName);
  t.is(ask({ scope: scopeOf(true), servers: ['203.0.113.1', '127.0.0.1'] }), responseCodes.noSuchName);
  t.deepEqual(ask({ scope: scopeOf(true, true), servers: ['203.0.113.1', '10.32.1.53', 'fd00::53'] }), ['10.32.1.53', 'fd00::53']);
  t.deepEqual(ask({ scope: scopeOf(true, false) }), host.servers);
  t.is(ask({ scope: scopeOf() }), responseCodes.noSuchName);
});

test('a single label is asked elsewhere, unless the task wishes that it be completed', (t) => {
  t.deepEqual(ask({}, 'printer'), host.servers);
  t.is(ask({ completesNames: true }, 'printer'), responseCodes.noSuchName);
  t.is(ask({ completesNames: true }, 'printer', recordTypes.aaaa), responseCodes.noSuchName);
  t.deepEqual(ask({ completesNames: true }, 'com', 2), host.servers);
  t.deepEqual(ask({ completesNames: true }, 'printer.lan'), host.servers);
});

test('zone transfers and other classes than the internet go nowhere', (t) => {
  for (const type of [251, 252, 253, 254]) t.is(ask({}, 'example.com', type), responseCodes.refused, String(type));
  t.deepEqual(ask({}, 'example.com', recordTypes.any), host.servers);
  const chaos = elsewhere(nobody, { key: nameKey('version.bind') ?? '', type: 16, internet: false }, host, 0);
  t.is('code' in chaos ? chaos.code : undefined, responseCodes.refused);
});
