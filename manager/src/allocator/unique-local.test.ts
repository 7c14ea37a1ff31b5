import { formatCidr6, overlaps6, parseCidr6 } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { uniqueLocalSubnet } from './unique-local.ts';

const vni = fc.integer({ min: 1, max: 2 ** 24 - 1 });

test('networks of a cluster never have the same unique local subnet, whatever their numbers', (t) => {
  fc.assert(
    fc.property(
      fc.string(),
      vni,
      vni,
      (cluster, a, b) => a === b || !overlaps6(uniqueLocalSubnet(cluster, a), uniqueLocalSubnet(cluster, b)),
    ),
  );
  t.pass();
});

test('it is a /64 of fd00::/8, always the same for a network, and another one in another cluster', (t) => {
  const block = parseCidr6('fd00::/8') ?? { base: 0n, prefix: 0 };
  const subnet = uniqueLocalSubnet('gxk3u6tcpdkpyb0m3pqz9k2e1', 4096);
  t.true(overlaps6(block, subnet) && subnet.prefix === 64);
  t.is(formatCidr6(subnet), formatCidr6(uniqueLocalSubnet('gxk3u6tcpdkpyb0m3pqz9k2e1', 4096)));
  t.not(formatCidr6(subnet), formatCidr6(uniqueLocalSubnet('gxk3u6tcpdkpyb0m3pqz9k2e2', 4096)));
  t.is(formatCidr6(subnet).split(':')[3], '1000', 'the network number is the VNI');
});
