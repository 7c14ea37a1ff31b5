import { Server, type ServerOptions } from '@grpc/grpc-js';
import type { Clock, Logger } from '../ports.ts';
import type { Authenticate } from './call-context.ts';
import type { Keepalive } from './client.ts';
import { type Methods, maxMessageBytes } from './method.ts';
import { injectorOf, memberServerOptions, RpcServer } from './server.ts';
import { addService, type Handlers } from './service-implementation.ts';
import type { TlsMaterial } from './tls.ts';
import { isLocal, noTls } from './tls-credentials.ts';
import { type ListenerFigures, type ListenerLimits, TlsListener } from './tls-listener.ts';

export interface NetworkDoorOptions {
  /** host:port, or `unix:/path`. */
  readonly address: string;
  /** Needed for every address that is not a unix socket. */
  readonly tls?: TlsMaterial;
  /** For members; joiners have the role `joiner` and no identity. */
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly limits?: Partial<ListenerLimits>;
}

/** Connections of hosts that vanished without a word are closed. */
const keepalive = { everyMs: 10_000, answerWithinMs: 10_000 } as const satisfies Keepalive;
const keepaliveOptions = { 'grpc.keepalive_time_ms': keepalive.everyMs, 'grpc.keepalive_timeout_ms': keepalive.answerWithinMs };

/** Somebody without a certificate may ask for one thing, once, and then goes. */
const joinerOptions: ServerOptions = {
  'grpc.max_receive_message_length': 64 * 1024,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.max_concurrent_streams': 4,
  'grpc.max_connection_idle_ms': 30_000,
  'grpc.max_connection_age_ms': 60_000,
  'grpc.max_connection_age_grace_ms': 30_000,
  'grpc-node.max_session_memory': 4,
  'grpc.enable_channelz': 0,
  ...keepaliveOptions,
};

const memberOptions: ServerOptions = { ...memberServerOptions, ...keepaliveOptions };

const joinerRoles: Authenticate = () => ['joiner'];

/**
 * What a manager shows to the network, on one port. Members of the cluster prove by mutual TLS who they are; whoever wants to become one
 * says so before TLS begins, and gets to a server of its own, where nothing but the services for joiners exists. On a unix socket there
 * is no TLS, and nobody joins.
 */
export class NetworkDoor {
  readonly #options: NetworkDoorOptions;
  readonly #local: RpcServer | undefined;
  readonly #members = new Server(memberOptions);
  readonly #joiners = new Server(joinerOptions);
  #tls: TlsMaterial | undefined;
  #listener: TlsListener | undefined;
  #address: string;
  #stopped: Promise<void> | undefined;

  constructor(options: NetworkDoorOptions) {
    this.#options = options;
    this.#address = options.address;
    this.#tls = options.tls;
    this.#local = isLocal(options.address) ? new RpcServer(options) : undefined;
  }

  /** Where it listens; after `start` with the port that it got. */
  get address(): string {
    return this.#address;
  }

  get figures(): ListenerFigures {
    return this.#listener?.figures ?? { arriving: 0, handshakes: 0, members: 0, joiners: 0, refused: 0 };
  }

  /** A service for members; each method is for the roles that its .proto names. */
  add<S extends Methods>(methods: S, handlers: Handlers<S>): this {
    if (this.#local !== undefined) this.#local.add(methods, handlers);
    else addService(this.#members, methods, handlers, this.#options.authenticate);
    return this;
  }

  /** A service for those who have no certificate yet. Of its methods only those for the role `joiner` answer. */
  addForJoiners<S extends Methods>(methods: S, handlers: Handlers<S>): this {
    addService(this.#joiners, methods, handlers, joinerRoles);
    return this;
  }

  /** Listens. UNAVAILABLE when the address cannot be had. FAILED_PRECONDITION: a network address without TLS. */
  async start(): Promise<void> {
    if (this.#local !== undefined) return this.#local.start();
    const { address, logger, clock, limits } = this.#options;
    const tls = this.#tls;
    if (tls === undefined) throw noTls(address);
    const members = injectorOf(this.#members);
    const joiners = injectorOf(this.#joiners);
    const listener = new TlsListener({
      address,
      tls,
      logger,
      clock,
      ...(limits === undefined ? {} : { limits }),
      onMember: (socket) => members.injectConnection(socket),
      onJoiner: (socket) => joiners.injectConnection(socket),
    });
    this.#address = await listener.start();
    this.#listener = listener;
    logger.info({ address: this.#address }, 'network door listens');
  }

  /**
   * Shows these certificates to who connects from now on, and trusts these authorities. Connections stay, but for those of members who
   * showed a certificate that these authorities do not vouch for: they end within a minute.
   */
  renewTls(tls: TlsMaterial): void {
    this.#tls = tls;
    this.#listener?.renew(tls);
  }

  /** Lets nobody in any more, lets running calls end for `graceMs`, then cuts what is left. */
  stop(graceMs = 1_000): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#local !== undefined) return this.#local.stop(graceMs);
    // Their callers are asked to begin nothing new.
    for (const server of [this.#members, this.#joiners]) server.tryShutdown(() => undefined);
    await this.#listener?.stop(graceMs);
  }
}
