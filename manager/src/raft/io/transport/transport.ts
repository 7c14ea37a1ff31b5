import { type Clock, type Lifecycle, type Logger, type RaftHello, type Random, TsoError, toTsoError } from '@tso/proto';
import type { CallContext, Handlers, Raft, TlsMaterial } from '@tso/proto/rpc';
import type { Message, NodeId } from '../../core/index.ts';
import type { LogIdentity, Peer, RaftTransport, TransportOwner } from '../ports.ts';
import { admit, saysRemoved, stoppingError } from './greeting.ts';
import { HushedLog } from './hushed-log.ts';
import { defaultTransportLimits, type TransportLimits } from './limits.ts';
import { MessageReceiver } from './message-receiver.ts';
import { PeerBook } from './peer-book.ts';
import { PeerLink } from './peer-link.ts';
import { SnapshotReceiver } from './snapshot-receiver.ts';
import { SnapshotSender } from './snapshot-sender.ts';

export interface TransportOptions {
  readonly identity: LogIdentity;
  /** Where other members reach this one; they learn it from us before they learn it from the log. */
  readonly address: string;
  /** Needed unless all peers are on unix sockets. */
  readonly tls?: TlsMaterial;
  readonly limits?: Partial<TransportLimits>;
}

export interface TransportPorts {
  /** None of its methods is called from within a call of the transport's. */
  readonly owner: TransportOwner;
  readonly clock: Clock;
  readonly random: Pick<Random, 'number'>;
  readonly logger: Logger;
}

type RaftMethods = Pick<typeof Raft, 'messages' | 'snapshot' | 'propose'>;

