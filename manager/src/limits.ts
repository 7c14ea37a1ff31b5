import { fileBounds } from '@tso/proto';

/** Every bound of the manager in one place, with what happens at it; those of consensus are in raft/io/driver-options.ts. */
export const limits = {
  /** How long a starting manager waits for its predecessor to leave the state directory. */
  lockPatienceMs: 10_000,
  /** When the others could not be told this manager's address, they are told again after that. */
  announceAgainMs: 5_000,
  /** When the certificate that is on disk cannot be taken up, it is tried again after that. */
  renewAgainMs: 5_000,
  /** Changes held for a watcher; more of them: it reads everything again. */
  watchedChanges: 10_000,
  /** Agents that come at once (after a change of leaders) are taken in at that pace; the others are told when to come back. */
  admission: { atOnce: 128, perSecond: 500, burst: 256, shortestWaitMs: 100, longestWaitMs: 10_000 },
  /** Nodes whose objects one transaction changes at most; more follow in the next one. */
  nodesPerWrite: 500,
  /** Messages to an agent that does not read; one more: its session ends and it comes back for the whole. */
  sessionQueue: 1_024,
  /** Relay frames towards a side that does not read; the other side waits. */
  relayFrames: 64,
  /** How long an agent may take to call back for a relay: UNAVAILABLE. */
  relayAnswerMs: 10_000,
  /** Relays open at once; one more: RESOURCE_EXHAUSTED. */
  relays: 512,
  /** Built images on their way from node to node at once; more wait in line. Each goes through this manager. */
  imageTransfers: 8,
  /** Of these to one node: no node may hold all. */
  imageTransfersOfNode: 2,
  /** How long less than that much of such an image may move, be it for the node that gives it or the one that takes it: UNAVAILABLE. One frame. */
  imageSilenceMs: 60_000,
  imageMoveBytes: 256 * 1024,
  /** Built images of which it is remembered who took them in, and askers of whom who gave them one; of more the oldest go, and nodes are asked in turn. */
  rememberedImages: 1_000,
  rememberedImageAskers: 10_000,
  /** How long a call that only the leader can serve looks for it: UNAVAILABLE. And how often. */
  passOnPatienceMs: 5_000,
  passOnAgainMs: 100,
  /** Frames of a caller that are kept, to be said again to the next leader; one more, and the call is not made again. */
  passedOnFrames: 64,
  /** Tasks that one call asks at the same time, where each answers once (stats, top). */
  relaysAtOnce: 64,
  /** A followed stream that broke off is opened again after this, doubling up to the second; an interruption is told after the third. */
  followAgainMinMs: 100,
  followAgainMaxMs: 2_000,
  followSilentMs: 3_000,
  /** The latest events that a manager remembers; and those held for a caller that reads slowly: past that its call ends. */
  rememberedEvents: 10_000,
  heldEvents: 10_000,
  /** The longest timer Node sets (2^31 - 1 ms); longer waits look again in between. */
  longestTimerMs: 2_147_483_647,
  /** Attempts to write statuses or a node's state against concurrent changes, before it is an error. */
  conflictRetries: 16,
  /** Plans in a row that changed something although nobody else did; then the loop rests, and says so. */
  restlessPlans: 64,
  restMs: 1_000,
  /** Who waits for a certificate at once; one more is told to come back after the pause. Each takes some 4 ms. */
  certificatesWaiting: 4_096,
  certificatesAgainMs: 10_000,
  /**
   * What keyed requests were answered with is kept for `lifeMs`; of more than `kept` the oldest go, but none before `surelyKeptMs`: callers
   * repeat for 10 s, and wait for the last answer 30 s more. One more than `most` is refused, RESOURCE_EXHAUSTED: some 2 KiB of memory each.
   */
  requests: { lifeMs: 600_000, kept: 10_000, surelyKeptMs: 60_000, most: 100_000 },
  /**
   * Secrets and configs: every manager keeps all of them in memory, and each write is a log entry. What one stack brings along at once, and
   * what services use of them in the whole cluster (during an update the versions before too), is one message; more: RESOURCE_EXHAUSTED.
   */
  files: {
    secretBytes: fileBounds.secretBytes,
    configBytes: fileBounds.configBytes,
    labelBytes: 64 * 1024,
    nameLength: 255,
    appliedBytes: fileBounds.togetherBytes,
    usedBytes: 32 * 1024 * 1024,
  },
  /** How long each part may take to stop. */
  stopMs: 2_000,
} as const;

/** How long small changes are gathered before they are sent on together. */
export const windows = {
  assignmentsMs: 5,
  /** The longest that nodes wait for what changed while others were told: who stops serving is to be gone everywhere within 100 ms. */
  assignmentsMostMs: 20,
  /** Telling thousands of nodes is interrupted after that, so that nothing else waits longer. */
  assignmentSliceMs: 10,
  statusesMs: 10,
  watchMs: 20,
} as const;
