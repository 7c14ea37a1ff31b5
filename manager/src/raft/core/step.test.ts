// Time and terms: when a node acts by itself, and what a message of another term does to it.
import test from 'ava';
import type { MessageType } from './messages.ts';
import { Member } from './testing/member.ts';

const times = { electionTicks: 10, heartbeatTicks: 3 };
const view = (member: Member): readonly unknown[] => {
  const { role, lead, hardState } = member.core.status();
  return [role, lead, hardState.term];
};

test('a leader beats every heartbeat, from when it leads', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { ...times, checkQuorum: false }).lead(2, 3);
  leader.ticks(2);
  t.is(leader.of('MsgHeartbeat').length, 0);
  leader.ticks(1);
  t.is(leader.of('MsgHeartbeat').length, 2);
  leader.forget().ticks(3);
  t.is(leader.of('MsgHeartbeat').length, 2);
});

test('a leader that hears from no quorum steps down at the end of the election timeout in which it did not, if it checks', (t) => {
  const checking = new Member({ voters: [1, 2, 3] }, { ...times, checkQuorum: true }).lead(2, 3);
  t.is(view(checking.ticks(19))[0], 'leader');
  t.deepEqual(view(checking.ticks(1)), ['follower', 0, 1]);
  const trusting = new Member({ voters: [1, 2, 3] }, { ...times, checkQuorum: false }).lead(2, 3);
  t.is(view(trusting.ticks(100))[0], 'leader');
});

test('answers of a quorum within each election timeout keep a leader, those of learners do not', (t) => {
  const heard = (by: number): unknown => {
    const leader = new Member({ voters: [1, 2, 3], learners: [4] }, { ...times, checkQuorum: true }).lead(2, 3);
    for (let round = 0; round < 5; round += 1) leader.ticks(9).take(by, 'MsgHeartbeatResp').ticks(1);
    return view(leader)[0];
  };
  t.is(heard(2), 'leader');
  t.not(heard(4), 'leader');
});

test('an election begins after the drawn timeout, between one and two election timeouts, and is drawn anew each time', (t) => {
  const draws = [0, 0.999, 0.5];
  const random = { number: () => draws.shift() ?? 0 };
  const member = new Member({ voters: [1, 2, 3] }, { ...times, preVote: false, checkQuorum: false, random });
  t.is(view(member.ticks(9))[0], 'follower');
  t.deepEqual(view(member.ticks(1)), ['candidate', 0, 1]);
  t.deepEqual(view(member.ticks(18)), ['candidate', 0, 1]);
  t.deepEqual(view(member.ticks(1)), ['candidate', 0, 2]);
  t.deepEqual(view(member.ticks(14)), ['candidate', 0, 2]);
  t.deepEqual(view(member.ticks(1)), ['candidate', 0, 3]);
});

test('who has no vote begins no election', (t) => {
  for (const members of [{ voters: [2, 3], learners: [1] }, { voters: [2, 3] }])
    t.deepEqual(view(new Member(members, times).ticks(100)), ['follower', 0, 0]);
});

test('a later term makes a follower of anybody, of the sender if it leads', (t) => {
  const after = (type: MessageType, fields: object = {}): readonly unknown[] =>
    view(new Member({ voters: [1, 2, 3] }, { ...times, checkQuorum: false }).lead(2, 3).take(2, type, { term: 7, ...fields }));
  t.deepEqual(after('MsgHeartbeat'), ['follower', 2, 7]);
  t.deepEqual(after('MsgApp', { index: 2, logTerm: 1 }), ['follower', 2, 7]);
  t.deepEqual(after('MsgVote', { index: 1 }), ['follower', 0, 7]);
  t.deepEqual(after('MsgAppResp'), ['follower', 0, 7]);
  t.deepEqual(after('MsgPreVoteResp', { reject: true }), ['follower', 0, 7]);
  t.deepEqual(after('MsgPreVote', { index: 9, logTerm: 9 }), ['leader', 1, 1]);
  t.deepEqual(after('MsgPreVoteResp'), ['leader', 1, 1]);
});

test('a message of an earlier term changes nothing; a leader of one is told, a pre-vote refused', (t) => {
  const types = [
    'MsgApp',
    'MsgHeartbeat',
    'MsgAppResp',
    'MsgHeartbeatResp',
    'MsgVote',
    'MsgVoteResp',
    'MsgTimeoutNow',
    'MsgPreVoteResp',
  ] as const;
  for (const careful of [true, false]) {
    const options = { ...times, preVote: careful, checkQuorum: false };
    const member = new Member({ voters: [1, 2, 3] }, options).take(3, 'MsgHeartbeat', { term: 5 }).forget();
    for (const type of types) member.take(2, type, { term: 4, index: 1, logTerm: 1 });
    t.deepEqual(view(member), ['follower', 3, 5]);
    t.deepEqual(
      member.sent.map(({ type, to, term, index }) => [type, to, term, index]),
      careful
        ? [
            ['MsgAppResp', 2, 5, 0],
            ['MsgAppResp', 2, 5, 0],
          ]
        : [],
    );
    member.forget().take(2, 'MsgPreVote', { term: 4, index: 9, logTerm: 4 });
    t.like(member.sent[0], { type: 'MsgPreVoteResp', to: 2, term: 5, reject: true });
  }
});

test('a follower that hears its leader ignores who asks for its vote, until an election timeout has passed or the leader asked for it', (t) => {
  const follower = (): Member =>
    new Member({ voters: [1, 2, 3] }, { ...times, checkQuorum: true, random: { number: () => 0.9 } })
      .take(2, 'MsgHeartbeat', { term: 5 })
      .forget();
  const ask = (member: Member, context = ''): Member => member.take(3, 'MsgVote', { term: 6, index: 1, logTerm: 1, context });
  t.deepEqual(ask(follower()).sent, []);
  t.deepEqual(ask(follower().ticks(9)).sent, []);
  t.like(ask(follower().ticks(10)).sent[0], { type: 'MsgVoteResp', reject: false });
  t.like(ask(follower(), 'transfer').sent[0], { type: 'MsgVoteResp', reject: false });
});

test('a later term alone is reason enough for a Ready, and nothing is none', (t) => {
  const member = new Member({ voters: [1, 2, 3] });
  t.false(member.core.hasReady());
  member.hear(2, 'MsgVoteResp', { term: 7 });
  t.true(member.core.hasReady());
  const ready = member.one();
  t.deepEqual([ready.hardState, ready.mustSync, ready.messages], [{ term: 7, vote: 0, commit: 1 }, true, []]);
  t.false(member.core.hasReady());
});
