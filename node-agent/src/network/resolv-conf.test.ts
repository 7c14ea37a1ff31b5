import test from 'ava';
import { formatResolvConf, hostModeResolvConf, isLoopback, ndotsOf, parseResolvConf, plainAddress, taskResolvConf } from './resolv-conf.ts';

const host =
  '# made by hand\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver nonsense\ndomain old.test\nsearch a.test b.test\noptions edns0 trust-ad\n';

test('servers, the last search list and options are read', (t) => {
  t.deepEqual(parseResolvConf(host), {
    servers: ['192.0.2.53', 'fe80::1%eth0'],
    search: ['a.test', 'b.test'],
    options: ['edns0', 'trust-ad'],
  });
});

test('without a server the host itself is asked', (t) => {
  t.deepEqual(parseResolvConf('').servers, ['127.0.0.1']);
});

test('a task asks 127.0.0.11, searches where the host does and takes a name with a dot as whole', (t) => {
  t.is(taskResolvConf(parseResolvConf(host), undefined), 'nameserver 127.0.0.11\nsearch a.test b.test\noptions ndots:0\n');
});

test('what a task wishes goes before, its servers are asked by ours', (t) => {
  const wished = { servers: ['203.0.113.1'], search: ['mine.test'], options: ['timeout:1'] };
  t.is(taskResolvConf(parseResolvConf(host), wished), 'nameserver 127.0.0.11\nsearch mine.test\noptions timeout:1 ndots:0\n');
  t.is(
    taskResolvConf(parseResolvConf(host), { ...wished, options: ['ndots:2', 'single-request'] }),
    'nameserver 127.0.0.11\nsearch mine.test\noptions ndots:2 single-request\n',
  );
});

test('a single dot to search in says: nowhere', (t) => {
  t.is(taskResolvConf(parseResolvConf(host), { servers: [], search: ['.'], options: [] }), 'nameserver 127.0.0.11\noptions ndots:0\n');
});

test('the last word on dots counts', (t) => {
  t.is(ndotsOf(['ndots:1', 'rotate', 'ndots:5']), 5);
  t.is(ndotsOf(['rotate', 'ndots:x']), undefined);
});

test('addresses that lead to whoever uses them are known, however they are written', (t) => {
  const own = [
    '127.0.0.53',
    '::1',
    '0:0:0:0:0:0:0:1',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:0.0.0.0',
    '::1%lo',
  ];
  for (const address of own) t.true(isLoopback(plainAddress(address)), address);
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '::2', 'fe80::1%eth0']) t.false(isLoopback(plainAddress(address)), address);
  t.deepEqual(['::ffff:c000:201', 'FE80:0::1%eth0', 'localhost', '127.1', ''].map(plainAddress), ['192.0.2.1', 'fe80::1', '', '', '']);
});

test('a task in the namespace of the host has the file of the host, changed only where it wishes', (t) => {
  t.is(hostModeResolvConf(host, undefined), host);
  t.is(hostModeResolvConf(host, { servers: [], search: [], options: [] }), host);
  t.is(
    hostModeResolvConf(host, { servers: ['203.0.113.1'], search: [], options: [] }),
    'nameserver 203.0.113.1\nsearch a.test b.test\noptions edns0 trust-ad\n',
  );
});

test('no wish writes a line of its own', (t) => {
  t.is(
    formatResolvConf({ servers: ['203.0.113.1\nnameserver 203.0.113.9'], search: ['a\n b'], options: [] }),
    'nameserver 203.0.113.1nameserver203.0.113.9\nsearch ab\n',
  );
});
