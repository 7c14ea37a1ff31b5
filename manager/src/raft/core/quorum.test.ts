import test from 'ava';
import fc from 'fast-check';
import { jointCommitted, jointVote, majorityCommitted, majorityVote, quorumSize, voterIds } from './quorum.ts';

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 }).map((list) => new Set(list));
const acknowledged = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 10, maxLength: 10 });
const ballots = fc.array(fc.constantFrom(true, false, undefined), { minLength: 10, maxLength: 10 });

const votesOf = (list: readonly (boolean | undefined)[]): ReadonlyMap<number, boolean> =>
  new Map(list.flatMap((vote, id): [number, boolean][] => (vote === undefined ? [] : [[id, vote]])));

/** Tries every index instead of sorting. */
const naiveCommitted = (voters: ReadonlySet<number>, acked: readonly number[]): number => {
  if (voters.size === 0) return Number.POSITIVE_INFINITY;
  let best = 0;
  for (let index = 0; index <= 6; index += 1) {
    const having = [...voters].filter((id) => (acked[id] ?? 0) >= index).length;
    if (having * 2 > voters.size) best = index;
  }
  return best;
};

/** Whether some way of casting the missing votes wins: it is enough to try all yes and all no. */
const naiveVote = (voters: ReadonlySet<number>, votes: ReadonlyMap<number, boolean>): string => {
  if (voters.size === 0) return 'won';
  const wins = (missing: boolean): boolean => [...voters].filter((id) => votes.get(id) ?? missing).length * 2 > voters.size;
  if (wins(false)) return 'won';
  return wins(true) ? 'pending' : 'lost';
};

test('a majority is more than half', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 5].map((size) => quorumSize(new Set(Array.from({ length: size }, (_, at) => at)))),
    [1, 2, 2, 3, 3],
  );
});

test('what a majority acknowledged is what trying every index finds', (t) => {
  fc.assert(
    fc.property(ids, acknowledged, (voters, acked) => {
      t.is(
        majorityCommitted(voters, (id) => acked[id] ?? 0),
        naiveCommitted(voters, acked),
      );
    }),
  );
});

test('a joint configuration commits what both halves have', (t) => {
  fc.assert(
    fc.property(ids, ids, acknowledged, (incoming, outgoing, acked) => {
      const both = Math.min(naiveCommitted(incoming, acked), naiveCommitted(outgoing, acked));
      t.is(
        jointCommitted({ incoming, outgoing }, (id) => acked[id] ?? 0),
        both,
      );
    }),
  );
});

test('an election is won or lost exactly when no missing vote can change that', (t) => {
  fc.assert(
    fc.property(ids, ballots, (voters, list) => t.is(majorityVote(voters, votesOf(list)), naiveVote(voters, votesOf(list)) as 'won')),
  );
});

test('a joint election is lost when either half is, and won only when both are', (t) => {
  fc.assert(
    fc.property(ids, ids, ballots, (incoming, outgoing, list) => {
      const votes = votesOf(list);
      const halves = [naiveVote(incoming, votes), naiveVote(outgoing, votes)];
      const expected = halves.includes('lost') ? 'lost' : halves.includes('pending') ? 'pending' : 'won';
      t.is(jointVote({ incoming, outgoing }, votes), expected);
    }),
  );
});

test('any two majorities of one configuration share a voter', (t) => {
  fc.assert(
    fc.property(ids, ballots, ballots, (voters, one, other) => {
      fc.pre(voters.size > 0 && majorityVote(voters, votesOf(one)) === 'won' && majorityVote(voters, votesOf(other)) === 'won');
      t.true([...voters].some((id) => one[id] && other[id]));
    }),
  );
});

test('the voters of both halves are named once, in order', (t) => {
  t.deepEqual(voterIds({ incoming: new Set([3, 1]), outgoing: new Set([2, 3]) }), [1, 2, 3]);
});
