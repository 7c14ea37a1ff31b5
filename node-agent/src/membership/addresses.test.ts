import { formatHostPort } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { ambiguous, chooseAddress, hostOf, nodeAddresses, ownAddresses, parseHostPort, sourceOf, withPort } from './addresses.ts';

test('an address is a host, and a port if it says one', (t) => {
  t.deepEqual(parseHostPort('10.0.0.1', 'x'), { host: '10.0.0.1', port: undefined });
  t.deepEqual(parseHostPort('10.0.0.1:2478', 'x'), { host: '10.0.0.1', port: 2478 });
  t.deepEqual(parseHostPort('node-a.example:80', 'x'), { host: 'node-a.example', port: 80 });
  t.deepEqual(parseHostPort('fd00::1', 'x'), { host: 'fd00::1', port: undefined });
  t.deepEqual(parseHostPort('[fd00::1]:7', 'x'), { host: 'fd00::1', port: 7 });
  t.is(withPort('10.0.0.1', 'x'), '10.0.0.1:2478');
  t.is(hostOf(''), '');
});

test('what is no address is refused by name', (t) => {
  for (const text of [
    '',
    ':80',
    '10.0.0.1:',
    '10.0.0.1:0',
    '10.0.0.1:65536',
    'a b',
    '[10.0.0.1',
    '-a',
    'http://x',
    '[name]:80',
    'a:b:80',
  ]) {
    t.throws(() => parseHostPort(text, 'the remote address'), { code: 'INVALID_ARGUMENT', message: /the remote address/ }, text);
  }
});

test('what is written is read back', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      t.deepEqual(parseHostPort(formatHostPort({ host, port }), 'x'), { host, port });
    }),
  );
});

const link = (ifname: string, ...addresses: readonly string[]) => ({
  ifname,
  addr_info: addresses.map((local) => ({ family: 'inet', local, scope: local.startsWith('127.') ? 'host' : 'global' })),
});

test('devices made for containers, loopback and link-local addresses do not count as this host’s', (t) => {
  const json = JSON.stringify([
    link('lo', '127.0.0.1'),
    link('eth0', '10.0.0.1'),
    link('tsogabc123', '10.128.0.1'),
    link('docker0', '172.17.0.1'),
    {
      ifname: 'eth1',
      addr_info: [
        { family: 'inet6', local: 'fe80::1', scope: 'link' },
        { family: 'inet', local: '169.254.1.1', scope: 'link' },
      ],
    },
  ]);
  t.deepEqual(ownAddresses(json), [{ address: '10.0.0.1', device: 'eth0' }]);
});

test('the source of the default route is chosen, else the only address; among several the operator chooses', (t) => {
  const [a, b] = [
    { address: '10.0.0.1', device: 'eth0' },
    { address: '192.168.0.1', device: 'eth1' },
  ];
  t.is(sourceOf('[{"dst":"192.0.2.1","gateway":"10.0.0.254","dev":"eth0","prefsrc":"10.0.0.1"}]'), '10.0.0.1');
  t.is(sourceOf('[{"dst":"192.0.2.1","dev":"wg0"}]'), undefined);
  t.is(sourceOf(''), undefined);
  t.deepEqual(chooseAddress('10.9.9.9', [a, b]), { kind: 'chosen', address: '10.9.9.9' });
  t.deepEqual(chooseAddress(undefined, [a]), { kind: 'chosen', address: '10.0.0.1' });
  t.deepEqual(chooseAddress(undefined, []), { kind: 'none' });
  t.deepEqual(chooseAddress(undefined, [a, b]), { kind: 'ambiguous', addresses: [a, b] });
  t.regex(
    ambiguous([a, b]).sentence,
    /10\.0\.0\.1 on eth0, 192\.168\.0\.1 on eth1.*tso init --advertise-addr 10\.0\.0\.1, or tso restore --advertise-addr 10\.0\.0\.1 FILE/,
  );
});

test('the advertised address has the port of the door unless it has its own', (t) => {
  t.deepEqual(nodeAddresses('0.0.0.0', '10.0.0.1'), { listenAddr: '0.0.0.0:2478', advertiseAddr: '10.0.0.1:2478' });
  t.deepEqual(nodeAddresses('[::]:99', '10.0.0.1'), { listenAddr: '[::]:99', advertiseAddr: '10.0.0.1:99' });
  t.deepEqual(nodeAddresses('0.0.0.0:99', '10.0.0.1:100'), { listenAddr: '0.0.0.0:99', advertiseAddr: '10.0.0.1:100' });
  for (const advertise of ['0.0.0.0', 'fd00::1', 'name']) {
    t.throws(() => nodeAddresses('0.0.0.0', advertise), { code: 'INVALID_ARGUMENT', message: /advertised/ }, advertise);
  }
});
