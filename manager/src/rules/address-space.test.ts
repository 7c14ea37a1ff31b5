import {
  blockSize,
  emptyNetworkSpec,
  formatCidr,
  formatIpv4,
  type NetworkSpec,
  newNetwork,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import {
  type AddressSpace,
  address6Of,
  addressSpaceOf,
  gateway6Of,
  gatewayOf,
  isGivenOut,
  spaceSize,
  unusable,
  unusable6,
} from './address-space.ts';

const spaceOf = (
  subnet: string,
  spec: Partial<NetworkSpec> = {},
  more: { gateway?: string; subnet6?: string; gateway6?: string } = {},
): AddressSpace => {
  const found = addressSpaceOf({ ...newNetwork, subnet, gateway: '10.0.0.1', ...more, spec: { ...emptyNetworkSpec, ...spec } });
  if (found === undefined) throw new Error('it has a subnet');
  return found;
};
const ip = (text: string): number => parseIpv4(text) ?? -1;

test('a network without a subnet has nothing to give out', (t) => t.is(addressSpaceOf({ ...newNetwork, subnet: '' }), undefined));

test('all but network, broadcast, gateway and reserved addresses can be given out, within the range', (t) => {
  t.is(spaceSize(spaceOf('10.0.0.0/24')), 253);
  t.is(spaceSize(spaceOf('10.0.0.0/24', { reserved: { printer: '10.0.0.9', again: '10.0.0.9' } })), 252);
  const ranged = spaceOf('10.0.0.0/24', { ipRange: '10.0.0.128/25', reserved: { a: '10.0.0.129', b: '10.0.0.2' } });
  t.is(spaceSize(ranged), 126, 'of 128 the broadcast and one that is reserved');
  for (const [address, is] of [
    ['10.0.0.127', false],
    ['10.0.0.128', true],
    ['10.0.0.129', false],
    ['10.0.0.254', true],
    ['10.0.0.255', false],
  ] as const)
    t.is(isGivenOut(ranged, ip(address)), is, address);
});

test('how many can be given out is how many are, whatever subnet, range and reservations', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 24, max: 29 }),
      fc.integer({ min: 24, max: 32 }),
      fc.nat(255),
      fc.array(fc.nat(255), { maxLength: 6 }),
      (prefix, rangePrefix, at, reserved) => {
        const subnet = parseCidr(`10.0.0.${at}/${prefix}`);
        if (subnet === undefined) return false;
        const range = parseCidr(`${formatIpv4(subnet.base + (at % blockSize(prefix)))}/${Math.max(prefix, rangePrefix)}`);
        if (range === undefined) return false;
        const names = Object.fromEntries(
          reserved.map((host, index) => [`r${index}`, formatIpv4(subnet.base + (host % blockSize(prefix)))]),
        );
        const space = spaceOf(
          formatCidr(subnet),
          { ipRange: formatCidr(range), reserved: names },
          { gateway: formatIpv4(subnet.base + 1) },
        );
        const given = Array.from({ length: blockSize(prefix) }, (_, host) => subnet.base + host).filter((address) =>
          isGivenOut(space, address),
        );
        return (
          given.length === spaceSize(space) &&
          given.every(
            (address) => unusable(space, address) === undefined && address >= range.base && address < range.base + blockSize(range.prefix),
          )
        );
      },
    ),
  );
  t.pass();
});

test('an address is refused for what it is', (t) => {
  const space = spaceOf('10.0.0.0/24', { ipRange: '10.0.0.128/25', reserved: { a: '10.0.0.9' } });
  for (const [address, why] of [
    ['10.0.1.1', 'outside'],
    ['10.0.0.0', 'network'],
    ['10.0.0.255', 'network'],
    ['10.0.0.1', 'withheld'],
    ['10.0.0.9', 'withheld'],
    ['10.0.0.10', undefined],
  ] as const)
    t.is(unusable(space, ip(address)), why, address);
});

test('an IPv6 address follows from the IPv4 one, in the range that was given for it', (t) => {
  const plain = spaceOf('10.0.0.0/24', {}, { subnet6: 'fd00:1::/64', gateway6: 'fd00:1::1' });
  t.is(address6Of(plain, ip('10.0.0.17')), 'fd00:1::11');
  t.is(address6Of(spaceOf('10.0.0.0/24'), ip('10.0.0.17')), '');
  const ranged = spaceOf('10.0.0.0/24', { ipRange6: 'fd00:1::5:0/112' }, { subnet6: 'fd00:1::/64', gateway6: 'fd00:1::1' });
  t.is(address6Of(ranged, ip('10.0.0.17')), 'fd00:1::5:11');
  for (const [address, why] of [
    ['fd00:2::9', 'outside'],
    ['fd00:1::', 'network'],
    ['fd00:1::1', 'withheld'],
    ['fd00:1::9', undefined],
  ] as const)
    t.is(unusable6(plain, parseIpv6(address) ?? -1n), why, address);
  t.is(unusable6(spaceOf('10.0.0.0/24'), parseIpv6('fd00::1') ?? -1n), 'outside');
});

test('an IPv4 address whose IPv6 address is a gateway or reserved is not given out', (t) => {
  const space = spaceOf(
    '10.0.0.0/24',
    { reserved: { a: 'fd00:1::20' } },
    { gateway: '10.0.0.254', subnet6: 'fd00:1::/64', gateway6: 'fd00:1::1' },
  );
  t.false(isGivenOut(space, ip('10.0.0.1')));
  t.false(isGivenOut(space, ip('10.0.0.32')));
  t.false(isGivenOut(space, ip('10.0.0.254')));
  t.is(spaceSize(space), 254 - 3);
});

test('the gateway is the wished one, else the first address that is not reserved', (t) => {
  const subnet = parseCidr('10.0.0.0/24') ?? { base: 0, prefix: 0 };
  t.is(gatewayOf({ gateway: '10.0.0.9', reserved: {} }, subnet), '10.0.0.9');
  t.is(gatewayOf({ gateway: '', reserved: {} }, subnet), '10.0.0.1');
  t.is(gatewayOf({ gateway: '', reserved: { a: '10.0.0.1', b: '10.0.0.2' } }, subnet), '10.0.0.3');
  const subnet6 = parseCidr6('fd00:1::/64') ?? { base: 0n, prefix: 0 };
  t.is(gateway6Of({ gateway6: 'FD00:1:0::9', reserved: {} }, subnet6), 'fd00:1::9');
  t.is(gateway6Of({ gateway6: '', reserved: { a: 'fd00:1::1' } }, subnet6), 'fd00:1::2');
});
