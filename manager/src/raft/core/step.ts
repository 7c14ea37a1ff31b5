import { stepCandidate } from './candidate.ts';
import { encodeConfChange, leaveJoint } from './conf-change.ts';
import { handleLeaderUnreachable, handleVoteRequest, leaseHolds, refuseVote, startElection } from './election.ts';
import { stepFollower } from './follower.ts';
import { stepLeader } from './leader.ts';
import { describeConfiguration } from './membership.ts';
import { type Entry, type Message, message, nobody } from './messages.ts';
import { becomeFollower, type Node, name, promotable, send, trace } from './node.ts';
import { accepted, type StepResult } from './ready.ts';

const comesFromLeader = ({ type }: Message): boolean => type === 'MsgApp' || type === 'MsgHeartbeat' || type === 'MsgSnap';

/** A later term ends the own one (paper 5.1), except that pre-votes are about a term which nobody has begun. */
const meetLaterTerm = (node: Node, m: Message): 'go on' | 'ignore' => {
  if ((m.type === 'MsgVote' || m.type === 'MsgPreVote') && leaseHolds(node, m)) return 'ignore';
  if (m.type === 'MsgPreVote' || (m.type === 'MsgPreVoteResp' && !m.reject)) return 'go on';
  trace(
    node,
    'info',
    () => `${name(node.id)} [term: ${node.term}] received a ${m.type} message with higher term from ${name(m.from)} [term: ${m.term}]`,
  );
  becomeFollower(node, m.term, comesFromLeader(m) ? m.from : nobody);
  return 'go on';
};

/** Nothing of an earlier term has an effect; who may be stuck in one is told. */
const meetEarlierTerm = (node: Node, m: Message): void => {
  const staysSilent = node.options.checkQuorum || node.options.preVote || !promotable(node);
  if (staysSilent && (m.type === 'MsgHeartbeat' || m.type === 'MsgApp')) {
    // A leader whose votes are ignored here by lease, or not asked for by pre-vote, would otherwise never learn of the later term.
    // Nor from who asks for none: a learner that campaigned before it was demoted.
    send(node, 'MsgAppResp', m.from);
  } else if (m.type === 'MsgPreVote') {
    refuseVote(node, m);
  } else {
    trace(
      node,
      'info',
      () => `${name(node.id)} [term: ${node.term}] ignored a ${m.type} message with lower term from ${name(m.from)} [term: ${m.term}]`,
    );
  }
};

/** Takes one message, from the network or of the node's own making. */
export const step = (node: Node, m: Message): StepResult => {
  if (m.term > node.term && meetLaterTerm(node, m) === 'ignore') return accepted;
  if (m.term !== 0 && m.term < node.term) {
    meetEarlierTerm(node, m);
    return accepted;
  }
  switch (m.type) {
    case 'MsgHup':
      startElection(node, node.options.preVote ? 'pre-vote' : 'election');
      return accepted;
    case 'MsgLeaderUnreachable':
      handleLeaderUnreachable(node, m.from);
      return accepted;
    case 'MsgVote':
    case 'MsgPreVote':
      handleVoteRequest(node, m);
      return accepted;
    default:
  }
  if (node.role === 'leader') return stepLeader(node, m);
  return node.role === 'follower' ? stepFollower(node, m) : stepCandidate(node, m);
};

/**
 * Proposes to leave a joint configuration that is to be left without being asked (thesis 4.3). Refused while leadership is handed
 * over; so it is tried with every entry that is applied, and again when a transfer has failed.
 */
export const leaveJointUnasked = (node: Node): void => {
  const { configuration } = node.membership;
  if (!configuration.autoLeave || node.log.applied < node.pendingConfIndex || node.role !== 'leader') return;
  const text = describeConfiguration(configuration);
  const entries: readonly Entry[] = [{ type: 'EntryConfChangeV2', term: 0, index: 0, data: encodeConfChange(leaveJoint) }];
  const result = step(node, message('MsgProp', { from: node.id, entries }));
  if (result.accepted) trace(node, 'info', () => `initiating automatic transition out of joint configuration ${text}`);
  else trace(node, 'debug', () => `not initiating automatic transition out of joint configuration ${text}: ${result.why}`);
};

const tickLeader = (node: Node): void => {
  node.leaderTicks += 1;
  node.heartbeatElapsed += 1;
  node.electionElapsed += 1;
  if (node.electionElapsed >= node.options.electionTicks) {
    node.electionElapsed = 0;
    if (node.options.checkQuorum) step(node, message('MsgCheckQuorum', { from: node.id }));
    // A transfer that took so long has failed; the leader goes on.
    if (node.role === 'leader') node.transferee = nobody;
    leaveJointUnasked(node);
  }
  if (node.role !== 'leader' || node.heartbeatElapsed < node.options.heartbeatTicks) return;
  node.heartbeatElapsed = 0;
  step(node, message('MsgBeat', { from: node.id }));
};

/** One unit of time: heartbeats, elections and checks count these. */
export const tick = (node: Node): void => {
  if (node.role === 'leader') {
    tickLeader(node);
    return;
  }
  node.electionElapsed += 1;
  if (node.electionElapsed >= node.options.electionTicks) node.mayHaveHeardLeader = false;
  if (!promotable(node) || node.electionElapsed < node.electionTimeoutTicks) return;
  node.electionElapsed = 0;
  step(node, message('MsgHup', { from: node.id }));
};
