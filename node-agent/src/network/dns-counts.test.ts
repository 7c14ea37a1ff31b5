import test from 'ava';
import { DnsCounts } from './dns-counts.ts';

test('answers are counted by their code and by where they came from', (t) => {
  const counts = new DnsCounts();
  t.deepEqual(counts.figures(), []);
  for (const code of [0, 0, 3]) counts.add(code, false);
  for (const code of [0, 2, 9, 15]) counts.add(code, true);
  t.deepEqual(counts.figures(), [
    { code: 'noerror', elsewhere: false, count: 2 },
    { code: 'nxdomain', elsewhere: false, count: 1 },
    { code: 'noerror', elsewhere: true, count: 1 },
    { code: 'servfail', elsewhere: true, count: 1 },
    { code: 'other', elsewhere: true, count: 2 },
  ]);
});
