import { assert } from '@tso/proto';
import { isConfChange } from './conf-change.ts';
import { emptyEntry } from './log.ts';
import type { Message, NodeId } from './messages.ts';
import { nobody } from './messages.ts';
import { becomeFollower, type Node, name, progressOf, promotable, reset, send, trace } from './node.ts';
import { jointVote, type VoteResult, voterIds } from './quorum.ts';
import { appendOwn, broadcastAppend } from './replication.ts';

export type CampaignKind = 'pre-vote' | 'election' | 'transfer';

/** Marks a vote that the old leader asked for: it may disturb the lease, which was the leader's own (thesis 4.2.3). */
export const transferContext = 'transfer';

/** What is looked through at once: a restarted node may have a log of any length before it. */
const pageBytes = 1024 * 1024;

const hasUnappliedConfChange = (node: Node): boolean => {
  let from = node.log.applied + 1;
  while (from <= node.log.committed) {
    const entries = node.log.slice(from, node.log.committed + 1, pageBytes);
    assert(typeof entries !== 'string', `committed entries from ${from} on are ${String(entries)}`);
    if (entries.some((entry) => isConfChange(entry.type))) return true;
    from += entries.length;
  }
  return false;
};

/** Starts an election if this node may: time is up, or somebody said so. */
export const startElection = (node: Node, kind: CampaignKind): void => {
  if (node.role === 'leader') {
    trace(node, 'debug', () => `${name(node.id)} ignoring MsgHup because already leader`);
    return;
  }
  if (!promotable(node)) {
    trace(node, 'warn', () => `${name(node.id)} is unpromotable and can not campaign`);
    return;
  }
  // It may have been removed by what it has not applied yet.
  if (hasUnappliedConfChange(node)) {
    trace(
      node,
      'warn',
      () => `${name(node.id)} cannot campaign at term ${node.term} since there are still pending configuration changes to apply`,
    );
    return;
  }
  trace(node, 'info', () => `${name(node.id)} is starting a new election at term ${node.term}`);
  campaign(node, kind);
};

const becomePreCandidate = (node: Node): void => {
  assert(node.role !== 'leader', 'a leader does not ask for pre-votes');
  // The term and the vote stay: nothing is promised yet (thesis 9.6).
  node.votes.clear();
  node.lead = nobody;
  node.role = 'pre-candidate';
  trace(node, 'info', () => `${name(node.id)} became pre-candidate at term ${node.term}`);
};

const becomeCandidate = (node: Node): void => {
  assert(node.role !== 'leader', 'a leader does not become a candidate');
  reset(node, node.term + 1);
  node.vote = node.id;
  node.role = 'candidate';
  trace(node, 'info', () => `${name(node.id)} became candidate at term ${node.term}`);
};

/** Goes with a request for a vote and with a refusal: what this node knows to be committed. */
const commitKnown = (node: Node): Partial<Message> =>
  node.options.guardMembership ? { commit: node.log.committed, rejectHint: node.log.termOrZero(node.log.committed) } : {};

/**
 * Learns from a request for a vote, or a refusal, what is committed, where the logs agree. A change of members takes effect once it is
 * known to be committed, so a node with the longest log may not know that it votes, and never ask, while those who know that they need
 * its vote have logs too short to get it (simulation, seed 2474). Or it knows that it was let go, while who is left needs its vote, as
 * far as it knows (with the driver, seed 386).
 */
const learnCommit = (node: Node, m: Message): void => {
  // A leader commits by counting alone, and so what came before its term with the first entry of it (paper 5.4.2).
  if (node.role === 'leader') return;
  if (m.commit > node.log.committed && m.rejectHint > 0 && node.log.matches({ index: m.commit, term: m.rejectHint }))
    node.log.commitTo(m.commit);
};

/** Asks all voters, itself too: its own vote counts once it is durable like every other. */
export const campaign = (node: Node, kind: CampaignKind): void => {
  if (kind === 'pre-vote') becomePreCandidate(node);
  else becomeCandidate(node);
  const [ask, answer] = kind === 'pre-vote' ? (['MsgPreVote', 'MsgPreVoteResp'] as const) : (['MsgVote', 'MsgVoteResp'] as const);
  const term = kind === 'pre-vote' ? node.term + 1 : node.term;
  const last = node.log.last();
  for (const id of voterIds(node.membership.configuration.voters)) {
    if (id === node.id) {
      send(node, answer, id, { term });
      continue;
    }
    trace(
      node,
      'info',
      () => `${name(node.id)} [logterm: ${last.term}, index: ${last.index}] sent ${ask} request to ${name(id)} at term ${node.term}`,
    );
    const context = kind === 'transfer' ? transferContext : '';
    send(node, ask, id, { term, index: last.index, logTerm: last.term, context, ...commitKnown(node) });
  }
};

/** Counts a vote; the first that a node gives counts, so that a message delivered twice does not count twice. */
const countVote = (node: Node, { from, type, reject }: Message): VoteResult => {
  trace(node, 'info', () => `${name(node.id)} received ${type}${reject ? ' rejection' : ''} from ${name(from)} at term ${node.term}`);
  if (!node.votes.has(from)) node.votes.set(from, !reject);
  const counted = [...node.votes].filter(([id]) => progressOf(node, id)?.isLearner === false);
  const granted = counted.filter(([, vote]) => vote).length;
  trace(node, 'info', () => `${name(node.id)} has received ${granted} ${type} votes and ${counted.length - granted} vote rejections`);
  return jointVote(node.membership.configuration.voters, node.votes);
};

