import { type Clock, type Logger, TsoError } from '@tso/proto';
import { certificateRoles, loadTls, NetworkDoor, Raft, type TlsFiles } from '@tso/proto/rpc';
import type { Message, NodeId, StepResult } from '../../../core/index.ts';
import type { Chunks, Peer, SnapshotMeta, TransportOwner } from '../../ports.ts';
import { PeerTransport, type TransportLimits } from '../index.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Keeps what was logged as `level: message`. */
export const recordingLogger = (lines: string[]): Logger => {
  const logger: Logger = {
    debug: (_, message) => void lines.push(`debug: ${message}`),
    info: (_, message) => void lines.push(`info: ${message}`),
    warn: (fields, message) => void lines.push(`warn: ${message} ${JSON.stringify(fields)}`),
    error: (_, message) => void lines.push(`error: ${message}`),
    child: () => logger,
  };
  return logger;
};

export interface MemberOptions {
  readonly raftId: NodeId;
  readonly nodeId?: string;
  readonly groupId?: string;
  readonly address: string;
  readonly tls?: TlsFiles;
  readonly peers?: readonly Peer[];
  readonly limits?: Partial<TransportLimits>;
}

/** An owner that keeps what it is told, and whose answers a test can replace. */
export class RecordingOwner implements TransportOwner {
  readonly received: Message[] = [];
  readonly told: string[] = [];
  readonly snapshots: { readonly meta: SnapshotMeta; readonly bytes: number }[] = [];
  onReceive: (message: Message) => StepResult = () => ({ accepted: true });
  onOpen: (index: number) => Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> = async (index) => {
    throw new TsoError('NOT_FOUND', `no snapshot ${index}`);
  };
  onContents: (meta: SnapshotMeta, contents: Chunks) => Promise<void> = async (meta, contents) => {
    let bytes = 0;
    for await (const chunk of contents) bytes += chunk.length;
    this.snapshots.push({ meta, bytes });
  };
  onPropose: (command: Uint8Array) => Promise<{ readonly index: number }> = async (command) => ({ index: command.length });
  onTold: (what: string) => void = () => undefined;

  receive(message: Message): StepResult {
    this.received.push(message);
    return this.onReceive(message);
  }

  unreachable(id: NodeId): void {
    this.#tell(`unreachable ${id}`);
  }

  connectionLost(id: NodeId): void {
    this.#tell(`lost ${id}`);
  }

  snapshotSent(id: NodeId, outcome: 'finished' | 'failed'): void {
    this.#tell(`snapshot ${id} ${outcome}`);
  }

  openSnapshot(index: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> {
    return this.onOpen(index);
  }

  receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    return this.onContents(meta, contents);
  }

  propose(command: Uint8Array): Promise<{ readonly index: number }> {
    return this.onPropose(command);
  }

  expelled(why: string): void {
    this.#tell(`expelled: ${why}`);
  }

  #tell(what: string): void {
    this.told.push(what);
    this.onTold(what);
  }
}

export interface Member {
  readonly peer: Peer;
  readonly owner: RecordingOwner;
  readonly transport: PeerTransport;
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** A transport with its server, as a manager has them. */
export const startMember = async (options: MemberOptions): Promise<Member> => {
  const { raftId, nodeId = `node-${raftId}`, groupId = 'group', address, peers = [], limits = {} } = options;
  const tls = options.tls === undefined ? undefined : await loadTls(options.tls, Date.now());
  const owner = new RecordingOwner();
  const log: string[] = [];
  const logger = recordingLogger(log);
  const identity = { groupId, raftId, nodeId };
  const transport = new PeerTransport(
    { identity, address, limits, ...(tls === undefined ? {} : { tls }) },
    { owner, clock: realClock, random: { number: () => 0.5 }, logger },
  );
  const server = new NetworkDoor({
    address,
    logger,
    clock: realClock,
    ...(tls === undefined ? { authenticate: () => ['manager'] } : { authenticate: certificateRoles(tls.identity.cluster), tls }),
  });
  server.add(Raft, {
    ...transport.handlers,
    join: async () => {
      throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
    },
  });
  await server.start();
  transport.setPeers(peers, new Set());
  await transport.start();
  return {
    peer: { raftId, nodeId, address },
    owner,
    transport,
    log,
    stop: async () => {
      await transport.stop();
      await server.stop(200);
    },
  };
};
