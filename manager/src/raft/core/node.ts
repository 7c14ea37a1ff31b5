import { assert } from '@tso/proto';
import { isConfChange } from './conf-change.ts';
import { Inflights } from './inflights.ts';
import { RaftLog } from './log.ts';
import type { Configuration, Membership } from './membership.ts';
import { emptyMembership, isUnfit, type MembershipLimits, restoreMembership, toConfState } from './membership.ts';
import { awaitsDurability, type ConfState, type Message, message, type NodeId, nobody } from './messages.ts';
import type { RaftOptions } from './options.ts';
import { Progress } from './progress.ts';
import { ReadQueue } from './read-queue.ts';
import type { ReadState, Role } from './ready.ts';
import type { StableStorage } from './storage.ts';

/** Bytes of entries that are looked at in one go at the start. */
const scanBytes = 1024 * 1024;

/**
 * One member's volatile state, changed in place by the files beside this one; nobody outside of the core sees it. Two outboxes,
 * because acknowledgements and votes leave only once what they promise is durable.
 */
export interface Node {
  readonly options: RaftOptions;
  readonly id: NodeId;
  readonly log: RaftLog;
  term: number;
  vote: NodeId;
  role: Role;
  lead: NodeId;
  membership: Membership;
  readonly votes: Map<NodeId, boolean>;
  /** Who is to lead next while a transfer is under way (thesis 3.10). */
  transferee: NodeId;
  /** At or above the index of the last change of members in the log; the next one waits until that is applied. */
  pendingConfIndex: number;
  /** Whether the change that `pendingConfIndex` points at takes this leader out of the voters, as found for that configuration. */
  leaving: { readonly configuration: Configuration; readonly pendingConfIndex: number; readonly answer: boolean } | undefined;
  /** Commands in the log that are not applied, an estimate that never is too high. */
  uncommittedBytes: number;
  reads: ReadQueue;
  /** Ticks since this node leads: what a lease is measured with. */
  leaderTicks: number;
  /** Somebody was told in this term to begin an election without waiting, so that no lease holds any more. */
  calledElection: boolean;
  /** It may have heard a leader just before it was started; until the lease would be over it votes nobody away. */
  mayHaveHeardLeader: boolean;
  /** Reads that came before this leader had committed an entry of its term (thesis 6.4). */
  earlyReads: Message[];
  readStates: ReadState[];
  electionElapsed: number;
  heartbeatElapsed: number;
  /** Drawn anew whenever the node changes role or term. */
  electionTimeoutTicks: number;
  outbox: Message[];
  outboxWhenDurable: Message[];
}

export const membershipLimits = (node: Node): MembershipLimits => ({
  lastIndex: node.log.lastIndex(),
  maxInflightMessages: node.options.maxInflightMessages,
  maxInflightBytes: node.options.maxInflightBytes,
});

/** The membership that a stored state describes; a state that contradicts itself was damaged. */
export const restoredMembership = (node: Node, state: ConfState): Membership => {
  const restored = restoreMembership(state, membershipLimits(node));
  assert(!isUnfit(restored), `the stored configuration contradicts itself: ${JSON.stringify(state)}`);
  const back = toConfState(restored.configuration);
  assert(
    JSON.stringify(back.voters) === JSON.stringify([...state.voters].sort((a, b) => a - b)),
    'the stored configuration was not restored whole',
  );
  return restored;
};

/**
 * The change of members before the last one in the log is committed, or no leader had let the last one in. The commit index
 * may say less, when a crash tore a write between the entries and it; without it this node would ask the members of two changes ago
 * for their votes, and could lead beside another one.
 */
const provenCommit = (storage: StableStorage, committed: number): number => {
  let proven = 0;
  let last = 0;
  let from = committed + 1;
  while (from <= storage.lastIndex()) {
    const entries = storage.entries(from, storage.lastIndex() + 1, scanBytes);
    assert(typeof entries !== 'string', `stored entries from ${from} on are ${String(entries)}`);
    for (const entry of entries) {
      if (!isConfChange(entry.type)) continue;
      proven = last;
      last = entry.index;
    }
    from += entries.length;
  }
  return proven;
};

