import test from 'ava';
import { cycleIn } from './cycle.ts';

const of = (...arrows: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const next = new Map<string, string[]>();
  for (const [from = '', to = ''] of arrows.map((arrow) => arrow.split('>'))) next.set(from, [...(next.get(from) ?? []), to]);
  return next;
};

test('a circle is told from its first member back to it, be it of one', (t) => {
  t.deepEqual(cycleIn(of('a>a')), ['a', 'a']);
  t.deepEqual(cycleIn(of('x>a', 'a>b', 'b>c', 'c>a')), ['a', 'b', 'c', 'a']);
});

test('two ways to the same place are no circle, nor is what leads nowhere', (t) => {
  t.is(cycleIn(of('a>b', 'a>c', 'b>d', 'c>d', 'd>nowhere')), undefined);
  t.is(cycleIn(new Map()), undefined);
});

test('a very long chain is walked to its end', (t) => {
  const links = Array.from({ length: 20_000 }, (_, index) => [`s${index}`, [`s${index + 1}`]] as const);
  t.is(cycleIn(new Map(links)), undefined);
  t.is(cycleIn(new Map([...links, ['s20000', ['s0']]]))?.length, 20_002);
});