/** The members' way to each other, over gRPC: one stream of messages to each peer, snapshots and proposals beside it. */
export class PeerTransport implements RaftTransport, Lifecycle {
  /** To be served together with a `join` of the owner's: `server.add(Raft, { ...transport.handlers, join })`. */
  readonly handlers: Handlers<RaftMethods>;
  readonly #options: TransportOptions;
  readonly #ports: TransportPorts;
  readonly #limits: TransportLimits;
  readonly #book: PeerBook;
  readonly #complaints: HushedLog;
  readonly #messages: MessageReceiver;
  readonly #snapshots: SnapshotReceiver;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #sending = new Map<NodeId, SnapshotSender>();
  #tls: TlsMaterial | undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(options: TransportOptions, ports: TransportPorts) {
    const { owner, clock, logger } = ports;
    const { raftId } = options.identity;
    this.#options = options;
    this.#tls = options.tls;
    this.#ports = ports;
    this.#limits = { ...defaultTransportLimits, ...options.limits };
    this.#book = new PeerBook(raftId, this.#limits.learnedPeers);
    this.#complaints = new HushedLog(logger, clock, this.#limits.quietMs);
    const doors = { owner, clock, complaints: this.#complaints };
    this.#messages = new MessageReceiver(raftId, this.#limits, doors);
    this.#snapshots = new SnapshotReceiver(raftId, this.#limits, doors);
    this.handlers = {
      messages: (packets, context) =>
        this.#messages.receive(packets, (packet) => {
          const from = this.#admit(packet.hello, context);
          this.#links.get(from)?.greeted();
          return from;
        }),
      snapshot: (parts, context) => this.#snapshots.receive(parts, (part) => this.#admit(part.start?.hello, context)),
      propose: async ({ hello, transaction }, context) => {
        this.#admit(hello, context);
        return ports.owner.propose(transaction);
      },
    };
  }

  /** Messages the core could not make sense of, since the start. */
  get malformed(): number {
    return this.#messages.malformed;
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    for (const id of this.#book.ids) this.#linkTo(id);
  }

  /** Ends every stream, in and out; peers are told that this one stops. All the owner still hears is that snapshots under way have failed. */
  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    const stopping = stoppingError(this.#options.identity.nodeId);
    for (const sender of this.#sending.values()) sender.cancel(stopping);
    for (const link of this.#links.values()) link.stop();
    this.#links.clear();
    this.#messages.stop(stopping);
    this.#snapshots.stop(stopping);
  }

  /** Shows these certificates on the connections to come; those that stand stay. */
  renewTls(tls: TlsMaterial): void {
    this.#tls = tls;
  }

  /** Who the members are from now on, as the log says. Members that were removed are spoken to no more, and told so when they speak. */
  setPeers(peers: readonly Peer[], removed: ReadonlySet<NodeId>): void {
    this.#book.set(peers, removed);
    for (const id of removed) this.#messages.expel(id);
    for (const [id, link] of this.#links) {
      const peer = this.#book.peer(id);
      if (peer === undefined) {
        link.stop();
        this.#links.delete(id);
      } else if (peer.nodeId !== link.peer.nodeId) {
        link.stop();
        this.#links.delete(id);
      } else if (peer.address !== link.peer.address) {
        link.moveTo(peer);
      }
    }
    if (this.#state === 'running') for (const id of this.#book.ids) this.#linkTo(id);
  }

  send(messages: readonly Message[]): void {
    let nowhere: Set<NodeId> | undefined;
    for (const message of messages) {
      if (message.type === 'MsgSnap') {
        this.#sendSnapshot(message);
        continue;
      }
      const link = this.#linkTo(message.to);
      if (link !== undefined) link.send(message);
      else nowhere = (nowhere ?? new Set<NodeId>()).add(message.to);
    }
    if (nowhere !== undefined) for (const id of nowhere) this.#later((owner) => owner.unreachable(id));
  }

  async forward(to: NodeId, command: Uint8Array): Promise<{ readonly index: number }> {
    const link = this.#linkTo(to);
    if (link !== undefined) return link.forward(command);
    throw new TsoError('UNAVAILABLE', `where member ${to} can be reached is not known`, { details: { outcome: 'refused' } });
  }

  /** Whether a stream to it stands. */
  reachable(id: NodeId): boolean {
    return this.#links.get(id)?.stands ?? false;
  }

  #admit(hello: RaftHello | null | undefined, { identity }: CallContext): NodeId {
    if (this.#state === 'stopped') throw stoppingError(this.#options.identity.nodeId);
    const caller = admit(hello, this.#options.identity, this.#book, identity?.nodeId);
    if (this.#book.learn(caller)) {
      const peer = this.#book.peer(caller.from);
      if (peer !== undefined) this.#links.get(caller.from)?.moveTo(peer);
    }
    return caller.from;
  }

  #linkTo(id: NodeId): PeerLink | undefined {
    const existing = this.#links.get(id);
    if (existing !== undefined || this.#state !== 'running') return existing;
    const peer = this.#book.isRemoved(id) ? undefined : this.#book.peer(id);
    if (peer === undefined) return undefined;
    const { identity, address } = this.#options;
    const { clock, random, logger, owner } = this.#ports;
    const link = new PeerLink(
      peer,
      { identity, address, tls: () => this.#tls, limits: this.#limits },
      {
        clock,
        random,
        logger,
        complaints: this.#complaints,
        unreachable: () => owner.unreachable(id),
        connectionLost: () => owner.connectionLost(id),
        expelled: (why) => this.#later((it) => it.expelled(why)),
      },
    );
    this.#links.set(id, link);
    link.start();
    return link;
  }

  #sendSnapshot(message: Message): void {
    const { to } = message;
    const { identity, address } = this.#options;
    const { clock, owner } = this.#ports;
    const peer = this.#book.isRemoved(to) ? undefined : this.#book.peer(to);
    if (peer === undefined || this.#state !== 'running' || this.#sending.has(to)) {
      queueMicrotask(() => owner.snapshotSent(to, 'failed'));
      return;
    }
    const hello = { groupId: identity.groupId, from: identity.raftId, fromNode: identity.nodeId, to, address };
    const sender = new SnapshotSender({ peer, hello, tls: this.#tls, limits: this.#limits, clock }, owner);
    this.#sending.set(to, sender);
    sender.send(message).then(
      () => this.#snapshotOver(to, undefined),
      (error: unknown) => this.#snapshotOver(to, toTsoError(error)),
    );
  }

  #snapshotOver(to: NodeId, failure: TsoError | undefined): void {
    this.#sending.delete(to);
    const { owner, logger } = this.#ports;
    if (failure === undefined) logger.info({ member: to }, 'a snapshot was sent to a manager');
    else this.#complaints.warn(`snapshot ${to}`, { member: to, error: failure.sentence }, 'a snapshot could not be sent to a manager');
    if (failure !== undefined && saysRemoved(failure)) owner.expelled(failure.message);
    owner.snapshotSent(to, failure === undefined ? 'finished' : 'failed');
  }

  #later(tell: (owner: TransportOwner) => void): void {
    queueMicrotask(() => {
      if (this.#state !== 'stopped') tell(this.#ports.owner);
    });
  }
}
