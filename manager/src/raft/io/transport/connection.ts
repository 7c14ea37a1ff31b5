import type { Socket } from 'node:net';
import { type Clock, type RaftHello, type RaftPacket, TsoError, toTsoError } from '@tso/proto';
import { type Duplex, Raft, RpcChannel, type RpcChannelOptions, type RpcClient, saidByPeer, type TlsMaterial } from '@tso/proto/rpc';
import type { Peer } from '../ports.ts';
import { saysStopping } from './greeting.ts';
import type { TransportLimits } from './limits.ts';

/**
 * How a connection ended. `closed`: it stood, and the peer's process closed or reset it. `refused`: nobody listens at the address.
 * `rejected`: the peer answered, and said no. `silent`: anything else, which says nothing of the peer's process.
 */
export type Ending = 'closed' | 'refused' | 'rejected' | 'silent';

export interface ConnectionEvents {
  /** The peer has let us in. */
  standing(): void;
  /** Nothing comes after it; told once, and not after `close`. */
  ended(how: Ending, error: TsoError): void;
}

export interface ConnectionOptions {
  readonly peer: Peer;
  readonly hello: RaftHello;
  readonly tls: TlsMaterial | undefined;
  readonly limits: TransportLimits;
  readonly clock: Clock;
}

/** The way to one peer's service, made the same for messages and for snapshots. */
export const channelTo = (
  { peer, tls, limits }: ConnectionOptions,
  watch: Pick<RpcChannelOptions, 'onConnect' | 'onSocket'> = {},
): RpcChannel =>
  new RpcChannel(peer.address, {
    ...(tls === undefined ? {} : { tls, expect: { nodeId: peer.nodeId, role: 'manager' } }),
    keepalive: { everyMs: limits.keepaliveEveryMs, answerWithinMs: limits.keepaliveAnswerMs },
    ...watch,
  });

const methods = { messages: Raft.messages, propose: Raft.propose };

/** grpc-js hands the cause of a failed connect on as text alone. A socket file that is gone is a closed door too. */
const refusedConnect = /\bconnect (?:ECONNREFUSED|ENOENT)\b/;

/** Whether a connection was refused, so that nothing was sent. */
export const nobodyListens = (error: TsoError): boolean => refusedConnect.test(error.message);

const isReset = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET' || error.code === 'EPIPE';

/** One attempt to speak to a peer, and what comes of it: the stream of messages, and calls beside it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  #channel: RpcChannel | undefined;
  #client: RpcClient<typeof methods> | undefined;
  #stream: Duplex<RaftPacket, { readonly applied: number }> | undefined;
  #cancelTimer: () => void = () => undefined;
  #isConnected = false;
  #stands = false;
  #over = false;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Whether anybody has answered at the address; the rest of the attempt may still take its time. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  open(): void {
    const { hello, limits, clock, peer } = this.#options;
    this.#cancelTimer = clock.setTimer(limits.handshakeMs, () =>
      this.#end('silent', new TsoError('DEADLINE_EXCEEDED', `${peer.address} did not answer within ${limits.handshakeMs} ms`)),
    );
    this.#attempt(hello).catch((error: unknown) => this.#fail(toTsoError(error)));
  }

  /** `done` is called when the packet has left, or never will. UNAVAILABLE: the stream has ended. */
  write(packet: RaftPacket, done: () => void): void {
    if (this.#stream === undefined || this.#over) throw new TsoError('UNAVAILABLE', 'the connection has ended');
    this.#stream.write(packet, done);
  }

  /** Fails as the peer says (`saidByPeer`), or as the connection does. */
  async propose(transaction: Uint8Array): Promise<{ readonly index: number }> {
    if (this.#client === undefined) throw new TsoError('UNAVAILABLE', 'the connection has ended');
    return this.#client.propose({ hello: this.#options.hello, transaction }, { deadlineMs: this.#options.limits.forwardMs });
  }

  /** Without a word to the events. */
  close(): void {
    this.#over = true;
    this.#cancelTimer();
    this.#stream?.cancel();
    this.#channel?.destroy();
  }

  async #attempt(hello: RaftHello): Promise<void> {
    this.#channel = channelTo(this.#options, {
      onConnect: () => {
        this.#isConnected = true;
      },
      onSocket: (socket) => this.#watch(socket),
    });
    this.#client = this.#channel.client(methods);
    this.#stream = this.#client.messages();
    this.#stream.write({ hello }, () => undefined);
    for await (const _receipt of this.#stream) {
      if (this.#over || this.#stands) continue;
      this.#stands = true;
      this.#cancelTimer();
      this.#events.standing();
    }
    throw new TsoError('UNAVAILABLE', 'the peer has ended the stream');
  }

  /** The end of a socket tells more than the status of the call, and sooner. */
  #watch(socket: Socket): void {
    const lost = (): void => {
      if (this.#stands) this.#end('closed', new TsoError('UNAVAILABLE', 'the peer has closed the connection'));
    };
    socket.once('end', lost);
    socket.once('error', (error) => {
      if (isReset(error)) lost();
    });
  }

  #fail(error: TsoError): void {
    if (saidByPeer(error)) this.#end(saysStopping(error) ? 'closed' : 'rejected', error);
    else this.#end(!this.#stands && nobodyListens(error) ? 'refused' : 'silent', error);
  }

  #end(how: Ending, error: TsoError): void {
    if (this.#over) return;
    this.close();
    this.#events.ended(how, error);
  }
}
