import test from 'ava';
import { graceMsFor } from './grace.ts';

test('after a change of leaders a few nodes are missed as soon as at any other time, thousands have the time to come', (t) => {
  t.is(graceMsFor(3_000, 8, false, 0), 3_064);
  t.is(graceMsFor(3_000, 2_000, false, 0), 19_000);
});

test('a cluster that starts as a whole gives its hosts time to start', (t) => {
  t.is(graceMsFor(3_000, 3, true, 0), 10_000);
  t.is(graceMsFor(20_000, 0, true, 0), 20_000);
});

test('after a while without a leader, agents that pause ever longer have as long again to come', (t) => {
  t.is(graceMsFor(3_000, 0, false, 500), 3_500);
  t.is(graceMsFor(3_000, 0, false, 60_000), 7_000);
});
