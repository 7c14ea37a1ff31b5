// What a leader makes of its followers' answers; how whole groups play together is in testdata/*.txt.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { type Entry, emptyConfState, noBytes } from './messages.ts';
import { Member } from './testing/member.ts';

const progress = (leader: Member, id: number): string => leader.core.status().progress.find((it) => it.id === id)?.text ?? '';

/** A leader of term 1 with entries 2 to 11, acknowledged by node 2, compacted up to the index. */
const longLeader = (compacted = 1): Member => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2);
  for (let at = 3; at <= 11; at += 1) leader.propose(`command ${at}`);
  leader.run().acknowledged(2);
  const { index, term } = { index: 11, term: 1 };
  leader.storage.saveSnapshot({ index, term, confState: leader.core.status().confState, data: new Uint8Array(0) });
  if (compacted > 1) leader.storage.compact(compacted);
  return leader.forget();
};

/** A leader of term 5 whose log it found: entries 2 to 11 of the terms 1, 1, 2, 2, 2, 4, 4, 4, 4, 4. */
const heir = (): Member => {
  const storage = new MemoryStorage();
  const terms = [1, 1, 2, 2, 2, 4, 4, 4, 4, 4];
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, voters: [1, 2, 3] }, data: noBytes });
  storage.append(terms.map((term, at): Entry => ({ type: 'EntryNormal', term, index: 2 + at, data: noBytes })));
  storage.hardState = { term: 4, vote: 0, commit: 1 };
  const leader = new Member({}, { preVote: false }, storage);
  leader.core.campaign();
  return leader.run().take(2, 'MsgVoteResp').forget();
};

test('a rejection names where the logs may agree: the last entry of a term that the leader has too', (t) => {
  const after = (rejectHint: number, logTerm: number): string =>
    progress(heir().take(3, 'MsgAppResp', { index: 11, reject: true, rejectHint, logTerm }), 3);
  t.is(after(9, 4), 'StateProbe match=0 next=10 paused');
  t.is(after(9, 3), 'StateProbe match=0 next=7 paused');
  t.is(after(4, 2), 'StateProbe match=0 next=5 paused');
  t.is(after(6, 0), 'StateProbe match=0 next=7 paused', 'the term is not known: the hint alone counts');
});

test('a rejection of what is known to match, or of an append long past, is stale', (t) => {
  const probed = heir().take(3, 'MsgAppResp', { index: 10, reject: true, rejectHint: 5, logTerm: 2 });
  t.is(progress(probed, 3), 'StateProbe match=0 next=12 paused');
  const streaming = heir()
    .take(3, 'MsgAppResp', { index: 12 })
    .take(3, 'MsgAppResp', { index: 11, reject: true, rejectHint: 5, logTerm: 2 });
  t.is(progress(streaming, 3), 'StateReplicate match=12 next=13');
});

test('a follower that streams and rejects is probed from what is known to match', (t) => {
  const probing = longLeader().take(3, 'MsgAppResp', { index: 1 });
  t.is(progress(probing, 3), 'StateReplicate match=1 next=12 inflight=1');
  probing.take(3, 'MsgAppResp', { index: 11, reject: true, rejectHint: 6, logTerm: 0 });
  t.is(progress(probing, 3), 'StateProbe match=1 next=2 paused');
  const far = longLeader(5);
  far.core.reportUnreachable(3);
  far.take(3, 'MsgAppResp', { index: 1, reject: true, rejectHint: 0, logTerm: 0 });
  t.is(progress(far, 3), 'StateSnapshot match=0 next=12 paused pendingSnap=11');
});

test('a follower that waits for a snapshot is back once it has what the first entry of the log follows, and not before', (t) => {
  const waiting = (): Member => longLeader(8).take(3, 'MsgAppResp', { index: 1, reject: true, rejectHint: 0, logTerm: 0 });
  t.is(progress(waiting(), 3), 'StateSnapshot match=0 next=12 paused pendingSnap=11');
  t.is(progress(waiting().take(3, 'MsgAppResp', { index: 7 }), 3), 'StateSnapshot match=7 next=12 paused pendingSnap=11');
  const back = waiting().forget().take(3, 'MsgAppResp', { index: 8 });
  t.is(progress(back, 3), 'StateReplicate match=8 next=12 inflight=1');
  t.deepEqual(
    back.of('MsgApp').map(({ to, index, entries }) => [to, index, entries.length]),
    [[3, 8, 3]],
  );
});

test('an acknowledgement of an entry that was never sent is ignored', (t) => {
  const leader = longLeader().take(3, 'MsgAppResp', { index: 12 });
  t.is(progress(leader, 3), 'StateProbe match=0 next=2 paused');
  t.regex(leader.traces.at(-1) ?? '', /warn 3 acknowledges entry 12, which was never sent/);
});

test('a transfer to another ends the one before, and one to itself ends it as well', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  leader.propose('a');
  leader.core.transferLeadership(2);
  t.is(leader.core.status().transferee, 2);
  leader.core.transferLeadership(3);
  t.is(leader.core.status().transferee, 3);
  leader.core.transferLeadership(1);
  t.is(leader.core.status().transferee, 0);
});

test('a transfer has a whole election timeout, whenever it was begun', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { electionTicks: 10, heartbeatTicks: 1, checkQuorum: false }).lead(2, 3);
  leader.propose('a');
  leader.run().ticks(9);
  leader.core.transferLeadership(2);
  leader.ticks(9);
  t.is(leader.core.status().transferee, 2);
  leader.ticks(1);
  t.is(leader.core.status().transferee, 0);
});

test('who is to take over is told when its log is complete, and only then', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  leader.propose('a', 'b');
  leader.core.transferLeadership(2);
  leader.run();
  t.is(leader.of('MsgTimeoutNow').length, 0);
  leader.take(3, 'MsgAppResp', { index: 4 }).take(2, 'MsgAppResp', { index: 3 });
  t.is(leader.of('MsgTimeoutNow').length, 0);
  leader.take(2, 'MsgAppResp', { index: 4 });
  t.deepEqual(
    leader.of('MsgTimeoutNow').map(({ to }) => to),
    [2],
  );
});
