import { overlaps, parseCidr } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { choosePool } from './pool.ts';

const routes = (...destinations: readonly string[]) => JSON.stringify(destinations.map((dst) => ({ dst })));

test('the pool is a /12 of 10.0.0.0/8 that no route overlaps', (t) => {
  const destination = fc
    .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.integer({ min: 12, max: 32 }))
    .map(([b, c, length]) => `10.${b}.${c}.0/${length}`);
  fc.assert(
    fc.property(fc.array(destination, { maxLength: 8 }), fc.string(), (taken, seed) => {
      const pool = parseCidr(choosePool(routes('default', ...taken), seed));
      const all = parseCidr('10.0.0.0/8');
      if (pool === undefined || all === undefined || pool.prefix !== 12 || !overlaps(pool, all)) return false;
      return taken.every((text) => {
        const cidr = parseCidr(text);
        return cidr !== undefined && !overlaps(cidr, pool);
      });
    }),
  );
  t.pass();
});

test('the same seed chooses the same pool, another usually another', (t) => {
  t.is(choosePool('[]', 'cluster'), choosePool('', 'cluster'));
  t.true(new Set(Array.from({ length: 40 }, (_, index) => choosePool('[]', `cluster ${index}`))).size > 8);
});

test('a claim of another daemon is avoided', (t) => {
  const first = choosePool('[]', 'seed');
  t.not(choosePool(JSON.stringify([{ type: 'unreachable', dst: first, protocol: '116' }]), 'seed'), first);
});

test('the route to one host, which is shown without a prefix, is avoided too', (t) => {
  const first = choosePool('[]', 'seed');
  t.not(choosePool(routes(first.replace('.0.0/12', '.0.1')), 'seed'), first);
});

test('without a free one it says so and what to do', (t) => {
  t.throws(() => choosePool(routes('10.0.0.0/8'), ''), { message: /no \/12 of 10\.0\.0\.0\/8 is free/ });
});
