import { takeVote } from './election.ts';
import { followLeader } from './follower.ts';
import type { Message } from './messages.ts';
import { type Node, name, roleName, trace } from './node.ts';
import { accepted, type StepResult } from './ready.ts';

/** What a candidate or pre-candidate does with a message of its term; each takes only answers to what it asked itself. */
export const stepCandidate = (node: Node, m: Message): StepResult => {
  switch (m.type) {
    case 'MsgProp':
      trace(node, 'info', () => `${name(node.id)} no leader at term ${node.term}; dropping proposal`);
      return { accepted: false, reason: 'no-leader', why: `an election is under way at term ${node.term}` };
    case 'MsgReadIndex':
      return { accepted: false, reason: 'no-leader', why: `an election is under way at term ${node.term}` };
    case 'MsgApp':
    case 'MsgHeartbeat':
    case 'MsgSnap':
      return followLeader(node, m);
    case 'MsgPreVoteResp':
      if (node.role === 'pre-candidate') takeVote(node, m);
      return accepted;
    case 'MsgVoteResp':
      if (node.role === 'candidate') takeVote(node, m);
      return accepted;
    case 'MsgTimeoutNow':
      trace(
        node,
        'debug',
        () => `${name(node.id)} [term ${node.term} state ${roleName(node.role)}] ignored MsgTimeoutNow from ${name(m.from)}`,
      );
      return accepted;
    default:
      return accepted;
  }
};
