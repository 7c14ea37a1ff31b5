import test from 'ava';
import fc from 'fast-check';
import { RaftLog } from './log.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type Entry, emptyConfState, noBytes } from './messages.ts';
import { unlimited } from './options.ts';
import { entrySize } from './storage.ts';

const entry = (index: number, term: number, size = 0): Entry => ({ type: 'EntryNormal', index, term, data: new Uint8Array(size) });
const entries = (from: number, ...terms: readonly number[]): readonly Entry[] => terms.map((term, at) => entry(from + at, term));
const terms = (log: RaftLog): readonly (number | string)[] =>
  Array.from({ length: log.lastIndex() - log.firstIndex() + 1 }, (_, at) => log.term(log.firstIndex() + at));

const logOf = (...list: readonly number[]): RaftLog => {
  const storage = new MemoryStorage();
  storage.append(entries(1, ...list));
  return new RaftLog(storage, unlimited, undefined);
};

test('an append behind an entry that is not there or of another term is refused', (t) => {
  const log = logOf(1, 1, 2);
  t.is(log.appendBehind({ index: 4, term: 2 }, [], 0), undefined);
  t.is(log.appendBehind({ index: 3, term: 1 }, [], 0), undefined);
  t.is(log.appendBehind({ index: 3, term: 2 }, entries(4, 2, 3), 0), 5);
  t.deepEqual(terms(log), [1, 1, 2, 2, 3]);
});

test('a late append with fewer entries cuts nothing off', (t) => {
  const log = logOf(1, 1, 1, 1);
  t.is(log.appendBehind({ index: 1, term: 1 }, entries(2, 1), 0), 2);
  t.is(log.lastIndex(), 4);
});

test('entries that contradict the leader are replaced from the first of them on', (t) => {
  const log = logOf(1, 1, 2, 2, 2);
  t.is(log.appendBehind({ index: 2, term: 1 }, entries(3, 2, 3), 0), 4);
  t.deepEqual(terms(log), [1, 1, 2, 3]);
});

test('a committed entry is never replaced', (t) => {
  const log = logOf(1, 1, 1);
  log.commitTo(3);
  const error = t.throws(() => log.appendBehind({ index: 1, term: 1 }, entries(2, 2), 0));
  t.regex(error?.message ?? '', /conflict with committed entry/);
});

test('a follower commits no further than what the message proves to match', (t) => {
  const log = logOf(1, 1, 1);
  log.appendBehind({ index: 1, term: 1 }, entries(2, 1), 9);
  t.is(log.committed, 2);
});

test('committing past the end is a bug, not a wish', (t) => {
  const error = t.throws(() => logOf(1).commitTo(2));
  t.regex(error?.message ?? '', /out of range/);
});

test('counting commits only entries of the own term', (t) => {
  const log = logOf(1, 2, 2);
  t.false(log.commitByCount(1, 2));
  t.false(log.commitByCount(Number.POSITIVE_INFINITY, 2));
  t.true(log.commitByCount(2, 2));
  t.is(log.committed, 2);
  t.false(log.commitByCount(2, 2));
});

test('the later last term is more up to date, then the longer log', (t) => {
  const log = logOf(1, 2, 2);
  t.true(log.isUpToDate({ index: 1, term: 3 }));
  t.true(log.isUpToDate({ index: 3, term: 2 }));
  t.false(log.isUpToDate({ index: 2, term: 2 }));
  t.false(log.isUpToDate({ index: 9, term: 1 }));
});

test('the place where two logs may agree skips all later terms at once', (t) => {
  const log = logOf(1, 3, 3, 4, 4, 5);
  t.deepEqual(log.lastNotAfter(6, 3), { index: 3, term: 3 });
  t.deepEqual(log.lastNotAfter(6, 2), { index: 1, term: 1 });
  t.deepEqual(log.lastNotAfter(6, 0), { index: 0, term: 0 });
});

test('committed entries come out once, within the size, and at least one', (t) => {
  const storage = new MemoryStorage();
  storage.append([entry(1, 1, 10), entry(2, 1, 10), entry(3, 1, 10)]);
  const log = new RaftLog(storage, entrySize(entry(1, 1, 10)) * 2, undefined);
  log.commitTo(3);
  const first = log.nextCommitted();
  t.deepEqual(
    first.map(({ index }) => index),
    [1, 2],
  );
  log.handOutCommitted(first);
  t.deepEqual(log.nextCommitted(), []);
  log.appliedTo(2, entrySize(entry(1, 1, 10)) * 2);
  t.deepEqual(
    log.nextCommitted().map(({ index }) => index),
    [3],
  );
});

