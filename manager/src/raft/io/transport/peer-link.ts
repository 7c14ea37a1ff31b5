import { type Clock, type Logger, type Random, TsoError, toTsoError } from '@tso/proto';
import { saidByPeer, type TlsMaterial } from '@tso/proto/rpc';
import type { Message } from '../../core/index.ts';
import type { LogIdentity, Peer } from '../ports.ts';
import { Connection, type Ending, nobodyListens } from './connection.ts';
import { saysRemoved } from './greeting.ts';
import type { HushedLog } from './hushed-log.ts';
import type { TransportLimits } from './limits.ts';
import { toWire } from './message-codec.ts';
import { Outbox } from './outbox.ts';

export interface LinkOptions {
  readonly identity: LogIdentity;
  /** Where this member can be reached. */
  readonly address: string;
  /** As it is when a connection is made. */
  readonly tls: () => TlsMaterial | undefined;
  readonly limits: TransportLimits;
}

export interface LinkPorts {
  readonly clock: Clock;
  readonly random: Pick<Random, 'number'>;
  readonly logger: Logger;
  readonly complaints: HushedLog;
  /** Never called from within a call to the link. */
  readonly unreachable: () => void;
  readonly connectionLost: () => void;
  readonly expelled: (why: string) => void;
}

type State = 'connecting' | 'standing' | 'waiting' | 'stopped';

/** Sends to one peer for as long as both are members: connects, comes back after every break, never waits and never grows. */
export class PeerLink {
  readonly #options: LinkOptions;
  readonly #ports: LinkPorts;
  readonly #outbox: Outbox;
  #peer: Peer;
  #state: State = 'waiting';
  #connection: Connection | undefined;
  #cancelTimer: () => void = () => undefined;
  /** Attempts in a row that came to nothing. */
  #failures = 0;
  /** Begin of the attempt, or of the stream that stands. */
  #sinceMs = 0;
  #writing = false;
  #flushPlanned = false;
  /** The owner knows that messages are being dropped. */
  #dropTold = false;
  #settled: (() => void)[] = [];

  constructor(peer: Peer, options: LinkOptions, ports: LinkPorts) {
    this.#peer = peer;
    this.#options = options;
    this.#ports = ports;
    this.#outbox = new Outbox(options.limits);
  }

  get peer(): Peer {
    return this.#peer;
  }

  get stands(): boolean {
    return this.#state === 'standing';
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancelTimer();
    this.#connection?.close();
    this.#connection = undefined;
    this.#outbox.clear();
    this.#settle();
  }

  /** The peer is to be found elsewhere: at once, unless it is being spoken to. */
  moveTo(peer: Peer): void {
    this.#peer = peer;
    this.#hurry();
  }

