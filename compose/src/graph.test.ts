import test from 'ava';
import fc from 'fast-check';
import { walk } from './graph.ts';

const over = (edges: Readonly<Record<string, readonly string[]>>) => walk(Object.keys(edges), (name) => edges[name] ?? []);

test('everyone stands behind those it leads to', (t) => {
  t.deepEqual(over({ a: ['b', 'c'], b: ['c'], c: [] }), { order: ['c', 'b', 'a'], circle: undefined });
});

test('a circle is told from its first member to that again', (t) => {
  t.deepEqual(over({ x: ['a'], a: ['b'], b: ['a'] }).circle, ['a', 'b', 'a']);
  t.deepEqual(over({ a: ['a'] }).circle, ['a', 'a']);
});

test('a chain of a hundred thousand is walked to its end', (t) => {
  const { order } = walk(['0'], (name) => (name === '100000' ? [] : [String(Number(name) + 1)]));
  t.is(order.length, 100_001);
  t.is(order[0], '100000');
});

test('property: without edges back there is no circle, and the order is one', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 60 }), (pairs) => {
      const edges: Record<string, string[]> = {};
      for (const [a, b] of pairs) {
        const [low, high] = [String(Math.min(a, b)), String(Math.max(a, b))];
        if (a !== b) edges[low] = [...(edges[low] ?? []), high];
      }
      const { order, circle } = over(edges);
      const at = new Map(order.map((name, index) => [name, index]));
      return circle === undefined && Object.entries(edges).every(([a, all]) => all.every((b) => (at.get(b) ?? 99) < (at.get(a) ?? -1)));
    }),
  );
  t.pass();
});