export const becomeLeader = (node: Node): void => {
  assert(node.role === 'candidate', `a ${node.role} does not become leader`);
  reset(node, node.term);
  node.lead = node.id;
  node.role = 'leader';
  const own = progressOf(node, node.id);
  assert(own !== undefined, 'a leader is a member');
  own.becomeReplicate();
  own.recentActive = true;
  // There may be an unapplied change of members in the log; until all of it is applied no further one is let in.
  node.pendingConfIndex = node.log.lastIndex();
  const opened = appendOwn(node, [emptyEntry]);
  assert(opened !== undefined, 'the empty entry of a new term is never refused');
  trace(node, 'info', () => `${name(node.id)} became leader at term ${node.term}`);
};

const describeLast = (node: Node): string => {
  const last = node.log.last();
  return `${name(node.id)} [logterm: ${last.term}, index: ${last.index}, vote: ${name(node.vote)}]`;
};

/** A follower that hears its leader does not help to vote it away, unless the leader itself asked (thesis 4.2.3). */
export const leaseHolds = (node: Node, m: Message): boolean => {
  const hears = node.lead !== nobody || node.mayHaveHeardLeader;
  const holds = m.context !== transferContext && node.options.checkQuorum && hears && node.electionElapsed < node.options.electionTicks;
  if (holds) {
    trace(
      node,
      'info',
      () =>
        `${describeLast(node)} ignored ${m.type} from ${name(m.from)} [logterm: ${m.logTerm}, index: ${m.index}] at term ${node.term}: ` +
        `lease is not expired (remaining ticks: ${node.options.electionTicks - node.electionElapsed})`,
    );
  }
  return holds;
};

const mayVoteFor = (node: Node, m: Message): boolean =>
  node.vote === m.from || (node.vote === nobody && node.lead === nobody) || (m.type === 'MsgPreVote' && m.term > node.term);

export const refuseVote = (node: Node, m: Message): void => {
  trace(
    node,
    'info',
    () => `${describeLast(node)} rejected ${m.type} from ${name(m.from)} [logterm: ${m.logTerm}, index: ${m.index}] at term ${node.term}`,
  );
  const answer = m.type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp';
  send(node, answer, m.from, { term: node.term, reject: true, ...commitKnown(node) });
};

/**
 * Answers a request for a vote or pre-vote of this term or, for a pre-vote, a later one (paper 5.2, 5.4.1). Learners vote as
 * well: one that does not know yet that it was promoted may be the voter that is missing.
 */
export const handleVoteRequest = (node: Node, m: Message): void => {
  learnCommit(node, m);
  if (!mayVoteFor(node, m) || !node.log.isUpToDate({ index: m.index, term: m.logTerm })) {
    refuseVote(node, m);
    return;
  }
  trace(
    node,
    'info',
    () => `${describeLast(node)} cast ${m.type} for ${name(m.from)} [logterm: ${m.logTerm}, index: ${m.index}] at term ${node.term}`,
  );
  // The term is the asker's: an answer to a pre-vote for a term that is not begun would be dropped as outdated otherwise.
  send(node, m.type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp', m.from, { term: m.term });
  if (m.type === 'MsgVote') {
    node.electionElapsed = 0;
    node.vote = m.from;
  }
};

/**
 * The leader's connection was refused or reset: its process is gone, so there is nothing to wait for. Voters pre-vote one after
 * the other by rank, or they would ask at the same instant and split the vote. Without pre-vote nobody hurries, since a mistake
 * would depose a leader that lives, nor where such a leader answers reads because nobody hurries.
 */
export const handleLeaderUnreachable = (node: Node, leader: NodeId): void => {
  const { preVote, readOnly } = node.options;
  if (node.role !== 'follower' || node.lead !== leader || leader === nobody || !preVote || readOnly === 'lease') return;
  const rank = voterIds(node.membership.configuration.voters)
    .filter((id) => id !== leader)
    .indexOf(node.id);
  trace(node, 'info', () => `${name(node.id)} was told at term ${node.term} that its leader ${name(leader)} is gone`);
  if (rank === 0 && promotable(node)) {
    node.electionElapsed = 0;
    startElection(node, 'pre-vote');
    return;
  }
  // Who has no leader grants a pre-vote; a living one's next heartbeat makes it the leader again.
  node.lead = nobody;
  if (rank > 0) node.electionTimeoutTicks = Math.min(node.electionTimeoutTicks, node.electionElapsed + rank * node.options.heartbeatTicks);
};

/** What an answer makes of a candidate. */
export const takeVote = (node: Node, m: Message): void => {
  const result = countVote(node, m);
  if (m.reject) learnCommit(node, m);
  // Who decides is about to change, or has long changed: the next election asks them.
  if (hasUnappliedConfChange(node)) becomeFollower(node, node.term, nobody);
  else concludeElection(node, result);
};

const concludeElection = (node: Node, result: VoteResult): void => {
  if (result === 'lost') becomeFollower(node, node.term, nobody);
  else if (result === 'won' && node.role === 'pre-candidate') campaign(node, 'election');
  else if (result === 'won') {
    becomeLeader(node);
    broadcastAppend(node);
  }
};