test('what a snapshot covers is compacted, and nothing is applied before the snapshot is', (t) => {
  const log = logOf(1, 1);
  log.restore({ index: 7, term: 3, confState: emptyConfState, data: noBytes });
  t.is(log.firstIndex(), 8);
  t.is(log.lastIndex(), 7);
  t.is(log.term(7), 3);
  t.is(log.term(6), 'compacted');
  t.is(log.term(8), 'unavailable');
  t.deepEqual(log.nextCommitted(), []);
});

test('entries stored at a term that is over are not taken for stored', (t) => {
  const log = logOf(1);
  log.append(entries(2, 2, 2));
  log.unstable.markHandedOut();
  log.appendBehind({ index: 1, term: 1 }, entries(2, 3), 0);
  log.unstable.stored(3, 2);
  t.deepEqual(
    log.unstable.nextEntries().map(({ index, term }) => [index, term]),
    [[2, 3]],
  );
  log.unstable.markHandedOut();
  log.unstable.stored(2, 3);
  t.deepEqual(log.unstable.entries, []);
});

test('any slice is the same wherever the line between stored and unstored entries runs', (t) => {
  const sizes = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), fc.nat({ max: 200 }), (list, cut, a, b, limit) => {
      const all = list.map((size, at) => entry(at + 1, 1, size));
      const storage = new MemoryStorage();
      storage.append(all.slice(0, cut % (all.length + 1)));
      const log = new RaftLog(storage, unlimited, undefined);
      log.append(all.slice(storage.lastIndex()));
      const low = 1 + (Math.min(a, b) % all.length);
      const high = Math.max(low, 1 + (Math.max(a, b) % (all.length + 1)));
      const expected: Entry[] = [];
      let size = 0;
      for (const it of all.slice(low - 1, high - 1)) {
        size += entrySize(it);
        if (expected.length > 0 && size > limit) break;
        expected.push(it);
      }
      t.deepEqual(log.slice(low, high, limit), expected);
    }),
  );
});

test('where the log was cut shorter than storage still knows, what is behind the end is not there', (t) => {
  const log = logOf(1, 1, 1, 1, 1);
  log.append(entries(3, 2));
  t.is(log.lastIndex(), 3);
  t.is(log.term(4), 'unavailable');
  t.is(log.slice(2, 5, unlimited), 'unavailable');
  t.is(log.slice(4, 5, unlimited), 'unavailable');
  t.deepEqual(log.entries(4, unlimited), []);
});

test('behind a snapshot that storage has not seen yet, nothing that storage has is read', (t) => {
  const log = logOf(1, 1, 1);
  log.restore({ index: 7, term: 3, confState: emptyConfState, data: noBytes });
  t.is(log.slice(2, 4, unlimited), 'compacted');
  t.is(log.entries(2, unlimited), 'compacted');
});

test('a slice across stored and unstored entries takes what fits to the byte', (t) => {
  const log = logOf(1, 1);
  log.append(entries(3, 1, 1));
  const size = entrySize(entry(1, 1));
  const indices = (maxBytes: number): readonly number[] | string => {
    const slice = log.slice(1, 5, maxBytes);
    return typeof slice === 'string' ? slice : slice.map(({ index }) => index);
  };
  t.deepEqual(indices(size * 3), [1, 2, 3]);
  t.deepEqual(indices(size * 3 - 1), [1, 2]);
  t.deepEqual(indices(size * 2), [1, 2]);
  t.deepEqual(indices(0), [1]);
});

test('while earlier entries are being applied the size counts what is out, and frees what is done', (t) => {
  const storage = new MemoryStorage();
  storage.append([1, 2, 3, 4, 5, 6].map((index) => entry(index, 1, 10)));
  const size = entrySize(entry(1, 1, 10));
  const log = new RaftLog(storage, size * 3, undefined);
  const take = (upTo: number): readonly number[] => {
    log.commitTo(upTo);
    const next = log.nextCommitted();
    log.handOutCommitted(next);
    return next.map(({ index }) => index);
  };
  t.deepEqual(take(2), [1, 2]);
  t.deepEqual(take(6), [3]);
  t.deepEqual(take(6), []);
  log.appliedTo(2, size * 2);
  t.deepEqual(take(6), [4, 5]);
  t.deepEqual(take(6), []);
});

test('where only what is stored is applied, the unstored end waits', (t) => {
  const storage = new MemoryStorage();
  storage.append(entries(1, 1));
  const log = new RaftLog(storage, unlimited, undefined, true);
  log.append(entries(2, 1));
  log.commitTo(2);
  t.deepEqual(
    log.nextCommitted().map(({ index }) => index),
    [1],
  );
  storage.append(entries(2, 1));
  log.stored({ index: 2, term: 1 });
  t.is(log.nextCommitted().length, 2);
});
