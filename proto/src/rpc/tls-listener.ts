import { constants } from 'node:crypto';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { formatHostPort, parseHostPort } from '../address.ts';
import type { Clock, Logger } from '../ports.ts';
import { Connections } from './connections.ts';
import { firstWord, type Sort } from './first-word.ts';
import { MemberTrust } from './member-trust.ts';
import { listenOn } from './server.ts';
import type { TlsMaterial } from './tls.ts';
import { minVersion } from './tls-credentials.ts';

export interface ListenerLimits {
  /** From the connection to the end of the TLS handshake. */
  readonly arriveWithinMs: number;
  /** Connections whose handshake is not done yet. */
  readonly arriving: number;
  /** Connections of joiners, who are gone again within seconds. */
  readonly joiners: number;
  /** When there are that many, one that takes longer than this gives way to a new one; a handshake takes some milliseconds. */
  readonly giveWayAfterMs: number;
  /** How often it is looked whose certificate does not count any more while its connection stands. */
  readonly trustEveryMs: number;
}

export const listenerLimits: ListenerLimits = {
  arriveWithinMs: 10_000,
  arriving: 1_024,
  joiners: 512,
  giveWayAfterMs: 1_000,
  trustEveryMs: 60_000,
};

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
  readonly members: number;
  readonly joiners: number;
  /** Connections that were closed before they had proved themselves. */
  readonly refused: number;
}

/** Without tickets no connection can take the place of an earlier one, so each proves anew that its certificate is valid now. */
const secureOptions = constants.SSL_OP_NO_TICKET;

const memberContext = ({ ca, cert, key }: TlsMaterial): SecureContextOptions => ({ ca, cert, key, minVersion, secureOptions });

/** A joiner trusts nobody yet: the roots come along, so that it finds the one whose digest it was given. */
const joinerContext = ({ ca, cert, key }: TlsMaterial): SecureContextOptions => ({
  cert: Buffer.concat([cert, Buffer.from('\n'), ca]),
  key,
  minVersion,
  secureOptions,
});

/** Both ends of a connection; the TLS socket has them from the socket that it was made of. */
const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

interface Arrival {
  readonly socket: Socket;
  readonly peer: string;
  readonly sinceMs: number;
  readonly cancelDeadline: () => void;
  readonly forget: () => void;
}

/**
 * One TCP port for members and joiners. The first bytes of a connection say which TLS it begins, and nothing of it reaches anybody
 * before that TLS is done: for members, before the certificate was found to be of the authority and valid.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #tcp: TcpServer;
  readonly #tls: Readonly<Record<Sort, TlsServer>>;
  readonly #arriving = new Map<string, Arrival>();
  readonly #standing: Readonly<Record<Sort, Connections<TLSSocket>>> = { member: new Connections(), joiner: new Connections() };
  readonly #trust: MemberTrust;
  #refused = 0;
  #unreported = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#limits = { ...listenerLimits, ...options.limits };
    const { clock, logger } = options;
    this.#trust = new MemberTrust({ everyMs: this.#limits.trustEveryMs, clock, logger });
    this.#trust.trust(options.tls.ca);
    const common = { ALPNProtocols: ['h2'], handshakeTimeout: this.#limits.arriveWithinMs };
    this.#tls = {
      member: createTlsServer({ ...common, ...memberContext(options.tls), requestCert: true, rejectUnauthorized: true }),
      joiner: createTlsServer({ ...common, ...joinerContext(options.tls), requestCert: false }),
    };
    this.#tls.member.on('secureConnection', (socket) => this.#arrived('member', socket));
    this.#tls.joiner.on('secureConnection', (socket) => this.#arrived('joiner', socket));
    for (const server of Object.values(this.#tls)) {
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
        this.#refuse(nameOf(socket), String(socket.authorizationError ?? error.code ?? error.message));
      });
    }
    this.#tcp = createTcpServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  get figures(): ListenerFigures {
    const { member, joiner } = this.#standing;
    return { arriving: this.#arriving.size, members: member.size, joiners: joiner.size, refused: this.#refused };
  }

  /** Listens; returns host:port with the port that it got. UNAVAILABLE when the address cannot be had. */
  async start(): Promise<string> {
    const { address } = this.#options;
    const { host, port } = parseHostPort(address);
    await listenOn(this.#tcp, { host, port }, address);
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
    for (const { socket } of this.#arriving.values()) socket.destroy();
    // Its callback would wait for connections too, but cut none.
    if (this.#tcp.listening) this.#tcp.close();
    const sorts = Object.values(this.#standing);
    const cancel = this.#options.clock.setTimer(graceMs, () => {
      for (const connections of sorts) connections.cut();
    });
    await Promise.all(sorts.map((connections) => connections.ended()));
    cancel();
  }

  #accept(socket: Socket): void {
    // Without a listener, a caller that resets its connection would end the process; the close that follows is handled.
    socket.on('error', () => undefined);
    if (socket.remoteAddress === undefined || !this.#makeRoom()) {
      this.#refuse(nameOf(socket), 'too many handshakes under way');
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    this.#expect(name, socket);
    firstWord(socket, (sort) => {
      if (sort === undefined) {
        this.#refuse(name, 'it speaks no TLS');
        socket.destroy();
      } else this.#tls[sort].emit('connection', socket);
    });
  }

  #expect(name: string, socket: Socket): void {
    const { clock } = this.#options;
    const forget = () => {
      this.#arriving.get(name)?.cancelDeadline();
      this.#arriving.delete(name);
    };
    socket.once('close', forget);
    const cancelDeadline = clock.setTimer(this.#limits.arriveWithinMs, () => {
      this.#refuse(name, 'it took too long');
      socket.destroy();
    });
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#arriving.set(name, { socket, peer, sinceMs: clock.monotonic(), cancelDeadline, forget });
  }

  /** False: there is none. The first in the map is the one that has been arriving for the longest. */
  #makeRoom(): boolean {
    if (this.#arriving.size < this.#limits.arriving) return true;
    const [name, oldest] = this.#arriving.entries().next().value ?? [];
    if (name === undefined || oldest === undefined) return false;
    if (this.#options.clock.monotonic() - oldest.sinceMs < this.#limits.giveWayAfterMs) return false;
    this.#refuse(name, 'too many handshakes under way');
    oldest.socket.off('close', oldest.forget);
    oldest.forget();
    oldest.socket.destroy();
    return true;
  }

  #arrived(sort: Sort, socket: TLSSocket): void {
    const name = nameOf(socket);
    const arrival = this.#arriving.get(name);
    // Undefined: it was given up in the same moment.
    if (arrival === undefined || (sort === 'joiner' && this.#standing.joiner.size >= this.#limits.joiners)) {
      this.#refuse(name, 'too many at once');
      socket.destroy();
      return;
    }
    arrival.socket.off('close', arrival.forget);
    arrival.forget();
    socket.on('error', () => undefined);
    this.#standing[sort].add(socket);
    if (sort === 'joiner') {
      this.#options.onJoiner(socket);
    } else {
      this.#trust.add(socket);
      this.#options.onMember(socket);
    }
  }

  /** Told at most once a second: who knocks must not fill the log. */
  #refuse(name: string, reason: string): void {
    this.#refused += 1;
    const { clock, logger } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs - this.#reportedMs < 1_000) {
      this.#unreported += 1;
      return;
    }
    const peer = this.#arriving.get(name)?.peer ?? name;
    logger.info({ peer, reason, unreported: this.#unreported }, 'connection refused');
    this.#reportedMs = nowMs;
    this.#unreported = 0;
  }
}
