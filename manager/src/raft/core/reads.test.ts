// Reads on a leader: what confirms them, and what a lease is worth.
import test from 'ava';
import { Member, reasonOf } from './testing/member.ts';

const contexts = (member: Member): readonly string[] => member.reads.map(({ context }) => context);

const lease = (): Member => new Member({ voters: [1, 2, 3] }, { readOnly: 'lease', electionTicks: 10, heartbeatTicks: 2 });

/** One round of heartbeats that these answer. */
const answered = (member: Member, ...by: readonly number[]): Member => {
  const before = member.of('MsgHeartbeat').length;
  member.ticks(2);
  for (const beat of member.of('MsgHeartbeat').slice(before))
    if (by.includes(beat.to)) member.take(beat.to, 'MsgHeartbeatResp', { context: beat.context });
  return member;
};

test('a read is answered once a quorum has confirmed the leader, not before', (t) => {
  const leader = new Member({ voters: [1, 2, 3, 4, 5] }).lead(2, 3, 4, 5);
  t.is(reasonOf(leader.core.readIndex('r')), 'accepted');
  leader.run();
  const [{ context } = { context: '' }] = leader.of('MsgHeartbeat');
  leader.take(2, 'MsgHeartbeatResp', { context });
  leader.take(2, 'MsgHeartbeatResp', { context });
  leader.take(3, 'MsgHeartbeatResp', { context: '' });
  t.deepEqual(contexts(leader), []);
  leader.take(3, 'MsgHeartbeatResp', { context });
  t.deepEqual(leader.reads, [{ context: 'r', index: 2 }]);
});

test('a read whose heartbeats were lost is confirmed by the next ones, and then they carry none', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  leader.core.readIndex('r');
  leader.run().forget().ticks(2);
  const [{ context } = { context: '' }] = leader.of('MsgHeartbeat');
  leader.take(2, 'MsgHeartbeatResp', { context });
  t.deepEqual(contexts(leader), ['r']);
  leader.forget().ticks(2);
  t.deepEqual(
    leader.of('MsgHeartbeat').map((beat) => beat.context),
    ['', ''],
  );
});

test('a read that waited for the first commit of the term is answered once', (t) => {
  // Term 1 is that of the snapshot which all begin with.
  const leader = new Member({ voters: [1, 2, 3] }, { preVote: false }).take(2, 'MsgHeartbeat', { term: 1 });
  leader.core.campaign();
  leader.run().take(2, 'MsgVoteResp');
  leader.core.readIndex('early');
  leader.run().take(2, 'MsgHeartbeatResp', { context: '1' });
  t.deepEqual(contexts(leader), []);
  leader.acknowledged(2);
  const { context } = leader.of('MsgHeartbeat').at(-1) ?? { context: '' };
  leader.take(2, 'MsgHeartbeatResp', { context });
  leader.propose('x');
  leader.run().acknowledged(2, 3);
  leader.ticks(2).take(2, 'MsgHeartbeatResp', { context: leader.of('MsgHeartbeat').at(-1)?.context ?? '' });
  t.deepEqual(leader.reads, [{ context: 'early', index: 2 }]);
});

test('an answer to a round that was never sent, or to an earlier one, confirms no later read', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  leader.core.readIndex('first');
  leader.run();
  const first = leader.of('MsgHeartbeat').at(-1)?.context ?? '';
  leader.core.readIndex('second');
  leader.run();
  leader.take(2, 'MsgHeartbeatResp', { context: '9007199254740991' });
  leader.take(2, 'MsgHeartbeatResp', { context: 'garbage' });
  t.deepEqual(contexts(leader), []);
  leader.take(2, 'MsgHeartbeatResp', { context: first });
  t.deepEqual(contexts(leader), ['first']);
});

test('in a joint configuration both halves confirm a read', (t) => {
  const leader = new Member({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] }).lead(2, 3, 4, 5);
  leader.core.readIndex('r');
  leader.run();
  const context = leader.of('MsgHeartbeat').at(-1)?.context ?? '';
  leader.take(2, 'MsgHeartbeatResp', { context }).take(3, 'MsgHeartbeatResp', { context });
  t.deepEqual(contexts(leader), []);
  leader.take(4, 'MsgHeartbeatResp', { context });
  t.deepEqual(contexts(leader), ['r']);
});

