// What a node makes of its disk when it comes back.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { type Entry, emptyConfState, noBytes } from './messages.ts';
import { defaultRaftOptions } from './options.ts';
import { RaftCore } from './raft.ts';

const command = (index: number): Entry => ({ type: 'EntryNormal', term: 1, index, data: new TextEncoder().encode('x') });

test('what the own snapshot holds is committed, though a crash took the commit index (simulation with the driver, seed 24)', (t) => {
  const confState = { ...emptyConfState, voters: [1, 2, 3] };
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 1, term: 1, confState, data: noBytes });
  storage.append([2, 3, 4, 5, 6].map(command));
  storage.hardState = { term: 1, vote: 0, commit: 3 };
  // The log before an own snapshot stays for a while.
  storage.saveSnapshot({ index: 5, term: 1, confState, data: noBytes });
  const core = new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 }, applied: 5 });
  const { hardState, applied } = core.status();
  t.is(hardState.commit, 5);
  t.is(applied, 5);
  t.throws(() => new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 }, applied: 7 }));
});
