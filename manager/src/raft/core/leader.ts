import type { Message, NodeId } from './messages.ts';
import { nobody } from './messages.ts';
import { becomeFollower, describeProgress, type Node, name, others, progressOf, send, trace } from './node.ts';
import type { Progress } from './progress.ts';
import { handleProposal } from './proposals.ts';
import { beat, confirmReads, handleReadIndex, releaseEarlyReads } from './read-index.ts';
import { accepted, type StepResult } from './ready.ts';
import { advanceCommit, broadcastAppend, quorumActive, sendAppend, sendEntries } from './replication.ts';

const checkQuorum = (node: Node): void => {
  if (!quorumActive(node)) {
    trace(node, 'warn', () => `${name(node.id)} stepped down to follower since quorum is not active`);
    becomeFollower(node, node.term, nobody);
  }
  for (const id of others(node)) progressOf(node, id)?.beginCheck();
};

const handleRejection = (node: Node, m: Message, progress: Progress): void => {
  trace(
    node,
    'debug',
    () =>
      `${name(node.id)} received MsgAppResp(rejected, hint: (index ${m.rejectHint}, term ${m.logTerm})) from ${name(m.from)} for index ${m.index}`,
  );
  // Where the own log has later terms than the follower's at the hint, it cannot match: one probe for each term, not each entry.
  const hint = m.logTerm > 0 ? node.log.lastNotAfter(m.rejectHint, m.logTerm).index : m.rejectHint;
  if (!progress.retreat(m.index, hint)) return;
  trace(node, 'debug', () => `${name(node.id)} decreased progress of ${name(m.from)} to [${describeProgress(progress)}]`);
  if (progress.state === 'replicate') progress.becomeProbe();
  sendAppend(node, m.from);
};

/** Moves a follower on by what it acknowledged. */
const resume = (node: Node, m: Message, progress: Progress): void => {
  if (progress.state === 'probe') {
    progress.becomeReplicate();
  } else if (progress.state === 'replicate') {
    progress.inflights.freeUpTo(m.index);
  } else if (progress.match + 1 >= node.log.firstIndex()) {
    // Any snapshot will do from which the log leads on, not just the one that was sent.
    trace(
      node,
      'debug',
      () =>
        `${name(node.id)} recovered from needing snapshot, resumed sending replication messages to ${name(m.from)} [${describeProgress(progress)}]`,
    );
    progress.becomeReplicate();
  }
};

const handleAcknowledgement = (node: Node, m: Message, progress: Progress): void => {
  if (m.index > node.log.lastIndex()) {
    trace(node, 'warn', () => `${name(m.from)} acknowledges entry ${m.index}, which was never sent: ignored`);
    return;
  }
  const news = progress.acknowledge(m.index) || (progress.match === m.index && progress.state === 'probe');
  if (!news) return;
  resume(node, m, progress);
  if (advanceCommit(node)) {
    releaseEarlyReads(node);
    broadcastAppend(node);
  } else if (m.from !== node.id && progress.canBumpCommit(node.log.committed)) {
    sendAppend(node, m.from);
  }
  if (m.from === node.id) return;
  // The window may have opened for several messages at once.
  while (sendEntries(node, m.from));
  if (m.from === node.transferee && progress.match === node.log.lastIndex()) {
    trace(node, 'info', () => `${name(node.id)} sent MsgTimeoutNow to ${name(m.from)} after received MsgAppResp`);
    callElection(node, m.from);
  }
};

const handleHeartbeatResponse = (node: Node, m: Message, progress: Progress): void => {
  progress.recentActive = true;
  progress.paused = false;
  if (progress.match < node.log.lastIndex() || progress.state === 'probe') sendAppend(node, m.from);
  confirmReads(node, m);
};

