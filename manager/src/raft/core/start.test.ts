// What a node makes of the stable storage that it finds.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { emptyConfState, type HardState, noBytes } from './messages.ts';
import { Member } from './testing/member.ts';

const stored = (hardState: HardState, entryTerms: readonly number[] = []): MemoryStorage => {
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 5, term: 2, confState: { ...emptyConfState, voters: [1, 2, 3] }, data: noBytes });
  storage.append(entryTerms.map((term, at) => ({ type: 'EntryNormal', index: 6 + at, term, data: noBytes })));
  storage.hardState = hardState;
  return storage;
};

const start = (storage: MemoryStorage): Member => new Member({}, { applied: 5 }, storage);

test('a snapshot that was stored before its commit index is committed all the same', (t) => {
  t.is(start(stored({ term: 3, vote: 0, commit: 4 })).core.status().hardState.commit, 5);
  t.is(start(stored({ term: 3, vote: 0, commit: 6 }, [3, 3])).core.status().hardState.commit, 6);
});

test('a commit index past the end of the log, or a term earlier than that of the last entry, stops the node', (t) => {
  t.throws(() => start(stored({ term: 3, vote: 0, commit: 7 }, [3])), { message: /entries that were promised are missing/ });
  t.throws(() => start(stored({ term: 2, vote: 1, commit: 5 }, [3])), { message: /the vote that was promised is missing/ });
});

test('entries that the state machine holds are not handed out again, the rest up to the commit index is', (t) => {
  const storage = stored({ term: 3, vote: 0, commit: 7 }, [2, 3, 3]);
  const member = new Member({}, { applied: 6 }, storage).run();
  t.deepEqual(
    member.applied.map(({ index }) => index),
    [7],
  );
});
