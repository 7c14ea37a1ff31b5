// What a crash may take from a node while its members change, and what it must not.
import test from 'ava';
import { encodeConfChange } from './conf-change.ts';
import { MemoryStorage } from './memory-storage.ts';
import { type ConfState, type Entry, emptyConfState, message, type NodeId, noBytes } from './messages.ts';
import { defaultRaftOptions, type RaftOptions } from './options.ts';
import { RaftCore } from './raft.ts';

const addition = (index: number, id: NodeId): Entry => ({
  type: 'EntryConfChangeV2',
  term: 1,
  index,
  data: encodeConfChange({ transition: 'auto', steps: [{ kind: 'add-voter', id }] }),
});
const command = (index: number): Entry => ({ type: 'EntryNormal', term: 1, index, data: new TextEncoder().encode('x') });

const started = (entries: readonly Entry[], commit: number, options: Partial<RaftOptions> = {}): RaftCore => {
  const storage = new MemoryStorage();
  const confState: ConfState = { ...emptyConfState, voters: [1, 2, 3] };
  storage.applySnapshot({ index: 1, term: 1, confState, data: noBytes });
  storage.append(entries);
  storage.hardState = { term: 1, vote: 0, commit };
  return new RaftCore({ ...defaultRaftOptions, id: 1, storage, random: { number: () => 0 }, applied: 1, ...options });
};

const learnCommit = (core: RaftCore, commit: number): void => {
  core.step(message('MsgHeartbeat', { from: 2, to: 1, term: 1, commit }));
};

test('a committed change of members must be stored before it is applied; a committed command may be learnt again', (t) => {
  const changed = started([command(2), addition(3, 4)], 1);
  learnCommit(changed, 3);
  t.true(changed.ready().mustSync);
  const written = started([command(2), addition(3, 4)], 1);
  learnCommit(written, 2);
  t.false(written.ready().mustSync);
});

test('of two changes of members in a log the first is committed, whatever the commit index says that a crash left', (t) => {
  const torn = started([command(2), addition(3, 4), command(4), addition(5, 5)], 1);
  t.is(torn.status().hardState.commit, 3);
  torn.campaign();
  t.is(torn.status().role, 'follower', 'it asked for votes as a member of the group before the change');
  t.deepEqual(
    torn.ready().committedEntries.map(({ index }) => index),
    [2, 3],
  );
});

test('one change of members in a log, or none, proves nothing', (t) => {
  t.is(started([command(2), addition(3, 4)], 1).status().hardState.commit, 1);
  t.is(started([command(2), command(3)], 2).status().hardState.commit, 2);
  t.is(started([addition(2, 4), addition(3, 5), addition(4, 6)], 2).status().hardState.commit, 3);
});
