import type { Revocation } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { isRevoked, maxClientLifeMs, maxNodeLifeMs, withoutPast, withRevoked } from './revocations.ts';

const none = { revoked: [] as readonly Revocation[] } as Parameters<typeof withRevoked>[0];

test('a revocation lasts longer than any certificate of that name can', (t) => {
  const client = withRevoked(none, 'alice', 'client', 1_000);
  t.true(isRevoked(client, 'alice', 'client', 1_000 + maxClientLifeMs));
  t.false(isRevoked(client, 'alice', 'client', 1_000 + 2 * maxClientLifeMs));
  t.true(isRevoked(withRevoked(none, 'n1', 'node', 1_000), 'n1', 'node', 1_000 + maxNodeLifeMs));
});

test('a revocation is of one name in one role', (t) => {
  const client = withRevoked(none, 'alice', 'client', 1_000);
  t.false(isRevoked(client, 'alice', 'node', 1_000));
  t.false(isRevoked(client, 'bob', 'client', 1_000));
});

test('revoked again it is renewed, not kept twice; what is past is forgotten on the way', (t) => {
  const first = withRevoked(withRevoked(none, 'alice', 'client', 1_000), 'n1', 'node', 2_000);
  const again = withRevoked(first, 'alice', 'client', 3_000);
  t.deepEqual(
    again.revoked.map(({ name, atMs }) => [name, atMs]),
    [
      ['n1', 2_000],
      ['alice', 3_000],
    ],
  );
  t.deepEqual(
    withRevoked(again, 'bob', 'client', 3 * maxClientLifeMs).revoked.map(({ name }) => name),
    ['bob'],
  );
});

test('forgetting what is past never lets in anybody who was refused', (t) => {
  const revocation = fc.record({
    name: fc.constantFrom('a', 'b'),
    role: fc.constantFrom('client', 'node'),
    untilMs: fc.nat(100),
    atMs: fc.constant(0),
  });
  fc.assert(
    fc.property(fc.array(revocation), fc.nat(100), (revoked, nowMs) => {
      const kept = { revoked: withoutPast(revoked, nowMs) };
      for (const name of ['a', 'b']) {
        for (const role of ['client', 'node'] as const) t.is(isRevoked(kept, name, role, nowMs), isRevoked({ revoked }, name, role, nowMs));
      }
      t.true(kept.revoked.every(({ untilMs }) => untilMs > nowMs));
    }),
  );
});