/** A node as its stable storage left it, a follower of nobody. */
export const startNode = (options: RaftOptions): Node => {
  const { hardState, confState } = options.storage.initialState();
  const log = new RaftLog(options.storage, options.maxCommittedSizePerReadyBytes, options.trace, options.asyncStorage);
  const node: Node = {
    options,
    id: options.id,
    log,
    term: hardState.term,
    vote: hardState.vote,
    role: 'follower',
    lead: nobody,
    membership: emptyMembership,
    votes: new Map(),
    transferee: nobody,
    pendingConfIndex: 0,
    leaving: undefined,
    uncommittedBytes: 0,
    reads: new ReadQueue(),
    leaderTicks: 0,
    calledElection: false,
    mayHaveHeardLeader: options.readOnly === 'lease' && hardState.term > 0,
    earlyReads: [],
    readStates: [],
    electionElapsed: 0,
    heartbeatElapsed: 0,
    electionTimeoutTicks: options.electionTicks,
    outbox: [],
    outboxWhenDurable: [],
  };
  assert(
    hardState.commit <= log.lastIndex(),
    `stored commit ${hardState.commit} is out of range [${log.committed}, ${log.lastIndex()}]: entries that were promised are missing`,
  );
  // What a snapshot holds is committed, also when a crash came before the commit index that belongs to it was stored.
  log.commitTo(Math.max(hardState.commit, options.applied));
  // Entries are stored with the term they came in. Without it this node might vote again where it has voted.
  assert(
    log.lastIndex() < log.firstIndex() || log.lastTerm() <= hardState.term,
    `stored term ${hardState.term} is earlier than that of entry ${log.lastIndex()}, ${log.lastTerm()}: the vote that was promised is missing`,
  );
  if (options.validateConfChange && options.guardMembership) log.commitTo(provenCommit(options.storage, log.committed));
  if (options.applied > 0) log.appliedTo(options.applied, 0);
  node.membership = restoredMembership(node, confState);
  return node;
};

/** Queues a message. Votes name their term themselves; forwarded proposals and reads belong to none. */
export const send = (node: Node, type: Message['type'], to: NodeId, fields: Partial<Omit<Message, 'type' | 'to'>> = {}): void => {
  const term = fields.term ?? (type === 'MsgProp' || type === 'MsgReadIndex' ? 0 : node.term);
  const outgoing = message(type, { ...fields, from: fields.from || node.id, to, term });
  if (awaitsDurability(type)) node.outboxWhenDurable.push(outgoing);
  else node.outbox.push(outgoing);
};

export const trace = (node: Node, level: 'debug' | 'info' | 'warn' | 'error', text: () => string): void =>
  node.options.trace?.(level, text);

export const progressOf = (node: Node, id: NodeId): Progress | undefined => node.membership.progress.get(id);

/** Everybody else with a progress, learners too, by ascending id so that runs repeat. */
export const others = (node: Node): readonly NodeId[] =>
  [...node.membership.progress.keys()].filter((id) => id !== node.id).sort((a, b) => a - b);

export const isLearner = (node: Node): boolean => progressOf(node, node.id)?.isLearner ?? false;

/** Whether the node may become leader: a voter that holds what its snapshot says. */
export const promotable = (node: Node): boolean => {
  const own = progressOf(node, node.id);
  return own !== undefined && !own.isLearner && node.log.unstable.snapshot === undefined;
};

/** Begins a term, or the same one over, with nothing known of the others. */
export const reset = (node: Node, term: number): void => {
  if (node.term !== term) {
    node.term = term;
    node.vote = nobody;
  }
  node.lead = nobody;
  node.electionElapsed = 0;
  node.heartbeatElapsed = 0;
  const { electionTicks, maxInflightMessages, maxInflightBytes, random } = node.options;
  node.electionTimeoutTicks = electionTicks + Math.floor(random.number() * electionTicks);
  node.transferee = nobody;
  node.votes.clear();
  const last = node.log.lastIndex();
  const fresh = [...node.membership.progress].map(([id, { isLearner }]): [NodeId, Progress] => [
    id,
    new Progress({
      match: id === node.id ? last : 0,
      next: last + 1,
      isLearner,
      recentActive: false,
      inflights: new Inflights(maxInflightMessages, maxInflightBytes),
    }),
  ]);
  node.membership = { configuration: node.membership.configuration, progress: new Map(fresh) };
  node.pendingConfIndex = 0;
  node.leaving = undefined;
  node.uncommittedBytes = 0;
  node.reads = new ReadQueue();
  node.leaderTicks = 0;
  node.calledElection = false;
  node.earlyReads = [];
};

export const becomeFollower = (node: Node, term: number, lead: NodeId): void => {
  reset(node, term);
  node.lead = lead;
  node.role = 'follower';
  trace(node, 'info', () => `${name(node.id)} became follower at term ${node.term}`);
};

/** Ids in traces are hexadecimal, as elsewhere in the field. */
export const name = (id: NodeId): string => id.toString(16);

const roleNames = {
  follower: 'StateFollower',
  candidate: 'StateCandidate',
  'pre-candidate': 'StatePreCandidate',
  leader: 'StateLeader',
} as const;

/** The role as the field writes it. */
export const roleName = (role: Role): string => roleNames[role];

const progressNames = { probe: 'StateProbe', replicate: 'StateReplicate', snapshot: 'StateSnapshot' } as const;

/** `StateReplicate match=11 next=12 paused inflight=3[full]`, in the field's form. */
export const describeProgress = (progress: Progress): string =>
  [
    `${progressNames[progress.state]} match=${progress.match} next=${progress.next}`,
    ...(progress.isLearner ? ['learner'] : []),
    ...(progress.isPaused ? ['paused'] : []),
    ...(progress.pendingSnapshot > 0 ? [`pendingSnap=${progress.pendingSnapshot}`] : []),
    ...(progress.recentActive ? [] : ['inactive']),
    ...(progress.inflights.count > 0 ? [`inflight=${progress.inflights.count}${progress.inflights.full ? '[full]' : ''}`] : []),
  ].join(' ');
