import test from 'ava';
import fc from 'fast-check';
import {
  addressNumber,
  addressText,
  cidrOf,
  cidrText,
  contains,
  hostMacOf,
  hostMacPrefix,
  isAddress,
  macOf,
  overlap,
  requireMac,
} from './address.ts';

const number = fc.nat({ max: 0xffffffff });
const cidr = fc.tuple(number, fc.nat({ max: 32 })).map(([base, length]) => cidrOf(`${addressText(base)}/${length}`));

test('an address and its number are the same thing', (t) => {
  fc.assert(fc.property(number, (value) => addressNumber(addressText(value)) === value));
  t.is(addressNumber('10.0.1.3'), 0x0a000103);
});

test('what is no dotted quad is no address', (t) => {
  for (const text of ['', '10.0.1', '10.0.1.256', '10.0.1.3.4', '::1', '10.0.1.3/24', ' 10.0.1.3', '1e1.0.0.1'])
    t.false(isAddress(text), text);
});

test('a prefix loses its host bits, and a bare address is one host', (t) => {
  const text = (value: string) => {
    const found = cidrOf(value);
    return found === undefined ? undefined : cidrText(found);
  };
  t.is(text('10.0.1.77/24'), '10.0.1.0/24');
  t.is(text('10.0.1.77'), '10.0.1.77/32');
  t.is(text('10.0.1.77/0'), '0.0.0.0/0');
  for (const bad of ['10.0.1.0/33', '10.0.1.0/', '10.0.1.0/x', 'default']) t.is(text(bad), undefined, bad);
});

test('two prefixes overlap exactly when one contains the base of the other', (t) => {
  fc.assert(
    fc.property(cidr, cidr, (a, b) => {
      if (a === undefined || b === undefined) return false;
      return overlap(a, b) === (contains(a, b.base) || contains(b, a.base)) && overlap(a, b) === overlap(b, a);
    }),
  );
  t.pass();
});

test('a MAC address follows from the IPv4 address', (t) => {
  t.is(macOf('10.32.1.255'), '02:42:0a:20:01:ff');
  t.throws(() => macOf('ten'), { message: /"ten" is not an IPv4 address/ });
});

test('a MAC address is written in lower case or refused', (t) => {
  t.is(requireMac('02:42:0A:00:00:01', 'MAC'), '02:42:0a:00:00:01');
  t.throws(() => requireMac('02:42:0a:00:00:01 up', 'MAC of x'), { message: /MAC of x/ });
});

test('a host has another MAC for an address than a task would have', (t) => {
  t.is(hostMacOf('10.32.1.255'), '02:43:0a:20:01:ff');
  t.is(Number.parseInt(hostMacOf('10.32.1.255').replaceAll(':', '').slice(0, 4), 16), hostMacPrefix);
});