const handleSnapshotStatus = (node: Node, m: Message, progress: Progress): void => {
  if (progress.state !== 'snapshot') return;
  // A snapshot that did not arrive leaves the follower where it was.
  if (m.reject) progress.pendingSnapshot = 0;
  progress.becomeProbe();
  trace(
    node,
    'debug',
    () =>
      `${name(node.id)} snapshot ${m.reject ? 'failed' : 'succeeded'}, resumed sending replication messages to ${name(m.from)} [${describeProgress(progress)}]`,
  );
  // After success its acknowledgement comes next, after failure a heartbeat's answer: both go on from here.
  progress.paused = true;
};

const handleUnreachable = (node: Node, m: Message, progress: Progress): void => {
  if (progress.state === 'replicate') progress.becomeProbe();
  trace(
    node,
    'debug',
    () => `${name(node.id)} failed to send message to ${name(m.from)} because it is unreachable [${describeProgress(progress)}]`,
  );
};

const callElection = (node: Node, transferee: NodeId): void => {
  node.calledElection = true;
  send(node, 'MsgTimeoutNow', transferee);
};

/** Hands leadership over (thesis 3.10): the other is brought up to date, then told to begin an election at once. */
const handleTransfer = (node: Node, m: Message, progress: Progress): void => {
  const transferee = m.from;
  if (progress.isLearner) {
    trace(node, 'debug', () => `${name(node.id)} is learner. Ignored transferring leadership`);
    return;
  }
  if (node.transferee === transferee) {
    trace(
      node,
      'info',
      () =>
        `${name(node.id)} [term ${node.term}] transfer leadership to ${name(transferee)} is in progress, ignores request to same node ${name(transferee)}`,
    );
    return;
  }
  if (node.transferee !== nobody) {
    trace(node, 'info', () => `${name(node.id)} [term ${node.term}] abort previous transferring leadership to ${name(node.transferee)}`);
    node.transferee = nobody;
  }
  if (transferee === node.id) {
    trace(node, 'debug', () => `${name(node.id)} is already leader. Ignored transferring leadership to self`);
    return;
  }
  trace(node, 'info', () => `${name(node.id)} [term ${node.term}] starts to transfer leadership to ${name(transferee)}`);
  // It has one election timeout; then this leader takes proposals again.
  node.electionElapsed = 0;
  node.transferee = transferee;
  if (progress.match !== node.log.lastIndex()) {
    sendAppend(node, transferee);
    return;
  }
  callElection(node, transferee);
  trace(
    node,
    'info',
    () => `${name(node.id)} sends MsgTimeoutNow to ${name(transferee)} immediately as ${name(transferee)} already has up-to-date log`,
  );
};

const stepAboutFollower = (node: Node, m: Message): StepResult => {
  const progress = progressOf(node, m.from);
  if (progress === undefined) {
    trace(node, 'debug', () => `${name(node.id)} no progress available for ${name(m.from)}`);
    return accepted;
  }
  if (m.type === 'MsgAppResp') {
    progress.recentActive = true;
    if (m.reject) handleRejection(node, m, progress);
    else handleAcknowledgement(node, m, progress);
  } else if (m.type === 'MsgHeartbeatResp') handleHeartbeatResponse(node, m, progress);
  else if (m.type === 'MsgSnapStatus') handleSnapshotStatus(node, m, progress);
  else if (m.type === 'MsgUnreachable') handleUnreachable(node, m, progress);
  else if (m.type === 'MsgTransferLeader') handleTransfer(node, m, progress);
  return accepted;
};

/** What a leader does with a message of its term. */
export const stepLeader = (node: Node, m: Message): StepResult => {
  switch (m.type) {
    case 'MsgBeat':
      beat(node);
      return accepted;
    case 'MsgCheckQuorum':
      checkQuorum(node);
      return accepted;
    case 'MsgProp':
      return handleProposal(node, m);
    case 'MsgReadIndex':
      return handleReadIndex(node, m);
    default:
      return stepAboutFollower(node, m);
  }
};
