import { defaultRaftOptions, type NodeId, type RaftOptions } from '../core/index.ts';

export interface DriverOptions {
  readonly raftId: NodeId;
  /** The unit of time of the next two. */
  readonly tickMs: number;
  readonly heartbeatTicks: number;
  /** Silence after which a follower asks for an election: between this and twice as many ticks. */
  readonly electionTicks: number;
  /** A snapshot is taken after that many entries, or bytes when that is more than twice the last snapshot. */
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  /** Entries kept behind a snapshot, so that who was away for a moment needs no snapshot; fewer when they would be more bytes. */
  readonly keepEntries: number;
  readonly keepBytes: number;
  /** Commands that may wait; one more: RESOURCE_EXHAUSTED. */
  readonly maxPending: number;
  /** How long a command or a read may wait for a majority, elections included. */
  readonly patienceMs: number;
}

/** Fit for a Node process on a busy machine; the core's defaults say what the ticks mean. */
export const defaultDriverOptions = {
  tickMs: 50,
  heartbeatTicks: defaultRaftOptions.heartbeatTicks,
  electionTicks: defaultRaftOptions.electionTicks,
  snapshotEntries: 10_000,
  snapshotBytes: 16 * 1024 * 1024,
  keepEntries: 5_000,
  keepBytes: 64 * 1024 * 1024,
  maxPending: 4_096,
  patienceMs: 10_000,
} as const satisfies Omit<DriverOptions, 'raftId'>;

/** The core's options for one that runs behind a real disk and network. */
export const coreOptions = ({ raftId, heartbeatTicks, electionTicks }: DriverOptions) =>
  ({
    ...defaultRaftOptions,
    id: raftId,
    heartbeatTicks,
    electionTicks,
    // Commands are handed to the leader by the transport, which can tell what became of them.
    forwardProposals: false,
    // What is applied in one go holds the event loop.
    maxCommittedSizePerReadyBytes: 512 * 1024,
  }) satisfies Partial<RaftOptions>;
