import { constants } from 'node:crypto';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { formatHostPort, parseHostPort } from '../address.ts';
import type { Clock, Logger } from '../ports.ts';
import { type ArrivalLimits, Arrivals } from './arrivals.ts';
import { Connections } from './connections.ts';
import type { Sort } from './first-word.ts';
import { MemberTrust } from './member-trust.ts';
import { listenOn } from './server.ts';
import type { TlsMaterial } from './tls.ts';
import { minVersion } from './tls-credentials.ts';

export interface ListenerLimits extends ArrivalLimits {
  /** Connections of joiners, who are gone again within seconds. */
  readonly joiners: number;
  /** How often it is looked whose certificate does not count any more while its connection stands. */
  readonly trustEveryMs: number;
}

export const listenerLimits: ListenerLimits = {
  arriveWithinMs: 10_000,
  waitWithinMs: 30_000,
  arriving: 8_192,
  arrivingOfOne: 4_096,
  giveWayAfterMs: 1_000,
  handshakes: 1_024,
  handshakesOfOne: 256,
  atOnce: 16,
  joiners: 512,
  trustEveryMs: 60_000,
};

/** Connections that the kernel keeps until they are taken; it may keep fewer. */
const backlog = 4_096;

export interface TlsListenerOptions {
  /** host:port; port 0: any that is free. */
  readonly address: string;
  readonly tls: TlsMaterial;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly limits?: Partial<ListenerLimits>;
  /** Gets each connection of a member, who has proved by a certificate of the authority who it is. */
  readonly onMember: (socket: TLSSocket) => void;
  /** Gets each connection of somebody who has no certificate yet. */
  readonly onJoiner: (socket: TLSSocket) => void;
}

/** How many, now or since the start. */
export interface ListenerFigures {
  readonly arriving: number;
  /** Of those the ones whose TLS has begun. */
  readonly handshakes: number;
  readonly members: number;
  readonly joiners: number;
  /** Connections that were closed before they had proved themselves. */
  readonly refused: number;
}

/** Without tickets no connection can take the place of an earlier one, so each proves anew that its certificate is valid now. */
const secureOptions = constants.SSL_OP_NO_TICKET;

const memberContext = ({ ca, cert, key }: TlsMaterial): SecureContextOptions => ({ ca, cert, key, minVersion, secureOptions });

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

/** A joiner trusts nobody yet: the roots come along, so that it finds the one whose digest it was given. */
const joinerContext = ({ ca, cert, key }: TlsMaterial): SecureContextOptions => ({
  cert: Buffer.concat([cert, Buffer.from('\n'), ca]),
  key,
  minVersion,
  secureOptions,
});

