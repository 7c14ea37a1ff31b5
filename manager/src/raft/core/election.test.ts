// Who gets votes, and what they come to; whole elections are in testdata/*.txt.
import test from 'ava';
import { Member } from './testing/member.ts';

const five = (): Member => {
  const candidate = new Member({ voters: [1, 2, 3, 4, 5] }, { preVote: false });
  candidate.core.campaign();
  return candidate.run();
};
const role = (member: Member): string => member.core.status().role;

test('a vote that arrives twice counts once, and the first answer stands', (t) => {
  t.is(role(five().take(2, 'MsgVoteResp').take(2, 'MsgVoteResp').take(2, 'MsgVoteResp')), 'candidate');
  t.is(role(five().take(2, 'MsgVoteResp', { reject: true }).take(2, 'MsgVoteResp').take(3, 'MsgVoteResp')), 'candidate');
  t.is(role(five().take(2, 'MsgVoteResp').take(2, 'MsgVoteResp', { reject: true }).take(3, 'MsgVoteResp')), 'leader');
});

test('a majority of refusals ends a candidacy, a majority of votes wins it', (t) => {
  const refused = five().take(2, 'MsgVoteResp', { reject: true }).take(3, 'MsgVoteResp', { reject: true });
  t.is(role(refused), 'candidate');
  t.is(role(refused.take(4, 'MsgVoteResp', { reject: true })), 'follower');
  t.is(role(five().take(2, 'MsgVoteResp').take(3, 'MsgVoteResp')), 'leader');
});

test('votes of learners and strangers count nothing', (t) => {
  const candidate = new Member({ voters: [1, 2, 3], learners: [4, 5] }, { preVote: false });
  candidate.core.campaign();
  candidate.run();
  for (const id of [4, 5, 6]) candidate.take(id, 'MsgVoteResp');
  t.is(role(candidate), 'candidate');
});

test('answers to a pre-vote elect nobody, and votes do not end a pre-vote', (t) => {
  t.is(role(five().take(2, 'MsgPreVoteResp').take(3, 'MsgPreVoteResp')), 'candidate');
  const asking = new Member({ voters: [1, 2, 3] }, { preVote: true });
  asking.core.campaign();
  asking.run();
  t.is(role(asking), 'pre-candidate');
  t.is(role(asking.take(2, 'MsgVoteResp', { term: asking.core.status().hardState.term })), 'pre-candidate');
});

test('in a joint configuration both halves elect', (t) => {
  const candidate = new Member({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] }, { preVote: false });
  candidate.core.campaign();
  candidate.run().take(2, 'MsgVoteResp').take(3, 'MsgVoteResp');
  t.is(role(candidate), 'candidate');
  t.is(role(candidate.take(5, 'MsgVoteResp')), 'leader');
});

test('a second round of pre-votes starts from nothing', (t) => {
  const asking = new Member({ voters: [1, 2, 3, 4, 5] }, { preVote: true });
  asking.core.campaign();
  asking.run().take(2, 'MsgPreVoteResp', { term: 1 });
  asking.core.campaign();
  asking.run().take(3, 'MsgPreVoteResp', { term: 1 });
  t.is(role(asking), 'pre-candidate');
  t.is(role(asking.take(4, 'MsgPreVoteResp', { term: 1 })), 'candidate');
});

test('a leader that was a candidate for long has a whole election timeout to hear from a quorum', (t) => {
  const leader = new Member({ voters: [1, 2, 3] }, { preVote: false, checkQuorum: true, electionTicks: 10, heartbeatTicks: 1 });
  leader.core.campaign();
  leader.run().ticks(9).take(2, 'MsgVoteResp');
  leader.ticks(9);
  t.is(role(leader), 'leader');
  leader.ticks(1);
  t.is(role(leader), 'follower');
});

const answers = (member: Member, type: 'MsgVoteResp' | 'MsgPreVoteResp'): readonly boolean[] => member.of(type).map(({ reject }) => reject);

test('who has voted in a term asks nobody to win a pre-vote of that term, only of a later one', (t) => {
  const voter = new Member({ voters: [1, 2, 3] }, { checkQuorum: false });
  voter.take(2, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  for (const term of [5, 6]) voter.take(3, 'MsgPreVote', { term, index: 1, logTerm: 1 });
  t.deepEqual(answers(voter, 'MsgPreVoteResp'), [true, false]);
  t.is(voter.core.status().hardState.term, 5);
  voter.take(3, 'MsgVote', { term: 5, index: 1, logTerm: 1 }).take(2, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  t.deepEqual(answers(voter, 'MsgVoteResp'), [false, true, false], 'the same candidate may ask again');
});

test('who follows a leader votes for nobody else in its term', (t) => {
  const voter = new Member({ voters: [1, 2, 3] }, { checkQuorum: false }).take(2, 'MsgHeartbeat', { term: 5 });
  voter.take(3, 'MsgVote', { term: 5, index: 1, logTerm: 1 });
  t.deepEqual(answers(voter, 'MsgVoteResp'), [true]);
});

test('who gives its vote waits an election timeout before it asks for votes itself; who refuses does not', (t) => {
  const options = { preVote: false, checkQuorum: false, electionTicks: 10, heartbeatTicks: 1 };
  const after = (index: number): string => {
    const voter = new Member({ voters: [1, 2, 3] }, options).take(3, 'MsgHeartbeat', { term: 5 });
    voter.core.forgetLeader();
    voter.run().ticks(9).take(2, 'MsgVote', { term: 5, index, logTerm: 1 });
    return role(voter.ticks(1));
  };
  t.is(after(1), 'follower');
  t.is(after(0), 'candidate');
});

test('only a follower that is told of its own leader hurries, and only with pre-vote', (t) => {
  const follower = (preVote = true): Member => new Member({ voters: [1, 2, 3] }, { preVote }).take(2, 'MsgHeartbeat', { term: 5 }).forget();
  const told = (member: Member, leader: number): Member => {
    member.core.reportLeaderUnreachable(leader);
    return member.run();
  };
  t.is(role(told(follower(), 2)), 'pre-candidate');
  t.is(told(follower(), 3).core.status().lead, 2);
  t.is(told(follower(false), 2).core.status().lead, 2);
  const alone = new Member({ voters: [1, 2, 3] });
  t.is(role(told(alone, 0)), 'follower');
  const candidate = five();
  t.is(role(told(candidate, 0)), 'candidate');
  const leader = new Member({ voters: [1, 2, 3] }).lead(2, 3);
  t.is(role(told(leader, 1)), 'leader');
});

test('followers hurry one after the other by rank, and learners only stop waiting', (t) => {
  const options = { electionTicks: 10, heartbeatTicks: 2 };
  const second = new Member({ voters: [1, 2, 3, 4] }, { ...options, id: 3 });
  second.take(4, 'MsgHeartbeat', { term: 5 });
  second.core.reportLeaderUnreachable(4);
  t.deepEqual([role(second), second.core.status().lead], ['follower', 0]);
  t.is(role(second.ticks(3)), 'follower');
  t.is(role(second.ticks(1)), 'pre-candidate');
  const learner = new Member({ voters: [2, 3], learners: [1] }, options).take(2, 'MsgHeartbeat', { term: 5 });
  learner.core.reportLeaderUnreachable(2);
  t.deepEqual([role(learner.ticks(30)), learner.core.status().lead], ['follower', 0]);
});
