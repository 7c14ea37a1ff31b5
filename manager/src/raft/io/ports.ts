import type { ConfState, Entry, HardState, Message, NodeId, StableStorage, StepResult } from '../core/index.ts';

/** Whose log it is: written into each file, so that one which belongs to another log is never taken for its own. */
export interface LogIdentity {
  /** Of the log: made with it, and anew when a lost quorum is given up. */
  readonly groupId: string;
  readonly raftId: NodeId;
  /** Of the machine. */
  readonly nodeId: string;
}

/** What a snapshot is of; its contents are bytes that only the state machine understands. */
export interface SnapshotMeta {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
}

/** The contents of a snapshot in pieces of any size. */
export type Chunks = AsyncIterable<Uint8Array>;

/** What has to be durable before votes and acknowledgements leave: all of one `Ready` at once. */
export interface DiskWrite {
  /** To be durable when the call resolves; else it may wait for the next write that is. */
  readonly mustSync: boolean;
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  /** A snapshot that was received (`receiveSnapshot`) and is now to take the place of the whole log. */
  readonly snapshot: SnapshotMeta | undefined;
}

/**
 * The durable side of a member: reads are answered at once, from memory or from files that are open; every change is written behind
 * the one before it. After an error of the disk nothing more can be promised, and every later call is refused with it.
 */
export interface RaftDisk extends StableStorage {
  /** One at a time. No entry survives a crash without the term it came with. RESOURCE_EXHAUSTED: the disk is full. DATA_LOSS: it failed otherwise. */
  write(change: DiskWrite): Promise<void>;
  /** Keeps a snapshot of the own state; the log stays as it is. The newest one wins. */
  saveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void>;
  /** Puts a snapshot from the leader aside, durable, until a write adopts it. What is not adopted goes with a later one that is, or a restart. */
  receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void>;
  /** The newest snapshot, or the one of that index. It stays readable until its reader is done, even when it is replaced meanwhile. */
  openSnapshot(index?: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }>;
  /** Entries up to and with the index are no longer needed. */
  compact(index: number): Promise<void>;
  /** Bytes of log entries between `firstIndex()` and the end. */
  readonly logBytes: number;
}

/** Where a member can be reached. */
export interface Peer {
  readonly raftId: NodeId;
  readonly nodeId: string;
  /** host:port, or unix:/path */
  readonly address: string;
}

/** The way to the other members. Nothing here waits for a peer: what cannot be sent now is dropped and said to be (`unreachable`). */
export interface RaftTransport {
  send(messages: readonly Message[]): void;
  /** Hands a command to the leader, once. Its index; the leader's own error; UNAVAILABLE with details.outcome 'unknown' when nobody can know. */
  forward(to: NodeId, command: Uint8Array): Promise<{ readonly index: number }>;
}

/** What the transport tells and asks its owner. */
export interface TransportOwner {
  receive(message: Message): StepResult;
  /** A message to it was dropped. */
  unreachable(id: NodeId): void;
  /** Its process is gone: a connection that stood was reset or closed by it, or a new one was refused. Silence is not that. */
  connectionLost(id: NodeId): void;
  /** For each MsgSnap given to `send`, exactly once. */
  snapshotSent(id: NodeId, outcome: 'finished' | 'failed'): void;
  /** Contents for a MsgSnap that is to be sent. */
  openSnapshot(index: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }>;
  /** The contents of a MsgSnap that is coming in; when it resolves they are durable, and the message may be received. */
  receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void>;
  /** A command that another member passes on. */
  propose(command: Uint8Array): Promise<{ readonly index: number }>;
  /** This member is told that it was removed. */
  expelled(why: string): void;
}

/** What the log is for. All calls come in log order; `index` only rises, except by `restore`. */
export interface StateMachine<Outcome> {
  /** Takes one committed command; whoever proposed it gets what this returns. Must not throw for what `check` let pass. */
  apply(index: number, command: Uint8Array): Outcome;
  /** Entries without a command: the index rises all the same. */
  skip(index: number): void;
  /** The state as of now, which later changes do not touch, to be read at leisure. */
  capture(): Chunks;
  /** The state becomes what the contents say, as of `index`. */
  restore(index: number, contents: Chunks): Promise<void>;
}
