import type { Message, NodeId } from './messages.ts';
import { nobody } from './messages.ts';
import { type Node, name, send, trace } from './node.ts';
import { accepted, type StepResult } from './ready.ts';
import { broadcastHeartbeat, committedInOwnTerm, isOnlyVoter } from './replication.ts';

/** Reads that may wait for the first commit of a term; who asks later asks again. */
const maxEarlyReads = 10_000;

/** Tells whoever asked at which index the state is fresh enough. */
const answer = (node: Node, request: Message, index: number): void => {
  if (request.from === nobody || request.from === node.id) node.readStates.push({ index, context: request.context });
  else send(node, 'MsgReadIndexResp', request.from, { index, context: request.context });
};

const begin = (node: Node, request: Message): void => {
  if (holdsLease(node)) {
    answer(node, request, node.log.committed);
    return;
  }
  broadcastHeartbeat(node, node.reads.add(request, node.log.committed, node.leaderTicks));
  // Both halves of a joint configuration may be this node alone.
  confirm(node, node.id, node.reads.newest);
};

/**
 * Whether a quorum was heard so lately that none of it can have helped to elect another leader yet (thesis 6.4.1): counted from when
 * the heartbeats left that it answered, and one heartbeat less than it waits, for ticks that are cut and clocks that drift. Whoever
 * was told to take over does not wait, so from then on there is no lease.
 */
const holdsLease = (node: Node): boolean => {
  const { readOnly, electionTicks, heartbeatTicks } = node.options;
  if (readOnly !== 'lease' || node.calledElection) return false;
  const since = node.reads.confirmedAt;
  return since !== undefined && node.leaderTicks - since < electionTicks - heartbeatTicks;
};

const confirm = (node: Node, from: NodeId, context: string): void => {
  for (const { request, index } of node.reads.confirm(from, context, node.membership.configuration.voters)) answer(node, request, index);
};

/** The leader's regular heartbeats. They carry the newest read, or renew the lease. */
export const beat = (node: Node): void => {
  const context = node.options.readOnly === 'lease' ? node.reads.round(node.leaderTicks) : node.reads.context();
  broadcastHeartbeat(node, context);
  if (context !== '') confirm(node, node.id, context);
};

/** A read on the leader (thesis 6.4): answered once a quorum confirms that there is no later leader. */
export const handleReadIndex = (node: Node, request: Message): StepResult => {
  if (isOnlyVoter(node) && committedInOwnTerm(node)) {
    answer(node, request, node.log.committed);
  } else if (committedInOwnTerm(node)) {
    begin(node, request);
  } else if (node.earlyReads.length < maxEarlyReads) {
    node.earlyReads.push(request);
  } else {
    trace(node, 'warn', () => `${name(node.id)} drops a read: ${maxEarlyReads} wait for the first commit of term ${node.term}`);
    return { accepted: false, reason: 'too-large', why: `${maxEarlyReads} reads already wait for the first commit of the term` };
  }
  return accepted;
};

/** Starts the reads that waited for the first commit of the term. */
export const releaseEarlyReads = (node: Node): void => {
  if (node.earlyReads.length === 0 || !committedInOwnTerm(node)) return;
  const waiting = node.earlyReads;
  node.earlyReads = [];
  for (const request of waiting) handleReadIndex(node, request);
};

/** Takes a heartbeat's answer for what it confirms. */
export const confirmReads = (node: Node, m: Message): void => {
  if (m.context !== '') confirm(node, m.from, m.context);
};
