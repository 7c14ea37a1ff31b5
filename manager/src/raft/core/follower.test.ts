// What a follower answers its leader; how logs are brought together is in testdata/*.txt.
import test from 'ava';
import { type Entry, emptyConfState, type Message, type NodeId, noBytes, type Snapshot } from './messages.ts';
import { Member, reasonOf } from './testing/member.ts';

const entries = (from: number, to: number, term = 1): readonly Entry[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ type: 'EntryNormal', term, index: from + at, data: noBytes }));

const snapshot = (index: number, term: number, voters: readonly NodeId[] = [1, 2, 3]): Snapshot => ({
  index,
  term,
  confState: { ...emptyConfState, voters },
  data: noBytes,
});

/** Follows node 2 at term 3, with entries 2 to 6 of term 1, of which 2 to 4 are committed. */
const follower = (): Member =>
  new Member({ voters: [1, 2, 3] }).take(2, 'MsgApp', { term: 3, index: 1, logTerm: 1, entries: entries(2, 6), commit: 4 }).forget();

const told = (member: Member): readonly (readonly [number, boolean, number, number])[] =>
  member.of('MsgAppResp').map((m: Message) => [m.index, m.reject, m.rejectHint, m.logTerm] as const);

const commit = (member: Member): number => member.core.status().hardState.commit;

test('an append about what is committed already is answered with the commit index', (t) => {
  const member = follower().take(2, 'MsgApp', { index: 3, logTerm: 1, entries: entries(4, 4) });
  t.deepEqual(told(member), [[4, false, 0, 0]]);
  t.is(member.core.status().lastIndex, 6);
  t.deepEqual(told(follower().take(2, 'MsgApp', { index: 4, logTerm: 1, entries: entries(5, 5) })), [[5, false, 0, 0]]);
});

test('an append that does not fit is rejected with the place where the logs may agree', (t) => {
  t.deepEqual(told(follower().take(2, 'MsgApp', { index: 9, logTerm: 2 })), [[9, true, 6, 1]]);
  const later = follower()
    .take(2, 'MsgApp', { index: 6, logTerm: 1, entries: entries(7, 8, 3) })
    .forget();
  t.deepEqual(told(later.take(2, 'MsgApp', { index: 8, logTerm: 2 })), [[8, true, 6, 1]]);
});

test('an append commits what it proves to match, a heartbeat what the leader knows to match', (t) => {
  t.is(commit(follower().take(2, 'MsgApp', { index: 4, logTerm: 1, entries: entries(5, 5), commit: 6 })), 5);
  t.is(commit(follower().take(2, 'MsgHeartbeat', { commit: 6 })), 6);
  t.is(commit(follower().take(2, 'MsgHeartbeat', { commit: 3 })), 4);
});

test('a heartbeat is answered with its context', (t) => {
  t.deepEqual(
    follower()
      .take(2, 'MsgHeartbeat', { context: '17' })
      .of('MsgHeartbeatResp')
      .map(({ to, context }) => [to, context]),
    [[2, '17']],
  );
});

test('a leader that knows more of this log than is there is not answered: what was acknowledged is lost', (t) => {
  const member = follower();
  t.is(reasonOf(member.hear(2, 'MsgHeartbeat', { commit: 7 })), 'log-lost');
  t.deepEqual(member.run().sent, []);
  t.is(commit(member), 4);
});

test('a snapshot that tells nothing new is answered with the commit index', (t) => {
  const member = follower().take(2, 'MsgSnap', { snapshot: snapshot(4, 1) });
  t.deepEqual(told(member), [[4, false, 0, 0]]);
  t.is(member.core.status().lastIndex, 6);
});

test('a snapshot from before what was compacted does not take the log back', (t) => {
  const member = follower();
  member.storage.compact(4);
  member.take(2, 'MsgSnap', { snapshot: snapshot(3, 1) });
  t.deepEqual(told(member), [[4, false, 0, 0]]);
  t.deepEqual([member.core.status().lastIndex, commit(member), member.core.status().applied], [6, 4, 4]);
});

