import test from 'ava';
import fc from 'fast-check';
import {
  blockSize,
  blockSize6,
  type Cidr,
  containsAddress,
  containsAddress6,
  containsBlock,
  containsBlock6,
  formatCidr,
  formatCidr6,
  formatIpv4,
  formatIpv6,
  isIpAddress,
  linkLocalOf,
  macOf,
  overlaps,
  overlaps6,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from './ip.ts';

const ipv4 = fc.nat(2 ** 32 - 1);
const ipv6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

test('an address that is written and read again is the same one, in either family', (t) => {
  fc.assert(fc.property(ipv4, (address) => parseIpv4(formatIpv4(address)) === address));
  fc.assert(fc.property(ipv6, (address) => parseIpv6(formatIpv6(address)) === address));
  t.pass();
});

test('IPv6 addresses are written in the one way that RFC 5952 allows, however they came', (t) => {
  for (const [given, written] of [
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['FD00:0:0:1::', 'fd00:0:0:1::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ] as const)
    t.is(formatIpv6(parseIpv6(given) ?? -1n), written, given);
});

test('host bits of a written block are cleared, and nonsense is no block', (t) => {
  t.is(formatCidr(parseCidr('10.1.2.3/16') ?? { base: 0, prefix: 0 }), '10.1.0.0/16');
  t.is(formatCidr6(parseCidr6('fd00:1::99/64') ?? { base: 0n, prefix: 0 }), 'fd00:1::/64');
  for (const text of ['10.1.2/8', '10.1.2.3', '10.1.2.3/33', '010.0.0.1/8', '256.0.0.1/8', '10.0.0.0/8/8', '', 'fd00::/8'])
    t.is(parseCidr(text), undefined, text);
  for (const text of ['fd00::', 'fd00::/129', 'fd00::/x', 'fd00::1::/64', 'fe80::1%eth0/64', '10.0.0.0/8', 'fd00::/8/8', '/64', ''])
    t.is(parseCidr6(text), undefined, text);
  for (const text of ['fe80::1%eth0', '1.2.3.4', 'fd00', ':::', '12345::']) t.is(parseIpv6(text), undefined, text);
});

test('a block holds its first and last address and none beside it', (t) => {
  fc.assert(
    fc.property(ipv4, fc.integer({ min: 1, max: 32 }), (address, prefix) => {
      const block = parseCidr(`${formatIpv4(address)}/${prefix}`);
      if (block === undefined) return false;
      const last = block.base + blockSize(prefix) - 1;
      return (
        [address, block.base, last].every((inside) => containsAddress(block, inside)) &&
        [block.base - 1, last + 1].every((outside) => !containsAddress(block, outside))
      );
    }),
  );
  fc.assert(
    fc.property(ipv6, fc.integer({ min: 1, max: 128 }), (address, prefix) => {
      const block = parseCidr6(`${formatIpv6(address)}/${prefix}`);
      if (block === undefined) return false;
      const last = block.base + blockSize6(prefix) - 1n;
      return (
        [address, block.base, last].every((inside) => containsAddress6(block, inside)) &&
        [block.base - 1n, last + 1n].every((outside) => !containsAddress6(block, outside))
      );
    }),
  );
  t.pass();
});

test('two blocks overlap when one holds the other, in either family', (t) => {
  const block = fc.record({ at: fc.nat(255), prefix: fc.integer({ min: 24, max: 32 }) });
  const of = ({ at, prefix }: { readonly at: number; readonly prefix: number }): Cidr => ({ base: at - (at % blockSize(prefix)), prefix });
  fc.assert(
    fc.property(block, block, (a, b) => {
      const [left, right] = [of(a), of(b)];
      const [left6, right6] = [left, right].map(({ base, prefix }) => ({ base: BigInt(base), prefix: prefix + 96 }));
      if (left6 === undefined || right6 === undefined) return false;
      const nested = containsBlock(left, right) || containsBlock(right, left);
      const nested6 = containsBlock6(left6, right6) || containsBlock6(right6, left6);
      return overlaps(left, right) === nested && overlaps6(left6, right6) === nested && nested6 === nested;
    }),
  );
  t.pass();
});

test('a MAC follows from the address, and addresses of both families are told from other words', (t) => {
  t.is(macOf(parseIpv4('192.168.255.1') ?? 0), '02:42:c0:a8:ff:01');
  for (const [text, is] of [
    ['10.0.0.1', true],
    ['::1', true],
    ['localhost', false],
    ['10.0.0.1/8', false],
    ['fe80::1%lo', false],
  ] as const)
    t.is(isIpAddress(text), is, text);
});

test('a link-local address is written in one way, and told from all others', (t) => {
  t.deepEqual(['169.254.8.8', 'FE80:0::0008', 'febf::1'].map(linkLocalOf), ['169.254.8.8', 'fe80::8', 'febf::1']);
  for (const text of ['169.253.255.255', '169.255.0.0', 'fec0::1', 'fd00::1', 'x', '', '169.254.8.8/16', 'fe80::1%eth0'])
    t.is(linkLocalOf(text), undefined, text);
});
