import test from 'ava';
import { withName } from './image-index.ts';

const digest = (n: number): string => `sha256:${String(n).repeat(64)}`;

test('when an image was pulled last is kept while it gets another name, and renewed by a pull', (t) => {
  const first = withName([], digest(1), ['a:1'], [], 5);
  t.deepEqual(first, [{ manifest: digest(1), names: ['a:1'], digests: [], pulledAtMs: 5 }]);
  const named = withName(first, digest(1), ['b:1'], []);
  t.is(named[0]?.pulledAtMs, 5);
  t.is(withName(named, digest(1), ['a:1'], [], 9)[0]?.pulledAtMs, 9);
});

test('a name is taken from the image that had it', (t) => {
  const records = withName(withName([], digest(1), ['a:1'], []), digest(2), ['a:1'], []);
  t.deepEqual(
    records.map(({ names }) => names),
    [[], ['a:1']],
  );
});
