// What a leader sends: entries, snapshots, heartbeats, and when it holds back.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { type Entry, emptyConfState, noBytes, type Snapshot } from './messages.ts';
import { Member, reasonOf } from './testing/member.ts';

class ShyStorage extends MemoryStorage {
  isBusy = false;

  override snapshot(): Snapshot | undefined {
    return this.isBusy ? undefined : super.snapshot();
  }
}

/** A leader of term 1 with entries 2 to 8, compacted up to 6, and a snapshot of 6 that names these voters. */
const compacted = (voters: readonly number[] = [1, 2, 3]): { readonly leader: Member; readonly storage: ShyStorage } => {
  const storage = new ShyStorage();
  const leader = new Member({ voters: [1, 2, 3] }, {}, storage).lead(2);
  for (let at = 3; at <= 8; at += 1) leader.propose('x');
  leader.run().acknowledged(2);
  storage.saveSnapshot({ index: 6, term: 1, confState: { ...emptyConfState, voters }, data: noBytes });
  storage.compact(6);
  leader.forget();
  return { leader, storage };
};

const lacking = (leader: Member): Member => leader.take(3, 'MsgAppResp', { index: 1, reject: true, rejectHint: 0 });
const progress = (leader: Member, id: number): string => leader.core.status().progress.find((it) => it.id === id)?.text ?? '';

test('a follower that needs what is compacted gets the snapshot, and nothing else until it answers', (t) => {
  const { leader } = compacted();
  lacking(leader);
  t.deepEqual(
    leader.of('MsgSnap').map(({ to, snapshot }) => [to, snapshot?.index]),
    [[3, 6]],
  );
  leader.forget().propose('y');
  leader.run().take(3, 'MsgHeartbeatResp');
  t.deepEqual(
    leader.sent.filter(({ to }) => to === 3),
    [],
  );
  leader.take(3, 'MsgAppResp', { index: 6 });
  t.deepEqual(
    leader.of('MsgApp').map(({ to, index, entries }) => [to, index, entries.map((it) => it.index)]),
    [
      [2, 8, [9]],
      [3, 6, [7, 8, 9]],
    ],
  );
});

test('no snapshot goes to a follower that was not heard from since the last check', (t) => {
  const { leader } = compacted();
  leader.take(2, 'MsgHeartbeatResp').ticks(15).take(2, 'MsgHeartbeatResp').forget();
  leader.core.reportUnreachable(3);
  leader.propose('y');
  leader.run();
  t.is(leader.of('MsgSnap').length, 0);
  lacking(leader.take(3, 'MsgHeartbeatResp'));
  t.is(leader.of('MsgSnap').length, 1);
});

test('a snapshot that is being made, or that does not name the follower, is waited for', (t) => {
  const { leader, storage } = compacted();
  storage.isBusy = true;
  lacking(leader);
  t.is(leader.of('MsgSnap').length, 0);
  storage.isBusy = false;
  leader.take(3, 'MsgHeartbeatResp');
  t.is(leader.of('MsgSnap').length, 1);
  const unnamed = compacted([1, 2]);
  lacking(unnamed.leader);
  t.is(unnamed.leader.of('MsgSnap').length, 0);
  unnamed.storage.saveSnapshot({ index: 7, term: 1, confState: { ...emptyConfState, voters: [1, 2], learners: [3] }, data: noBytes });
  unnamed.leader.take(3, 'MsgHeartbeatResp');
  t.deepEqual(
    unnamed.leader.of('MsgSnap').map(({ snapshot }) => snapshot?.index),
    [7],
  );
});

test('a heartbeat tells of no commit past what the follower is known to have', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2);
  leader.propose('a');
  leader.run().take(2, 'MsgAppResp', { index: 3 }).take(3, 'MsgAppResp', { index: 1 }).forget().ticks(2);
  t.deepEqual(
    leader.of('MsgHeartbeat').map(({ to, commit }) => [to, commit]),
    [
      [2, 3],
      [3, 1],
    ],
  );
});

