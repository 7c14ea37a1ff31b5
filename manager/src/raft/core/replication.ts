import { isJoint } from './membership.ts';
import type { Entry, NodeId } from './messages.ts';
import { describeProgress, type Node, name, others, progressOf, send, trace } from './node.ts';
import type { Progress } from './progress.ts';
import { jointCommitted, jointVote } from './quorum.ts';
import { payloadSize } from './storage.ts';

/** Appends to the leader's own log. Undefined when the commands that wait to be applied would grow past the limit. */
export const appendOwn = (
  node: Node,
  drafts: readonly Pick<Entry, 'type' | 'data'>[],
): { readonly index: number; readonly term: number } | undefined => {
  const first = node.log.lastIndex() + 1;
  const entries = drafts.map(({ type, data }, at): Entry => ({ type, data, term: node.term, index: first + at }));
  const size = payloadSize(entries);
  // One command of any size is let in when nothing waits, and an empty entry always: without it no leader could begin.
  if (node.uncommittedBytes > 0 && size > 0 && node.uncommittedBytes + size > node.options.maxUncommittedSizeBytes) {
    trace(node, 'warn', () => `${name(node.id)} appending new entries to log would exceed uncommitted entry size limit; dropping proposal`);
    return undefined;
  }
  node.uncommittedBytes += size;
  const last = node.log.append(entries);
  // The leader is one of its own followers, and acknowledges only what is durable (thesis 10.2.1).
  send(node, 'MsgAppResp', node.id, { index: last });
  return { index: first, term: node.term };
};

/** Sends what the follower lacks, at least an empty message that tells the commit index. False when nothing was sent. */
export const sendAppend = (node: Node, to: NodeId): boolean => sendAppendIf(node, to, true);

/** As `sendAppend`, but no empty message. */
export const sendEntries = (node: Node, to: NodeId): boolean => sendAppendIf(node, to, false);

const sendAppendIf = (node: Node, to: NodeId, evenEmpty: boolean): boolean => {
  const progress = progressOf(node, to);
  if (progress === undefined || progress.isPaused) return false;
  const previous = progress.next - 1;
  const previousTerm = node.log.term(previous);
  if (typeof previousTerm !== 'number') return sendSnapshot(node, to, progress);
  // With the window full an empty message still goes out: its rejection or acknowledgement shows whether the rest was lost.
  const blocked = progress.state === 'replicate' && progress.inflights.full;
  const entries = blocked ? [] : node.log.entries(progress.next, node.options.maxSizePerMessageBytes);
  if (typeof entries === 'string') return sendSnapshot(node, to, progress);
  if (entries.length === 0 && !evenEmpty) return false;
  send(node, 'MsgApp', to, { index: previous, logTerm: previousTerm, entries, commit: node.log.committed });
  progress.sentEntries(entries.length, payloadSize(entries));
  progress.noteCommit(node.log.committed);
  return true;
};

const sendSnapshot = (node: Node, to: NodeId, progress: Progress): boolean => {
  if (!progress.recentActive) {
    trace(node, 'debug', () => `ignore sending snapshot to ${name(to)} since it is not recently active`);
    return false;
  }
  const snapshot = node.log.snapshot();
  if (snapshot === undefined || snapshot.index === 0) {
    trace(node, 'debug', () => `${name(node.id)} failed to send snapshot to ${name(to)} because snapshot is temporarily unavailable`);
    return false;
  }
  const { voters, votersOutgoing, learners } = snapshot.confState;
  if (![...voters, ...votersOutgoing, ...learners].includes(to)) {
    // It would refuse it, and be sent it again, and again: the owner makes one that is as new as the change that let it in.
    trace(node, 'debug', () => `${name(node.id)} does not send snapshot [index: ${snapshot.index}] to ${name(to)}, which it does not name`);
    return false;
  }
  trace(
    node,
    'debug',
    () =>
      `${name(node.id)} [firstindex: ${node.log.firstIndex()}, commit: ${node.log.committed}] sent snapshot[index: ${snapshot.index}, ` +
      `term: ${snapshot.term}] to ${name(to)} [${describeProgress(progress)}]`,
  );
  progress.becomeSnapshot(snapshot.index);
  trace(node, 'debug', () => `${name(node.id)} paused sending replication messages to ${name(to)} [${describeProgress(progress)}]`);
  send(node, 'MsgSnap', to, { snapshot });
  return true;
};

export const broadcastAppend = (node: Node): void => {
  for (const id of others(node)) sendAppend(node, id);
};

/** Heartbeats to all, with the context of a read round if there is one. */
export const broadcastHeartbeat = (node: Node, context: string): void => {
  for (const id of others(node)) {
    const progress = progressOf(node, id);
    if (progress === undefined) continue;
    // Never past what is known to match: the follower's log may differ behind it.
    const commit = Math.min(progress.match, node.log.committed);
    send(node, 'MsgHeartbeat', id, { commit, context });
    progress.noteCommit(commit);
  }
};

/** Commits what a quorum has, if it is of this term. True when the commit index moved. */
export const advanceCommit = (node: Node): boolean => {
  const committed = jointCommitted(node.membership.configuration.voters, (id) => progressOf(node, id)?.match ?? 0);
  return node.log.commitByCount(committed, node.term);
};

/** Whether a quorum was heard from since the last check. */
export const quorumActive = (node: Node): boolean => {
  const heard = [...node.membership.progress].filter(([, it]) => !it.isLearner).map(([id, it]): [NodeId, boolean] => [id, it.recentActive]);
  return jointVote(node.membership.configuration.voters, new Map(heard)) === 'won';
};

/** A leader that was removed and stays on is not among the voters, even if only one is left. */
export const isOnlyVoter = (node: Node): boolean => {
  const { configuration } = node.membership;
  return configuration.voters.incoming.size === 1 && configuration.voters.incoming.has(node.id) && !isJoint(configuration);
};

/** A read of the own state is only fresh once an entry of the own term is committed (thesis 6.4). */
export const committedInOwnTerm = (node: Node): boolean => node.log.termOrZero(node.log.committed) === node.term;
