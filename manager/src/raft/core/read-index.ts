import type { Message } from './messages.ts';
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
  if (node.options.readOnly === 'lease') answer(node, request, node.log.committed);
  else broadcastHeartbeat(node, node.reads.add(request, node.log.committed, node.id));
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
  if (m.context === '' || node.options.readOnly === 'lease') return;
  for (const { request, index } of node.reads.confirm(m.from, m.context, node.membership.configuration.voters))
    answer(node, request, index);
};
