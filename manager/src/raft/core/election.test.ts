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