/**
 * One TCP port for members and joiners. The first bytes of a connection say which TLS it begins, and nothing of it reaches anybody
 * before that TLS is done: for members, before the certificate was found to be of the authority and valid.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #tcp: TcpServer;
  readonly #tls: Readonly<Record<Sort, TlsServer>>;
  readonly #arrivals: Arrivals;
  readonly #standing: Readonly<Record<Sort, Connections<TLSSocket>>> = { member: new Connections(), joiner: new Connections() };
  readonly #trust: MemberTrust;
  #refused = 0;
  #untold = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#limits = { ...listenerLimits, ...options.limits };
    const { clock, logger } = options;
    this.#trust = new MemberTrust({ everyMs: this.#limits.trustEveryMs, clock, logger });
    this.#trust.trust(options.tls.ca);
    this.#arrivals = new Arrivals(this.#limits, {
      clock,
      begin: (sort, socket) => this.#tls[sort].emit('connection', socket),
      refused: (peer, reason) => this.#tell(peer, reason),
      gone: () => {
        this.#refused += 1;
      },
    });
    const common = { ALPNProtocols: ['h2'] };
    this.#tls = {
      member: createTlsServer({ ...common, ...memberContext(options.tls), requestCert: true, rejectUnauthorized: false }),
      joiner: createTlsServer({ ...common, ...joinerContext(options.tls), requestCert: false }),
    };
    this.#tls.member.on('secureConnection', (socket) => this.#arrived('member', socket));
    this.#tls.joiner.on('secureConnection', (socket) => this.#arrived('joiner', socket));
    for (const server of Object.values(this.#tls)) {
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
        // Undefined: it has hung up, or was hung up on, which was told then.
        if (socket.remoteAddress !== undefined) this.#tell(peerOf(socket), error.code ?? error.message);
      });
    }
    this.#tcp = createTcpServer({ noDelay: true }, (socket) => this.#arrivals.add(socket));
  }

  get figures(): ListenerFigures {
    const { member, joiner } = this.#standing;
    return {
      arriving: this.#arrivals.size,
      handshakes: this.#arrivals.handshakes,
      members: member.size,
      joiners: joiner.size,
      refused: this.#refused,
    };
  }

  /** Listens; returns host:port with the port that it got. UNAVAILABLE when the address cannot be had. */
  async start(): Promise<string> {
    const { address } = this.#options;
    const { host, port } = parseHostPort(address);
    await listenOn(this.#tcp, { host, port, backlog }, address);
    this.#tcp.on('error', (error) => this.#options.logger.error({ address, error: error.message }, 'network door cannot accept'));
    this.#trust.start();
    const bound = this.#tcp.address();
    return formatHostPort({ host, port: typeof bound === 'object' && bound !== null ? bound.port : port });
  }

  /** Shows these certificates to who connects from now on, and trusts these authorities; members that others vouched for are gone within a minute. */
  renew(tls: TlsMaterial): void {
    this.#trust.trust(tls.ca);
    this.#tls.member.setSecureContext(memberContext(tls));
    this.#tls.joiner.setSecureContext(joinerContext(tls));
  }

  /** Lets nobody in any more. Resolves when all connections have ended; those that still stand after `graceMs` are cut. */
  async stop(graceMs: number): Promise<void> {
    this.#trust.stop();
    this.#arrivals.cut();
    // Its callback would wait for connections too, but cut none.
    if (this.#tcp.listening) this.#tcp.close();
    const sorts = Object.values(this.#standing);
    const cancel = this.#options.clock.setTimer(graceMs, () => {
      for (const connections of sorts) connections.cut();
    });
    await Promise.all(sorts.map((connections) => connections.ended()));
    cancel();
  }

  #arrived(sort: Sort, socket: TLSSocket): void {
    const reason = this.#arrivals.arrived(socket) ? this.#whyNot(sort, socket) : 'it was given up';
    if (reason !== undefined) {
      this.#refused += 1;
      this.#tell(peerOf(socket), reason);
      socket.destroy();
      return;
    }
    socket.on('error', () => undefined);
    this.#standing[sort].add(socket);
    if (sort === 'joiner') {
      this.#options.onJoiner(socket);
    } else {
      this.#trust.add(socket);
      this.#options.onMember(socket);
    }
  }

  /**
   * Why the connection is not let in; undefined: it is. TLS has looked at the certificate and leaves the answer to us, so that we can say
   * who was refused, and why.
   */
  #whyNot(sort: Sort, socket: TLSSocket): string | undefined {
    if (sort === 'joiner') return this.#standing.joiner.size < this.#limits.joiners ? undefined : 'too many joiners at once';
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return 'it shows no certificate';
    if (socket.authorized && !socket.isSessionReused()) return undefined;
    return `its certificate is refused: ${String(socket.authorizationError ?? 'shown earlier, not now')}`;
  }

  /** At most once a second: who knocks must not fill the log. */
  #tell(peer: string, reason: string): void {
    const { clock, logger } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs - this.#toldMs < 1_000) {
      this.#untold += 1;
      return;
    }
    logger.info({ peer, reason, untold: this.#untold }, 'connection refused');
    this.#toldMs = nowMs;
    this.#untold = 0;
  }
}
