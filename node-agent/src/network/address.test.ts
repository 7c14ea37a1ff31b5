import test from 'ava';
import { hostMacOf, hostMacPrefix, isAddress, macOfAddress, requireAddress, requireCidr, requireMac } from './address.ts';

test('what is no dotted quad is no address', (t) => {
  for (const text of ['', '10.0.1', '10.0.1.256', '10.0.1.3.4', '::1', '10.0.1.3/24', ' 10.0.1.3', '1e1.0.0.1', '010.0.1.3'])
    t.false(isAddress(text), text);
  t.is(requireAddress('10.0.1.3', 'address of x'), '10.0.1.3');
  t.throws(() => requireAddress('10.0.1', 'address of x'), {
    code: 'INVALID_ARGUMENT',
    message: 'address of x "10.0.1" is not an IPv4 address',
  });
});

test('what is no prefix is refused by name', (t) => {
  t.deepEqual(requireCidr('10.0.1.77/24', 'subnet of x'), { base: 0x0a000100, prefix: 24 });
  for (const bad of ['10.0.1.0/33', '10.0.1.0/', '10.0.1.0/x', '10.0.1.0', 'default'])
    t.throws(() => requireCidr(bad, 'subnet of x'), { code: 'INVALID_ARGUMENT', message: /^subnet of x / }, bad);
});

test('a MAC address follows from the IPv4 address', (t) => {
  t.is(macOfAddress('10.32.1.255'), '02:42:0a:20:01:ff');
  t.throws(() => macOfAddress('ten'), { message: /"ten" is not an IPv4 address/ });
});

test('a MAC address is written in lower case or refused', (t) => {
  t.is(requireMac('02:42:0A:00:00:01', 'MAC'), '02:42:0a:00:00:01');
  t.throws(() => requireMac('02:42:0a:00:00:01 up', 'MAC of x'), { message: /MAC of x/ });
});

test('a host has another MAC for an address than a task would have', (t) => {
  t.is(hostMacOf('10.32.1.255'), '02:43:0a:20:01:ff');
  t.is(Number.parseInt(hostMacOf('10.32.1.255').replaceAll(':', '').slice(0, 4), 16), hostMacPrefix);
});