test('a snapshot of what the log holds commits it and throws nothing away', (t) => {
  const member = follower().take(2, 'MsgSnap', { snapshot: snapshot(5, 1) });
  t.deepEqual(told(member), [[5, false, 0, 0]]);
  t.is(commit(member), 5);
  t.is(member.core.status().lastIndex, 6);
});

test('a snapshot that contradicts the log, or goes past it, replaces it', (t) => {
  for (const [index, term] of [
    [5, 2],
    [9, 2],
  ] as const) {
    const member = follower().take(2, 'MsgSnap', { snapshot: snapshot(index, term, [1, 2, 4]) });
    t.deepEqual(told(member), [[index, false, 0, 0]]);
    const { lastIndex, firstIndex, applied, confState } = member.core.status();
    t.deepEqual([lastIndex, firstIndex, applied, commit(member)], [index, index + 1, index, index]);
    t.deepEqual(confState.voters, [1, 2, 4]);
  }
});

test('a snapshot that does not name this node is not taken over, as voter, outgoing voter or learner it is', (t) => {
  const unnamed = follower().take(2, 'MsgSnap', { snapshot: snapshot(9, 2, [2, 3]) });
  t.deepEqual(told(unnamed), [[4, false, 0, 0]]);
  for (const named of [{ learners: [1] }, { votersOutgoing: [1, 2, 3] }]) {
    const confState = { ...emptyConfState, voters: [2, 3], ...named };
    t.deepEqual(told(follower().take(2, 'MsgSnap', { snapshot: { ...snapshot(9, 2), confState } })), [[9, false, 0, 0]]);
  }
});

test('a snapshot and the entries behind it come out in one Ready, and nothing is applied or elected before it is stored', (t) => {
  const member = follower();
  member.hear(2, 'MsgSnap', { snapshot: snapshot(9, 2) });
  member.hear(2, 'MsgApp', { index: 9, logTerm: 2, entries: entries(10, 11, 3), commit: 11 });
  member.core.campaign();
  t.is(member.core.status().role, 'follower');
  const ready = member.one();
  t.deepEqual([ready.snapshot?.index, ready.entries.map(({ index }) => index), ready.committedEntries], [9, [10, 11], []]);
  t.deepEqual(
    member
      .run()
      .applied.slice(-2)
      .map(({ index }) => index),
    [10, 11],
  );
});

test('each word of a leader puts off the election', (t) => {
  const words: readonly ((member: Member) => Member)[] = [
    (member) => member.take(2, 'MsgHeartbeat'),
    (member) => member.take(2, 'MsgApp', { index: 6, logTerm: 1 }),
    (member) => member.take(2, 'MsgSnap', { snapshot: snapshot(4, 1) }),
  ];
  for (const word of words) {
    const member = word(follower().ticks(14));
    t.is(member.core.status().electionElapsedTicks, 0);
    member.core.forgetLeader();
    t.is(word(member).core.status().lead, 2);
  }
});

test('reads and transfers are passed on to the leader, and answers to reads come back', (t) => {
  const member = follower();
  t.is(reasonOf(member.core.readIndex('r')), 'accepted');
  member.core.transferLeadership(3);
  member.run();
  t.deepEqual(
    member.sent.map(({ type, from, to, context }) => [type, from, to, context]),
    [
      ['MsgReadIndex', 1, 2, 'r'],
      ['MsgTransferLeader', 3, 2, ''],
    ],
  );
  member.take(2, 'MsgReadIndexResp', { index: 5, context: 'r' });
  t.deepEqual(member.reads, [{ index: 5, context: 'r' }]);
});

test('a learner that is told to take over stays what it is', (t) => {
  const learner = new Member({ voters: [2, 3], learners: [1] }).take(2, 'MsgTimeoutNow', { term: 3 });
  t.is(learner.core.status().role, 'follower');
  t.is(follower().take(2, 'MsgTimeoutNow').core.status().role, 'candidate');
});
