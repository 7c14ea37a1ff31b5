import { switchTo } from './configuration.ts';
import { startElection } from './election.ts';
import type { Message, Snapshot } from './messages.ts';
import { nobody } from './messages.ts';
import { becomeFollower, type Node, name, restoredMembership, send, trace } from './node.ts';
import { accepted, type StepResult } from './ready.ts';

/** Appends what fits behind the named entry, or says where the logs may still agree (paper 5.3). */
export const handleAppend = (node: Node, m: Message): void => {
  if (m.index < node.log.committed) {
    send(node, 'MsgAppResp', m.from, { index: node.log.committed });
    return;
  }
  const last = node.log.appendBehind({ index: m.index, term: m.logTerm }, m.entries, m.commit);
  if (last !== undefined) {
    send(node, 'MsgAppResp', m.from, { index: last });
    return;
  }
  trace(
    node,
    'debug',
    () =>
      `${name(node.id)} [logterm: ${node.log.termOrZero(m.index)}, index: ${m.index}] rejected MsgApp ` +
      `[logterm: ${m.logTerm}, index: ${m.index}] from ${name(m.from)}`,
  );
  // All that the leader has up to there is of its term at most, so a longer tail of later terms is skipped in one step.
  const hint = node.log.lastNotAfter(Math.min(m.index, node.log.lastIndex()), m.logTerm);
  send(node, 'MsgAppResp', m.from, { index: m.index, reject: true, rejectHint: hint.index, logTerm: hint.term });
};

/** The leader tells of a commit only what it knows to be in this log; if it is not, the log has lost what was acknowledged. */
export const handleHeartbeat = (node: Node, m: Message): StepResult => {
  if (m.commit > node.log.lastIndex()) {
    const why = `node ${node.id} acknowledged entries up to ${m.commit} and now has ${node.log.lastIndex()}: was its log truncated or lost?`;
    trace(node, 'error', () => why);
    return { accepted: false, reason: 'log-lost', why };
  }
  node.log.commitTo(m.commit);
  send(node, 'MsgHeartbeatResp', m.from, { context: m.context });
  return accepted;
};

/** Takes over a snapshot (paper 7); one that tells nothing new is answered with what is committed here. */
export const handleSnapshot = (node: Node, m: Message): void => {
  const position = m.snapshot === undefined ? '[index: 0, term: 0]' : `[index: ${m.snapshot.index}, term: ${m.snapshot.term}]`;
  if (m.snapshot !== undefined && restore(node, m.snapshot)) {
    trace(node, 'info', () => `${name(node.id)} [commit: ${node.log.committed}] restored snapshot ${position}`);
    send(node, 'MsgAppResp', m.from, { index: node.log.lastIndex() });
  } else {
    trace(node, 'info', () => `${name(node.id)} [commit: ${node.log.committed}] ignored snapshot ${position}`);
    send(node, 'MsgAppResp', m.from, { index: node.log.committed });
  }
};

const restore = (node: Node, snapshot: Snapshot): boolean => {
  if (snapshot.index <= node.log.committed) return false;
  const { voters, votersOutgoing, learners } = snapshot.confState;
  if (![...voters, ...votersOutgoing, ...learners].includes(node.id)) {
    trace(node, 'warn', () => `${name(node.id)} attempted to restore snapshot but it is not in the ConfState; should never happen`);
    return false;
  }
  const where = (): string =>
    `${name(node.id)} [commit: ${node.log.committed}, lastindex: ${node.log.lastIndex()}, lastterm: ${node.log.lastTerm()}]`;
  if (node.log.matches(snapshot)) {
    // The log already holds it all: no need to throw entries away.
    trace(node, 'info', () => `${where()} fast-forwarded commit to snapshot [index: ${snapshot.index}, term: ${snapshot.term}]`);
    node.log.commitTo(snapshot.index);
    return false;
  }
  if (node.log.applying > node.log.applied) {
    // A change of members among what is handed out would be applied to the snapshot's configuration, which is a later one.
    trace(
      node,
      'info',
      () => `${where()} cannot restore snapshot [index: ${snapshot.index}, term: ${snapshot.term}] while entries are being applied`,
    );
    return false;
  }
  node.log.restore(snapshot);
  switchTo(node, restoredMembership(node, snapshot.confState));
  trace(node, 'info', () => `${where()} restored snapshot [index: ${snapshot.index}, term: ${snapshot.term}]`);
  return true;
};

const forward = (node: Node, m: Message, what: string): StepResult => {
  if (node.lead === nobody) {
    trace(node, 'info', () => `${name(node.id)} no leader at term ${node.term}; dropping ${what}`);
    return { accepted: false, reason: 'no-leader', why: `no leader is known at term ${node.term}` };
  }
  const { type, to: _to, term: _term, ...rest } = m;
  send(node, type, node.lead, rest);
  return accepted;
};

const forwardProposal = (node: Node, m: Message): StepResult => {
  if (node.options.forwardProposals || node.lead === nobody) return forward(node, m, 'proposal');
  trace(node, 'info', () => `${name(node.id)} not forwarding to leader ${name(node.lead)} at term ${node.term}; dropping proposal`);
  return { accepted: false, reason: 'not-forwarded', why: `node ${node.id} is not the leader, which is node ${node.lead}` };
};

const hearLeader = (node: Node, m: Message): void => {
  node.electionElapsed = 0;
  node.lead = m.from;
};

const forgetLeader = (node: Node): void => {
  if (node.options.readOnly === 'lease') {
    trace(node, 'error', () => 'ignoring MsgForgetLeader due to ReadOnlyLeaseBased');
  } else if (node.lead !== nobody) {
    trace(node, 'info', () => `${name(node.id)} forgetting leader ${name(node.lead)} at term ${node.term}`);
    node.lead = nobody;
  }
};

/** What a follower does with a message of its term. */
export const stepFollower = (node: Node, m: Message): StepResult => {
  switch (m.type) {
    case 'MsgProp':
      return forwardProposal(node, m);
    case 'MsgReadIndex':
      return forward(node, m, 'index reading msg');
    case 'MsgTransferLeader':
      return forward(node, m, 'leader transfer msg');
    case 'MsgApp':
      hearLeader(node, m);
      handleAppend(node, m);
      return accepted;
    case 'MsgHeartbeat':
      hearLeader(node, m);
      return handleHeartbeat(node, m);
    case 'MsgSnap':
      hearLeader(node, m);
      handleSnapshot(node, m);
      return accepted;
    case 'MsgForgetLeader':
      forgetLeader(node);
      return accepted;
    case 'MsgTimeoutNow':
      trace(
        node,
        'info',
        () => `${name(node.id)} [term ${node.term}] received MsgTimeoutNow from ${name(m.from)} and starts an election to get leadership.`,
      );
      // The leader itself wants it, so there is nobody to disturb and no need to ask first.
      startElection(node, 'transfer');
      return accepted;
    case 'MsgReadIndexResp':
      node.readStates.push({ index: m.index, context: m.context });
      return accepted;
    default:
      return accepted;
  }
};

/** A candidate that hears a leader of its term has lost (paper 5.2). */
export const followLeader = (node: Node, m: Message): StepResult => {
  becomeFollower(node, m.term, m.from);
  return stepFollower(node, m);
};