  /**
   * The peer has just connected to us: it lives, so there is no reason to wait, nor to go on knocking where nothing has answered yet. An
   * attempt that was answered goes on, however slowly: two that begin anew whenever they hear of each other would never end.
   */
  greeted(): void {
    if (this.#connection?.isConnected !== true) this.#hurry();
  }

  #hurry(): void {
    if (this.#state === 'standing' || this.#state === 'stopped') return;
    this.#failures = 0;
    this.#cancelTimer();
    this.#connection?.close();
    this.#connect();
  }

  /** Sends it in this turn of the loop, or when what is on its way has left. What cannot be sent is dropped and said to be. */
  send(message: Message): void {
    const hasWay = this.#state === 'standing' || this.#state === 'connecting';
    if (!hasWay || !this.#outbox.push(message)) this.#tellDropped();
    else this.#planFlush();
  }

  /** Fails as the leader says, or with UNAVAILABLE and details.outcome 'refused' (not sent) or 'unknown' (may have been done). */
  async forward(command: Uint8Array): Promise<{ readonly index: number }> {
    if (this.#state === 'connecting') await new Promise<void>((resolve) => this.#settled.push(resolve));
    const { raftId, nodeId } = this.#peer;
    if (this.#state !== 'standing' || this.#connection === undefined) throw this.#notSent();
    try {
      return await this.#connection.propose(command);
    } catch (thrown) {
      const error = toTsoError(thrown);
      if (saidByPeer(error)) {
        if (saysRemoved(error)) throw this.#turnedAway(error);
        throw error;
      }
      if (nobodyListens(error)) throw this.#notSent();
      throw new TsoError('UNAVAILABLE', `whether member ${raftId} on node ${nodeId} took the change is not known: ${error.message}`, {
        details: { outcome: 'unknown' },
        cause: error,
      });
    }
  }

  /** The door was shut to us: nothing was taken, and a client is better off with another manager. */
  #turnedAway(error: TsoError): TsoError {
    this.#ports.expelled(error.message);
    return new TsoError('UNAVAILABLE', `the managers do not listen to this one any more: ${error.message}`, {
      hint: 'Ask another manager',
      details: { outcome: 'refused' },
      cause: error,
    });
  }

  #notSent(): TsoError {
    const { raftId, nodeId } = this.#peer;
    return new TsoError('UNAVAILABLE', `member ${raftId} on node ${nodeId} cannot be reached`, { details: { outcome: 'refused' } });
  }

  #connect(): void {
    const { identity, address, tls, limits } = this.#options;
    const peer = this.#peer;
    const hello = { groupId: identity.groupId, from: identity.raftId, fromNode: identity.nodeId, to: peer.raftId, address };
    const connection = new Connection(
      { peer, hello, tls: tls(), limits, clock: this.#ports.clock },
      {
        standing: () => this.#onStanding(),
        ended: (how, error) => this.#onEnded(how, error),
      },
    );
    this.#state = 'connecting';
    this.#sinceMs = this.#ports.clock.monotonic();
    this.#connection = connection;
    this.#writing = false;
    connection.open();
  }

  #onStanding(): void {
    this.#state = 'standing';
    this.#sinceMs = this.#ports.clock.monotonic();
    this.#dropTold = false;
    this.#ports.logger.info({ member: this.#peer.raftId, nodeId: this.#peer.nodeId }, 'connected to a manager');
    this.#settle();
    this.#flush();
  }

  #onEnded(how: Ending, error: TsoError): void {
    const { raftId: member, nodeId } = this.#peer;
    const stood = this.#state === 'standing';
    if (stood && this.#ports.clock.monotonic() - this.#sinceMs >= this.#options.limits.stoodMs) this.#failures = 0;
    else this.#failures += 1;
    this.#state = 'waiting';
    this.#connection = undefined;
    this.#settle();
    // What was on its way when it broke may not have arrived.
    if (this.#outbox.clear() > 0 || stood) this.#tellDropped();
    this.#ports.complaints.warn(`${member} ${how}`, { member, nodeId, how, error: error.sentence }, 'no connection to a manager');
    if (how === 'closed' || how === 'refused') this.#ports.connectionLost();
    if (saysRemoved(error)) this.#ports.expelled(error.message);
    // The owner may have stopped us for what it has just been told.
    if (this.#state === 'waiting') this.#cancelTimer = this.#ports.clock.setTimer(this.#pauseMs(), () => this.#connect());
  }

  #pauseMs(): number {
    if (this.#failures === 0) return 0;
    const { backoffFirstMs, backoffMostMs } = this.#options.limits;
    const most = Math.min(backoffMostMs, backoffFirstMs * 2 ** Math.min(this.#failures - 1, 16));
    return most * (0.5 + this.#ports.random.number() / 2);
  }

  #tellDropped(): void {
    if (this.#dropTold) return;
    this.#dropTold = true;
    queueMicrotask(() => {
      if (this.#state !== 'stopped') this.#ports.unreachable();
    });
  }

  #planFlush(): void {
    if (this.#flushPlanned || this.#writing || this.#state !== 'standing') return;
    this.#flushPlanned = true;
    // Behind everything that is ready to run now, so that it goes together; before the loop turns, so that nothing waits.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#flushPlanned = false;
        this.#flush();
      }),
    );
  }

  /** One packet is on its way at a time: what comes meanwhile goes together into the next one. */
  #flush(): void {
    const connection = this.#connection;
    if (this.#writing || this.#state !== 'standing' || connection === undefined) return;
    const messages = this.#outbox.take();
    if (messages.length === 0) return;
    this.#writing = true;
    try {
      connection.write({ messages: { messages: messages.map(toWire) } }, () => {
        if (this.#connection !== connection) return;
        this.#writing = false;
        this.#dropTold = false;
        this.#flush();
      });
    } catch {
      // The stream has just ended, which is told next (`ended`); what was in the packet is lost with it.
      this.#tellDropped();
    }
  }

  #settle(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}
