import test from 'ava';
import { UnstableTail } from './log-unstable.ts';
import { type Entry, emptyConfState, noBytes, type Snapshot } from './messages.ts';

const entries = (from: number, to: number, term = 1): readonly Entry[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ type: 'EntryNormal', term, index: from + at, data: noBytes }));
const snapshot = (index: number): Snapshot => ({ index, term: 2, confState: emptyConfState, data: noBytes });
const listed = (list: readonly Entry[]): readonly string[] => list.map(({ term, index }) => `${term}/${index}`);

const tail = (from: number, to: number): UnstableTail => {
  const it = new UnstableTail(from);
  it.append(entries(from, to));
  return it;
};

test('a tail without entries and snapshot does not know where the log ends', (t) => {
  t.is(new UnstableTail(5).lastIndex(), undefined);
  t.is(tail(5, 7).lastIndex(), 7);
});

test('entries are handed out once', (t) => {
  const it = tail(5, 6);
  t.deepEqual(listed(it.nextEntries()), ['1/5', '1/6']);
  it.markHandedOut();
  t.false(it.hasNextEntries);
  t.is(it.append(entries(7, 7)), 'appended');
  t.deepEqual(listed(it.nextEntries()), ['1/7']);
});

test('what is stored leaves the tail, what is behind it stays', (t) => {
  const it = tail(5, 8);
  it.markHandedOut();
  it.stored(6, 1);
  t.is(it.offset, 7);
  t.deepEqual(listed(it.entries), ['1/7', '1/8']);
  t.false(it.hasNextEntries);
  it.stored(8, 1);
  t.is(it.offset, 9);
  t.deepEqual(it.entries, []);
});

test('what is stored need not be handed out again, though it was put back meanwhile', (t) => {
  const it = tail(5, 6);
  it.markHandedOut();
  it.append(entries(5, 5, 2));
  it.append(entries(5, 6, 1));
  it.stored(6, 1);
  t.false(it.hasNextEntries);
  t.is(it.append(entries(7, 7)), 'appended');
  t.deepEqual(listed(it.nextEntries()), ['1/7']);
});

test('entries of another term, or before the tail, are not taken for stored', (t) => {
  const it = tail(5, 6);
  it.stored(4, 1);
  it.stored(6, 2);
  it.stored(9, 1);
  t.is(it.offset, 5);
  t.is(it.entries.length, 2);
});

test('entries that are replaced are handed out again from there on, those before them are not', (t) => {
  const it = tail(5, 8);
  it.markHandedOut();
  t.is(it.append(entries(7, 7, 2)), 'truncated');
  t.deepEqual(listed(it.entries), ['1/5', '1/6', '2/7']);
  t.deepEqual(listed(it.nextEntries()), ['2/7']);
  t.is(it.append(entries(5, 6, 3)), 'replaced');
  t.deepEqual(listed(it.nextEntries()), ['3/5', '3/6']);
  t.is(it.append(entries(3, 3, 4)), 'replaced');
  t.is(it.offset, 3);
  t.deepEqual(listed(it.entries), ['4/3']);
});

test('of entries that were not handed out yet none is taken for handed out when the end is replaced', (t) => {
  const it = tail(5, 6);
  it.markHandedOut();
  it.append(entries(7, 9));
  it.append(entries(8, 8, 2));
  t.deepEqual(listed(it.nextEntries()), ['1/7', '2/8']);
});

test('a snapshot takes the place of all entries, is handed out once and stays until it is stored', (t) => {
  const it = tail(5, 8);
  it.markHandedOut();
  it.restore(snapshot(20));
  t.deepEqual([it.offset, it.entries.length, it.lastIndex(), it.term(20), it.term(19)], [21, 0, 20, 2, undefined]);
  t.false(it.hasNextEntries);
  t.is(it.nextSnapshot()?.index, 20);
  it.append(entries(21, 21, 2));
  t.deepEqual(listed(it.nextEntries()), ['2/21']);
  it.markHandedOut();
  t.is(it.nextSnapshot(), undefined);
  it.snapshotStored(19);
  t.is(it.snapshot?.index, 20);
  it.snapshotStored(20);
  t.is(it.snapshot, undefined);
});

test('a second snapshot is handed out too, whether the first one is stored or not', (t) => {
  for (const isStored of [true, false]) {
    const it = new UnstableTail(5);
    it.restore(snapshot(20));
    it.markHandedOut();
    if (isStored) it.snapshotStored(20);
    it.restore(snapshot(30));
    t.is(it.nextSnapshot()?.index, 30);
    it.snapshotStored(20);
    t.is(it.snapshot?.index, 30);
  }
});
