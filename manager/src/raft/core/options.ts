import { assert, type Random } from '@tso/proto';
import type { NodeId } from './messages.ts';
import type { StableStorage } from './storage.ts';

export type TraceLevel = 'debug' | 'info' | 'warn' | 'error';

/** Hears what the core decides and why; the text is made only when somebody wants it. */
export type Trace = (level: TraceLevel, text: () => string) => void;

export interface RaftOptions {
  readonly id: NodeId;
  readonly storage: StableStorage;
  /** Only `number()` is used, for election timeouts: same source, same run. */
  readonly random: Pick<Random, 'number'>;
  /** What the state machine already holds; entries up to here are not handed out again. */
  readonly applied: number;
  /** Ticks without a leader before an election: drawn anew each time from [electionTicks, 2 * electionTicks). */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Size of the entries in one MsgApp; 0 sends them one by one. */
  readonly maxSizePerMessageBytes: number;
  /** Size of the committed entries in one Ready. */
  readonly maxCommittedSizePerReadyBytes: number;
  /** Commands in the leader's log that are not applied; beyond it proposals are dropped. */
  readonly maxUncommittedSizeBytes: number;
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  /** Ask whether an election could be won before raising the term (thesis 9.6). */
  readonly preVote: boolean;
  /** A leader that does not hear from a quorum for an election timeout steps down, and others do not vote it away (thesis 6.2, 4.2.3). */
  readonly checkQuorum: boolean;
  /**
   * `lease` answers reads without a round to the others while a quorum was heard so lately that it cannot have elected another leader
   * (thesis 6.4.1): only as good as the clocks, and `campaign` called by hand breaks it, hence not the default.
   */
  readonly readOnly: 'quorum' | 'lease';
  /** A leader that was removed or demoted by an applied change becomes a follower (thesis 4.2.2). */
  readonly stepDownOnRemoval: boolean;
  /** Several Readys may be out at once: the owner's disk and state machine work each at its own pace (thesis 10.2.1). */
  readonly asyncStorage: boolean;
  readonly forwardProposals: boolean;
  /** What one Ready has for a member goes out in as few messages as it can (merge-messages.ts); off, each step's own are seen. */
  readonly mergeMessages: boolean;
  /** Refuse a change of members while one is unapplied, or that does not fit the configuration. */
  readonly validateConfChange: boolean;
  /**
   * Refuse also a change after which the voters heard from lately are no quorum, or that promotes a learner far behind; take no
   * commands as a leader that is about to leave the voters; have a committed change stored before it is applied.
   */
  readonly guardMembership: boolean;
  /** A refused change of members enters the log as an empty entry instead of being dropped, as other implementations do it. */
  readonly refusedChangeAsEmptyEntry: boolean;
  readonly trace: Trace | undefined;
}

export const unlimited = Number.MAX_SAFE_INTEGER;

/**
 * @default Fit for ticks of 50 ms in a Node process on a busy machine: heartbeats each 100 ms, elections after 0.75 to 1.5 s of
 * silence. A crashed leader is replaced sooner, since its refused connection is reported (reportLeaderUnreachable).
 */
export const defaultRaftOptions = {
  applied: 0,
  electionTicks: 15,
  heartbeatTicks: 2,
  maxSizePerMessageBytes: 1024 * 1024,
  maxCommittedSizePerReadyBytes: 4 * 1024 * 1024,
  maxUncommittedSizeBytes: 64 * 1024 * 1024,
  maxInflightMessages: 256,
  maxInflightBytes: 16 * 1024 * 1024,
  preVote: true,
  checkQuorum: true,
  readOnly: 'quorum',
  stepDownOnRemoval: true,
  asyncStorage: false,
  forwardProposals: true,
  mergeMessages: true,
  validateConfChange: true,
  guardMembership: true,
  refusedChangeAsEmptyEntry: false,
  trace: undefined,
} as const satisfies Omit<RaftOptions, 'id' | 'storage' | 'random'>;

/** The options when they fit each other; a core is never built on ones that do not. */
export const checkedOptions = (options: RaftOptions): RaftOptions => {
  assert(Number.isSafeInteger(options.id) && options.id > 0, `node id ${options.id} must be a positive whole number`);
  assert(options.heartbeatTicks > 0, 'heartbeatTicks must be greater than 0');
  assert(options.electionTicks > options.heartbeatTicks, 'electionTicks must be greater than heartbeatTicks');
  assert(options.maxInflightMessages > 0, 'maxInflightMessages must be greater than 0');
  assert(options.maxInflightBytes >= options.maxSizePerMessageBytes, 'maxInflightBytes must hold one message of maxSizePerMessageBytes');
  assert(options.maxCommittedSizePerReadyBytes > 0, 'maxCommittedSizePerReadyBytes must be greater than 0');
  assert(options.readOnly === 'quorum' || options.checkQuorum, 'reads by lease need checkQuorum: a leader must notice that it is cut off');
  return options;
};
