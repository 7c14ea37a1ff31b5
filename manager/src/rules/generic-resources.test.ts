import test from 'ava';
import fc from 'fast-check';
import { asked, claim, leftOf, nothingClaimed, withClaim } from './generic-resources.ts';

const named = [{ kind: 'gpu', count: 0, ids: ['c', 'a', 'b'] }];
const counted = [{ kind: 'gpu', count: 3, ids: [] }];
const of = (count: number, ...ids: readonly string[]) => [{ kind: 'gpu', count, ids }];

test('what is asked for twice is asked for together, and nothing of a kind is left out', (t) => {
  t.deepEqual(asked([{ kind: 'ssd', count: 1, ids: [] }, ...of(1), ...of(2), { kind: 'x', count: 0, ids: [] }]), [
    { kind: 'gpu', count: 3, ids: [] },
    { kind: 'ssd', count: 1, ids: [] },
  ]);
});

test('named ones are given in the order in which the node names them', (t) => {
  const first = claim(named, nothingClaimed, of(2));
  t.deepEqual(first, of(2, 'c', 'a'));
  t.deepEqual(claim(named, withClaim(nothingClaimed, first), of(1)), of(1, 'b'));
});

test('what was claimed before its owner named them is held back, and what was named before they are counted is too', (t) => {
  t.is(leftOf(named, withClaim(nothingClaimed, of(2)), 'gpu'), 1);
  t.is(leftOf(counted, withClaim(nothingClaimed, of(2, 'c', 'a')), 'gpu'), 1);
  t.is(leftOf(named, withClaim(nothingClaimed, of(2, 'gone', 'too')), 'gpu'), 3, 'names that the node no longer has are nobody’s');
  t.is(leftOf(named, nothingClaimed, 'ssd'), 0);
});

test('no name is given twice, and never more than there are', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 6 }),
      fc.nat(6),
      fc.array(fc.nat(3), { maxLength: 6 }),
      (ids, count, wishes) => {
        const has = ids.length > 0 ? [{ kind: 'gpu', count: 0, ids }] : [{ kind: 'gpu', count, ids: [] }];
        let claimed = nothingClaimed;
        const given: string[] = [];
        let total = 0;
        for (const wish of wishes) {
          if (leftOf(has, claimed, 'gpu') < wish) continue;
          const got = claim(has, claimed, asked(of(wish)));
          claimed = withClaim(claimed, got);
          given.push(...got.flatMap((each) => each.ids));
          total += wish;
        }
        return (
          new Set(given).size === given.length &&
          total <= (ids.length > 0 ? ids.length : count) &&
          (ids.length === 0 || given.length === total)
        );
      },
    ),
  );
  t.pass();
});
