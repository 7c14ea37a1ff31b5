import { emptyNodeDescription } from '@tso/proto';
import test from 'ava';
import { unknownFeatures } from '../host-features.ts';
import { described } from './described.ts';

const host = { ...emptyNodeDescription, hostname: 'alpha' };

test('a node with tunnels says by which key, at which port', (t) => {
  t.like(described(host, { publicKey: 'K', port: 24_790, generation: 3 }, [], unknownFeatures), {
    hostname: 'alpha',
    wireguardKey: 'K',
    wireguardPort: 24_790,
    wireguardGeneration: 3,
    troubles: [],
  });
});

test('a node without says none, also when its description once had one', (t) => {
  t.deepEqual(described({ ...host, wireguardKey: 'K', wireguardPort: 1, wireguardGeneration: 1 }, undefined, [], unknownFeatures), host);
});

test('a trouble that a program told in several lines is told in one', (t) => {
  t.deepEqual(described(host, undefined, ['ip failed:\n\tno such\u0007 device'], unknownFeatures).troubles, ['ip failed: no such device']);
});

test('troubles are sorted, each told once, and few and short enough for every listing', (t) => {
  t.deepEqual(described(host, undefined, ['b', 'a', 'b'], unknownFeatures).troubles, ['a', 'b']);
  const many = Array.from({ length: 100 }, (_, at) => `${at} ${'x'.repeat(1_000)}`);
  const { troubles } = described(host, undefined, many, unknownFeatures);
  t.is(troubles.length, 20);
  t.true(troubles.every((text) => text.length === 500));
});

test('a node says what its kernel can do', (t) => {
  const features = { networkDrivers: ['macvlan'], fileSystems: ['ext4', 'nfs'] };
  t.like(described(host, undefined, [], features), features);
});
