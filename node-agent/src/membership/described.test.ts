import { emptyNodeDescription } from '@tso/proto';
import test from 'ava';
import { described } from './described.ts';

const host = { ...emptyNodeDescription, hostname: 'alpha' };

test('a node with tunnels says by which key, at which port', (t) => {
  t.like(described(host, { publicKey: 'K', port: 24_790, generation: 3 }, []), {
    hostname: 'alpha',
    wireguardKey: 'K',
    wireguardPort: 24_790,
    wireguardGeneration: 3,
    troubles: [],
  });
});

test('a node without says none, also when its description once had one', (t) => {
  t.deepEqual(described({ ...host, wireguardKey: 'K', wireguardPort: 1, wireguardGeneration: 1 }, undefined, []), host);
});

test('a trouble that a program told in several lines is told in one', (t) => {
  t.deepEqual(described(host, undefined, ['ip failed:\n\tno such\u0007 device']).troubles, ['ip failed: no such device']);
});

test('troubles are sorted, each told once, and few and short enough for every listing', (t) => {
  t.deepEqual(described(host, undefined, ['b', 'a', 'b']).troubles, ['a', 'b']);
  const many = Array.from({ length: 100 }, (_, at) => `${at} ${'x'.repeat(1_000)}`);
  const { troubles } = described(host, undefined, many);
  t.is(troubles.length, 20);
  t.true(troubles.every((text) => text.length === 500));
});