test('a leader that is the only voter on both sides of a joint configuration needs nobody to confirm it', (t) => {
  const leader = new Member({ voters: [1], votersOutgoing: [1], learners: [2, 3] }).lead();
  leader.core.readIndex('r');
  leader.run();
  t.deepEqual(contexts(leader), ['r']);
});

test('a leader that was removed and stays on asks the one voter that is left', (t) => {
  const leader = new Member({ voters: [1, 2] }, { stepDownOnRemoval: false, guardMembership: false }).lead(2);
  leader.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 1 }] });
  leader.run().acknowledged(2).forget();
  t.deepEqual(leader.core.status().confState.voters, [2]);
  leader.core.readIndex('r');
  leader.run();
  t.deepEqual(contexts(leader), [], 'the other may have been elected meanwhile');
  const context = leader.of('MsgHeartbeat').at(-1)?.context ?? '';
  leader.take(2, 'MsgHeartbeatResp', { context });
  t.deepEqual(contexts(leader), ['r']);
});

test('by lease a leader answers reads itself, from when a quorum answered its heartbeats until others may be elected', (t) => {
  const leader = lease().lead(2, 3);
  leader.core.readIndex('before any round');
  leader.run();
  t.deepEqual(contexts(leader), []);
  answered(leader, 2);
  leader.core.readIndex('at once');
  leader.run();
  t.deepEqual(contexts(leader), ['before any round', 'at once']);
  leader.ticks(7);
  leader.core.readIndex('still');
  leader.run();
  t.deepEqual(contexts(leader).slice(2), ['still']);
  leader.ticks(1);
  leader.core.readIndex('too late');
  leader.run();
  t.deepEqual(contexts(leader).slice(3), []);
});

test('a lease counts from when the heartbeats left, not from when they were answered', (t) => {
  const leader = lease().lead(2, 3);
  leader.ticks(2);
  const { context } = leader.of('MsgHeartbeat').at(-1) ?? { context: '' };
  leader.ticks(7);
  leader.take(2, 'MsgHeartbeatResp', { context });
  leader.core.readIndex('at the end');
  leader.run();
  t.deepEqual(contexts(leader), ['at the end']);
  leader.ticks(1);
  leader.core.readIndex('after it');
  leader.run();
  t.deepEqual(contexts(leader), ['at the end']);
});

test('no lease is left once another was told to take over, or other voters decide', (t) => {
  const handing = answered(lease().lead(2, 3), 2, 3);
  handing.core.transferLeadership(2);
  handing.run().ticks(20);
  answered(handing, 2, 3);
  handing.core.readIndex('r');
  handing.run();
  t.is(handing.core.status().transferee, 0, 'the transfer was given up');
  t.deepEqual(contexts(handing), []);
  const changed = answered(lease().lead(2, 3), 2, 3);
  changed.core.proposeConfChange({ transition: 'auto', steps: [{ kind: 'remove', id: 3 }] });
  changed.run().acknowledged(2, 3);
  changed.core.readIndex('r');
  changed.run();
  t.deepEqual(contexts(changed), []);
});

test('where reads go by lease, a node that was restarted votes nobody away at first, and nobody hurries when a connection breaks', (t) => {
  const restarted = lease();
  restarted.storage.hardState = { term: 4, vote: 2, commit: 1 };
  const again = new Member({}, { readOnly: 'lease', electionTicks: 10, heartbeatTicks: 2, preVote: true }, restarted.storage);
  again.take(3, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  t.deepEqual(again.sent, []);
  again.ticks(9).take(3, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  t.deepEqual(again.sent, []);
  again.core.overrideElectionTimeout(20);
  again.ticks(1).take(3, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  t.deepEqual(
    again.of('MsgVoteResp').map(({ reject }) => reject),
    [false],
  );
  const follower = lease().take(2, 'MsgHeartbeat', { term: 1 }).forget();
  follower.core.reportLeaderUnreachable(2);
  follower.run();
  t.is(follower.core.status().lead, 2);
  t.deepEqual(follower.sent, []);
});
