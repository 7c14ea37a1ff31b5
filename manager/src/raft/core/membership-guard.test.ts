// Which changes of members a leader lets in, and how it leaves a joint configuration.
import test from 'ava';
import type { ConfChange, ConfChangeKind } from './conf-change.ts';
import { Member, reasonOf, whyOf } from './testing/member.ts';

const change = (kind: ConfChangeKind, id: number): ConfChange => ({ transition: 'auto', steps: [{ kind, id }] });

test('who was never heard from is not made a voter, however short the log', (t) => {
  const leader = new Member({ voters: [1], learners: [2] }).lead();
  t.regex(whyOf(leader.core.proposeConfChange(change('add-voter', 2))), /node 2 has not caught up/);
  t.regex(whyOf(leader.core.proposeConfChange(change('add-voter', 3))), /node 3 has not caught up: it joins as a learner first/);
  leader.acknowledged(2);
  t.is(reasonOf(leader.core.proposeConfChange(change('add-voter', 2))), 'accepted');
});

test('a learner that lacks a thousand entries is caught up, one more is too many', (t) => {
  const leader = new Member({ voters: [1], learners: [2] }).lead();
  leader.acknowledged(2);
  for (let at = 0; at < 1_001; at += 1) leader.propose('x');
  leader.run();
  t.regex(whyOf(leader.core.proposeConfChange(change('add-voter', 2))), /node 2 has not caught up/);
  leader.take(2, 'MsgAppResp', { index: 3 });
  t.is(reasonOf(leader.core.proposeConfChange(change('add-voter', 2))), 'accepted');
});

test('a learner that is probed again, since it could not be reached, has to answer before it is made a voter', (t) => {
  const leader = new Member({ voters: [1], learners: [2] }).lead();
  leader.acknowledged(2);
  leader.core.reportUnreachable(2);
  t.regex(whyOf(leader.core.proposeConfChange(change('add-voter', 2))), /node 2 has not caught up/);
});

test('just after a check of the quorum those count who were heard from before it, after another silent time they do not', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { checkQuorum: true, electionTicks: 5, heartbeatTicks: 1 }).lead(2, 3);
  leader.ticks(5);
  t.true(leader.core.status().progress.every(({ id, recentActive }) => recentActive === (id === 1)));
  t.is(reasonOf(leader.core.proposeConfChange(change('remove', 3))), 'accepted');
  leader.run();
  const other = new Member({ voters: [1, 2, 3] }, { checkQuorum: true, electionTicks: 5, heartbeatTicks: 1 }).lead(2, 3);
  other.ticks(5).take(3, 'MsgHeartbeatResp').ticks(5);
  t.regex(whyOf(other.core.proposeConfChange(change('remove', 3))), /too few of the voters after it were heard from lately/);
  t.is(reasonOf(other.core.proposeConfChange(change('remove', 2))), 'accepted');
});

test('a new leader counts nobody who has not answered it yet', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { preVote: false });
  leader.core.campaign();
  leader.run().take(2, 'MsgVoteResp');
  t.regex(whyOf(leader.core.proposeConfChange(change('remove', 3))), /too few of the voters after it were heard from lately/);
  leader.take(2, 'MsgHeartbeatResp');
  t.is(reasonOf(leader.core.proposeConfChange(change('remove', 3))), 'accepted');
});

test('a joint configuration is left as soon as a transfer that stood in the way has failed, though nothing else happens', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { electionTicks: 5, heartbeatTicks: 1 }).lead(2, 3);
  leader.core.proposeConfChange({ transition: 'implicit', steps: [{ kind: 'add-learner', id: 4 }] });
  leader.run();
  const index = leader.core.status().lastIndex;
  leader.core.transferLeadership(3);
  leader.take(2, 'MsgAppResp', { index });
  t.deepEqual(leader.core.status().confState.votersOutgoing, [1, 2, 3]);
  t.is(leader.core.status().lastIndex, index, 'it must not be proposed while another is to lead');
  leader.take(2, 'MsgHeartbeatResp').ticks(5);
  t.is(leader.core.status().transferee, 0);
  t.is(leader.core.status().lastIndex, index + 1);
  leader.take(2, 'MsgHeartbeatResp').ticks(5);
  t.is(leader.core.status().lastIndex, index + 1, 'once is enough');
  leader.acknowledged(2);
  t.deepEqual(leader.core.status().confState.votersOutgoing, []);
});

test('a joint configuration may be left by a leader that has heard from nobody yet', (t) => {
  const leader = new Member({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] }, { preVote: false });
  leader.core.campaign();
  leader.run();
  for (const id of [2, 4]) leader.take(id, 'MsgVoteResp');
  t.is(leader.core.status().role, 'leader');
  t.is(reasonOf(leader.core.proposeConfChange({ transition: 'auto', steps: [] })), 'accepted');
});
