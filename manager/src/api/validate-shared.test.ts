import test from 'ava';
import { badName, duplicates } from './validate-shared.ts';

test('what is given more than once is told once, and what has no name never', (t) => {
  t.deepEqual(duplicates(['a', 'b', '', 'c', 'b', 'a', 'b', '']), ['b', 'a']);
  // With as many steps for each as there are others, this would take minutes.
  t.deepEqual(duplicates([...Array.from({ length: 500_000 }, (_, n) => `v${n}`), 'v7']), ['v7']);
});

test('a name has a length that fits into a folder, and signs that mean nothing elsewhere', (t) => {
  t.is(badName('network', 'n'.repeat(255)), undefined);
  t.is(badName('network', 'n'.repeat(256))?.message, 'the name of a network has 256 characters, it may have 255');
  t.is(badName('network', '../x')?.message, '"../x" cannot be the name of a network');
});
