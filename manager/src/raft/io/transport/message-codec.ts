import {
  type RaftConfState,
  type RaftEntry,
  RaftEntryType,
  type RaftMessage,
  RaftMessageType,
  type RaftSnapshot,
  TsoError,
} from '@tso/proto';
import { type ConfState, type Entry, type EntryType, type Message, type MessageType, noBytes, type Snapshot } from '../../core/index.ts';

/** What the wire calls each type; types that a node says only to itself have no name there. */
const wireTypes: Readonly<Partial<Record<MessageType, RaftMessageType>>> = {
  MsgProp: RaftMessageType.MSG_PROP,
  MsgApp: RaftMessageType.MSG_APP,
  MsgAppResp: RaftMessageType.MSG_APP_RESP,
  MsgVote: RaftMessageType.MSG_VOTE,
  MsgVoteResp: RaftMessageType.MSG_VOTE_RESP,
  MsgPreVote: RaftMessageType.MSG_PRE_VOTE,
  MsgPreVoteResp: RaftMessageType.MSG_PRE_VOTE_RESP,
  MsgSnap: RaftMessageType.MSG_SNAP,
  MsgHeartbeat: RaftMessageType.MSG_HEARTBEAT,
  MsgHeartbeatResp: RaftMessageType.MSG_HEARTBEAT_RESP,
  MsgTransferLeader: RaftMessageType.MSG_TRANSFER_LEADER,
  MsgTimeoutNow: RaftMessageType.MSG_TIMEOUT_NOW,
  MsgReadIndex: RaftMessageType.MSG_READ_INDEX,
  MsgReadIndexResp: RaftMessageType.MSG_READ_INDEX_RESP,
  MsgForgetLeader: RaftMessageType.MSG_FORGET_LEADER,
};
const coreTypes: ReadonlyMap<RaftMessageType, MessageType> = new Map(
  Object.entries(wireTypes).map(([core, wire]) => [wire, core as MessageType]),
);

const wireEntryTypes: Readonly<Record<EntryType, RaftEntryType>> = {
  EntryNormal: RaftEntryType.ENTRY_NORMAL,
  EntryConfChange: RaftEntryType.ENTRY_CONF_CHANGE,
  EntryConfChangeV2: RaftEntryType.ENTRY_CONF_CHANGE_V2,
};
const coreEntryTypes: ReadonlyMap<RaftEntryType, EntryType> = new Map(
  Object.entries(wireEntryTypes).map(([core, wire]) => [wire, core as EntryType]),
);

const toWireEntry = ({ type, term, index, data }: Entry): RaftEntry => ({ type: wireEntryTypes[type], term, index, data });

const fromWireEntry = ({ type, term, index, data }: RaftEntry): Entry => {
  const known = coreEntryTypes.get(type);
  if (known === undefined) throw new TsoError('INVALID_ARGUMENT', `entry ${index} is of unknown type ${type}`);
  return { type: known, term, index, data };
};

export const toWireConfState = ({ voters, votersOutgoing, learners, learnersNext, autoLeave }: ConfState): RaftConfState => ({
  voters,
  votersOutgoing,
  learners,
  learnersNext,
  autoLeave,
});

export const fromWireConfState = ({ voters, votersOutgoing, learners, learnersNext, autoLeave }: RaftConfState): ConfState => ({
  voters,
  votersOutgoing,
  learners,
  learnersNext,
  autoLeave,
});

const toWireSnapshot = ({ index, term, confState }: Snapshot): RaftSnapshot => ({ index, term, confState: toWireConfState(confState) });

const fromWireSnapshot = ({ index, term, confState }: RaftSnapshot): Snapshot => ({
  index,
  term,
  confState: fromWireConfState(confState),
  data: noBytes,
});

/** The message as it goes over the wire; the contents of a snapshot go apart. INTERNAL: a message that a node says only to itself. */
export const toWire = (message: Message): RaftMessage => {
  const type = wireTypes[message.type];
  if (type === undefined) throw new TsoError('INTERNAL', `${message.type} is not for others`);
  const { from, to, term, logTerm, index, commit, reject, rejectHint, context, snapshot } = message;
  const entries = message.entries.map(toWireEntry);
  const flat = { type, from, to, term, logTerm, index, entries, commit, reject, rejectHint, context };
  return snapshot === undefined ? flat : { ...flat, snapshot: toWireSnapshot(snapshot) };
};

/** The message as the core knows it; whether it makes sense is for the core to say. INVALID_ARGUMENT: its type, or that of an entry, is unknown. */
export const fromWire = (wire: RaftMessage): Message => {
  const type = coreTypes.get(wire.type);
  if (type === undefined) throw new TsoError('INVALID_ARGUMENT', `a message of unknown type ${wire.type}`);
  const { from, to, term, logTerm, index, commit, reject, rejectHint, context } = wire;
  const entries = wire.entries.map(fromWireEntry);
  const snapshot = wire.snapshot === undefined || wire.snapshot === null ? undefined : fromWireSnapshot(wire.snapshot);
  return { type, from, to, term, logTerm, index, entries, commit, reject, rejectHint, snapshot, context };
};
