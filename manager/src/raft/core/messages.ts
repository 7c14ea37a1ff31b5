/**
 * What members of the group say to each other and what they store. The names are the field's (Raft paper figure 2, and the
 * message names that etcd made common), so that traces read like those of any other implementation.
 */

/** Identity of a member: a positive safe integer, never used again once removed. */
export type NodeId = number;

/** Stands where a node id could be, and means nobody. */
export const nobody: NodeId = 0;

export const entryTypes = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'] as const;
export type EntryType = (typeof entryTypes)[number];

export interface Entry {
  readonly type: EntryType;
  readonly term: number;
  /** Counts from 1, without gaps. */
  readonly index: number;
  /** The command, or for the other types an encoded configuration change (conf-change.ts); empty at the start of a term. */
  readonly data: Uint8Array;
}

/** What must survive a crash beside the entries (Raft paper, figure 2: persistent state). */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId;
  readonly commit: number;
}

/** The members as an applied entry or a snapshot left them; every list ascending. */
export interface ConfState {
  readonly voters: readonly NodeId[];
  /** The old voters while a joint change is under way, else empty (thesis 4.3). */
  readonly votersOutgoing: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** Old voters that become learners when the joint configuration is left. */
  readonly learnersNext: readonly NodeId[];
  readonly autoLeave: boolean;
}

/** The state machine's contents up to and with `index`. `data` may be a mere reference: the core never looks into it. */
export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
  readonly data: Uint8Array;
}

/** Between members. */
export const peerMessageTypes = [
  'MsgProp',
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgPreVote',
  'MsgPreVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgForgetLeader',
] as const;

/** From a node to itself: never taken from the network. */
export const localMessageTypes = [
  'MsgHup',
  'MsgBeat',
  'MsgCheckQuorum',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgLeaderUnreachable',
] as const;

export type MessageType = (typeof peerMessageTypes)[number] | (typeof localMessageTypes)[number];

/** One flat shape for all types, as it goes over the wire: what a type does not use is 0, false or empty. */
export interface Message {
  readonly type: MessageType;
  readonly from: NodeId;
  readonly to: NodeId;
  /** Term of the sender; 0 in local messages and in forwarded proposals and reads, which belong to no term. */
  readonly term: number;
  /** MsgApp: term and index of the entry before `entries`. Votes: the candidate's last. Rejections: `logTerm` goes with `rejectHint`. */
  readonly logTerm: number;
  readonly index: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
  readonly reject: boolean;
  /** In a rejected append: the highest index at which the logs may still agree. In a request for a vote or its refusal: the term of the entry at `commit`. */
  readonly rejectHint: number;
  readonly snapshot: Snapshot | undefined;
  /** Marks the heartbeat round of a read, or a vote that is asked for by the leader itself. */
  readonly context: string;
}

export const noBytes: Uint8Array = new Uint8Array(0);

const blank: Omit<Message, 'type'> = {
  from: nobody,
  to: nobody,
  term: 0,
  logTerm: 0,
  index: 0,
  entries: [],
  commit: 0,
  reject: false,
  rejectHint: 0,
  snapshot: undefined,
  context: '',
};

/** A whole message from what its type uses. */
export const message = (type: MessageType, fields: Partial<Omit<Message, 'type'>> = {}): Message => ({ ...blank, ...fields, type });

const local: ReadonlySet<MessageType> = new Set(localMessageTypes);
const responses: ReadonlySet<MessageType> = new Set([
  'MsgAppResp',
  'MsgVoteResp',
  'MsgPreVoteResp',
  'MsgHeartbeatResp',
  'MsgReadIndexResp',
  'MsgUnreachable',
] as const);
const durable: ReadonlySet<MessageType> = new Set(['MsgAppResp', 'MsgVoteResp', 'MsgPreVoteResp'] as const);

export const isLocal = (type: MessageType): boolean => local.has(type);
export const isResponse = (type: MessageType): boolean => responses.has(type);

/**
 * True for what may leave only after the Ready that carries it is durable: a vote or an acknowledgement is a promise that a
 * crash must not break (Raft paper 5.1). The rest may leave while the disk is still writing (thesis 10.2.1).
 */
export const awaitsDurability = (type: MessageType): boolean => durable.has(type);

export const emptyConfState: ConfState = { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
export const emptyHardState: HardState = { term: 0, vote: nobody, commit: 0 };

export const sameHardState = (a: HardState, b: HardState): boolean => a.term === b.term && a.vote === b.vote && a.commit === b.commit;
