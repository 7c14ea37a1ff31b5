const kib = 1024;
const mib = 1024 * kib;

/** Every bound of the transport, with what happens at it. */
export interface TransportLimits {
  /** One packet takes messages up to this, but never fewer than one; the rest goes into the next. */
  readonly packetBytes: number;
  readonly packetMessages: number;
  /** Appends travel together with what is urgent only up to this size. */
  readonly mixedPacketBytes: number;
  /** What waits for one peer; more is dropped, and said to be. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** How long connecting and greeting may take; then another attempt is made. */
  readonly handshakeMs: number;
  /** The pause after a failed attempt: doubled each time, with chance in it. */
  readonly backoffFirstMs: number;
  readonly backoffMostMs: number;
  /** A stream that stood for less does not count as a success. */
  readonly stoodMs: number;
  /** A host that does not answer for this long is taken for gone, and its connection closed. */
  readonly keepaliveEveryMs: number;
  readonly keepaliveAnswerMs: number;
  /** How long the leader may take for a change that was passed on. */
  readonly forwardMs: number;
  readonly snapshotChunkBytes: number;
  /** A snapshot that makes no progress for this long has failed. */
  readonly snapshotStallMs: number;
  /** How long the receiver may take from the last byte to having it durable. */
  readonly snapshotReceiptMs: number;
  /** Members known only by their own word; one more: the oldest is forgotten. */
  readonly learnedPeers: number;
  /** The same complaint is logged once in this time. */
  readonly quietMs: number;
}

/** @default Fit for managers in one data centre or between near ones. */
export const defaultTransportLimits: TransportLimits = {
  packetBytes: mib,
  packetMessages: 64,
  mixedPacketBytes: 16 * kib,
  queuedMessages: 1_024,
  queuedBytes: 32 * mib,
  handshakeMs: 5_000,
  backoffFirstMs: 50,
  backoffMostMs: 2_000,
  stoodMs: 1_000,
  keepaliveEveryMs: 2_000,
  keepaliveAnswerMs: 5_000,
  forwardMs: 10_000,
  snapshotChunkBytes: 256 * kib,
  snapshotStallMs: 10_000,
  snapshotReceiptMs: 60_000,
  learnedPeers: 64,
  quietMs: 10_000,
};