test('commands that wait to be applied are limited; one of any size is let in when none waits', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { maxUncommittedSizeBytes: 10 }).lead(2, 3);
  t.is(reasonOf(leader.propose('x'.repeat(50))), 'accepted');
  t.is(reasonOf(leader.propose('y')), 'too-large');
  t.is(reasonOf(leader.propose('')), 'accepted', 'an empty one costs nothing');
  leader.run().acknowledged(2);
  t.is(leader.core.status().uncommittedBytes, 0);
  t.is(reasonOf(leader.propose('12345')), 'accepted');
  t.is(reasonOf(leader.propose('67890')), 'accepted');
  t.is(reasonOf(leader.propose('!')), 'too-large');
});

test('what is committed no longer counts as waiting, the rest does; what a leader found when it began never counted', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { maxUncommittedSizeBytes: 10 }).lead(2, 3);
  leader.propose('12345');
  leader.propose('678');
  leader.run().take(2, 'MsgAppResp', { index: 3 });
  t.is(leader.core.status().uncommittedBytes, 3);
  const heir = new Member({ voters: [1, 2, 3] }, { preVote: false });
  heir.take(2, 'MsgApp', { term: 1, index: 1, logTerm: 1, entries: [{ type: 'EntryNormal', term: 1, index: 2, data: new Uint8Array(9) }] });
  heir.core.campaign();
  heir.run().take(2, 'MsgVoteResp').acknowledged(2);
  t.deepEqual([heir.core.status().applied, heir.core.status().uncommittedBytes], [3, 0]);
});

test('several commands of one call are taken together or not at all', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { maxUncommittedSizeBytes: 10 }).lead(2, 3);
  t.is(reasonOf(leader.propose('12345')), 'accepted');
  const { lastIndex } = leader.core.status();
  t.is(reasonOf(leader.propose('678', '90', '!')), 'too-large');
  t.is(leader.core.status().lastIndex, lastIndex);
  t.like(leader.propose('678', '90'), { accepted: true, at: { index: lastIndex + 1, term: 1 } });
});

test('a leader of a later term commits what it found only with an entry of its own', (t) => {
  const storage = new MemoryStorage();
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, voters: [1, 2, 3] }, data: noBytes });
  storage.append([2, 3].map((index): Entry => ({ type: 'EntryNormal', term: 2, index, data: noBytes })));
  storage.hardState = { term: 2, vote: 0, commit: 1 };
  const leader = new Member({}, { preVote: false }, storage);
  leader.core.campaign();
  leader.run().take(2, 'MsgVoteResp').take(2, 'MsgAppResp', { index: 3 }).take(3, 'MsgAppResp', { index: 3 });
  t.is(leader.core.status().hardState.commit, 1);
  leader.take(3, 'MsgAppResp', { index: 4 });
  t.is(leader.core.status().hardState.commit, 4);
  t.is(progress(leader, 2), 'StateReplicate match=3 next=5 inflight=1');
});

test('a change that leaves fewer voters may commit more at once, and everybody is told', (t) => {
  const leader = new Member({ voters: [1, 2], learners: [3] }).lead(2);
  leader.acknowledged(3);
  t.is(reasonOf(leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 2 }] })), 'accepted');
  leader.propose('x');
  leader.run().take(3, 'MsgAppResp', { index: 4 }).forget().take(2, 'MsgAppResp', { index: 3 });
  t.is(leader.core.status().hardState.commit, 4);
  t.is(
    leader
      .of('MsgApp')
      .filter(({ to }) => to === 3)
      .at(-1)?.commit,
    4,
  );
});

test('a new member is sent the log as soon as the change that lets it in is applied', (t) => {
  const leader = new Member({ voters: [1] }).lead();
  leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'add-learner', id: 2 }] });
  leader.run();
  t.deepEqual(
    leader.of('MsgApp').map(({ to }) => to),
    [2],
  );
});

test('who was to take over and votes no more is not waited for', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 3 }] });
  leader.core.transferLeadership(3);
  leader.run().take(2, 'MsgAppResp', { index: 3 });
  t.is(leader.core.status().transferee, 0);
  t.is(reasonOf(leader.propose('x')), 'accepted');
});
