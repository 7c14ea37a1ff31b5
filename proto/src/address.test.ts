import test from 'ava';
import fc from 'fast-check';
import { formatHostPort, parseHostPort } from './address.ts';

test('what is written is read again', (t) => {
  const hosts = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((it) => it.includes(':')),
    fc.domain(),
  );
  fc.assert(
    fc.property(hosts, fc.integer({ min: 0, max: 65_535 }), (host, port) => {
      t.deepEqual(parseHostPort(formatHostPort({ host, port })), { host, port });
    }),
  );
});

test('an address without a port has the default one, if there is one', (t) => {
  t.deepEqual(parseHostPort('host-a', 2478), { host: 'host-a', port: 2478 });
  t.deepEqual(parseHostPort('[::1]', 2478), { host: '::1', port: 2478 });
  t.deepEqual(parseHostPort('host-a:1', 2478), { host: 'host-a', port: 1 });
  t.throws(() => parseHostPort('host-a'), { code: 'INVALID_ARGUMENT' });
});

for (const address of ['', ':1', 'a b:1', '::1:2478', '[::1', 'a:65536', 'a:', 'a:-1', 'a:1:2', 'tcp://a:1', 'a,b:1']) {
  test(`"${address}" is no address`, (t) => {
    const error = t.throws(() => parseHostPort(address, 2478), { code: 'INVALID_ARGUMENT' });
    t.regex(error?.message ?? '', / is not a network address$/);
  });
}
