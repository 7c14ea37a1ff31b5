import type { Socket } from 'node:net';
import { createSecureContext, type PeerCertificate } from 'node:tls';
import { ChannelCredentials } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import { identityOf, type PeerIdentity, type PeerRole, type TlsMaterial } from './tls.ts';

/** RFC 8446: nothing older is spoken between our own processes. */
export const minVersion = 'TLSv1.3';

/** Who has to answer at an address; the cluster is always the own one. */
export interface ExpectedPeer {
  readonly nodeId?: string;
  readonly role: PeerRole;
}

/** Whether only processes of this machine can reach it. */
export const isLocal = (address: string): boolean => address.startsWith('unix:');

/** An address that others could reach, without TLS. */
export const noTls = (address: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${address} is a network address and there are no certificates for it`, {
    hint: 'Name the certificate, its key and the authority, or use a unix socket (unix:/path)',
    details: { address },
  });

/** FAILED_PRECONDITION: an address that others could reach, without TLS. */
export const requireTls = (address: string, tls: TlsMaterial | undefined): void => {
  if (!isLocal(address) && tls === undefined) throw noTls(address);
};

const wrongPeer = (found: PeerIdentity | undefined, own: PeerIdentity, expected: ExpectedPeer): string | undefined => {
  if (found === undefined) return 'its certificate does not say who it is';
  if (found.cluster !== own.cluster) return `it belongs to cluster ${found.cluster}, not to ${own.cluster}`;
  if (found.role !== expected.role) return `it is a ${found.role}, not a ${expected.role}`;
  return expected.nodeId === undefined || found.nodeId === expected.nodeId
    ? undefined
    : `node ${found.nodeId} answers, not node ${expected.nodeId}`;
};

/** Whom the certificate names counts, not the host's name: addresses of nodes change, and several may share one. */
const checkPeer =
  (own: PeerIdentity, expected: ExpectedPeer) =>
  (_host: string, certificate: PeerCertificate): Error | undefined => {
    const wrong = wrongPeer(identityOf(certificate.subject), own, expected);
    return wrong === undefined ? undefined : new TsoError('PERMISSION_DENIED', `the peer is not whom we call: ${wrong}`);
  };

/** Hears of each connection of a channel, of which grpc-js tells only that it ended, and keeps to itself those that it still makes. */
export interface ConnectionObserver {
  /** Connected, nothing said yet; to be destroyed if nobody wants it any more. */
  connected(socket: Socket): void;
  /** What is going to be spoken on; the same socket without TLS. */
  secured(socket: Socket): void;
  /** TLS was not agreed on, or not with whom we call. */
  refused(error: unknown): void;
}

export class ObservedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #observer: ConnectionObserver;

  constructor(inner: ChannelCredentials, observer: ConnectionObserver) {
    super();
    this.#inner = inner;
    this.#observer = observer;
  }

  _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(
    ...args: Parameters<ChannelCredentials['_createSecureConnector']>
  ): ReturnType<ChannelCredentials['_createSecureConnector']> {
    const connector = this.#inner._createSecureConnector(...args);
    return {
      connect: async (socket) => {
        this.#observer.connected(socket);
        try {
          const result = await connector.connect(socket);
          this.#observer.secured(result.socket);
          return result;
        } catch (error) {
          this.#observer.refused(error);
          throw error;
        }
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}

const mutualChannelCredentials = ({ ca, cert, key, identity }: TlsMaterial, expected: ExpectedPeer): ChannelCredentials =>
  ChannelCredentials.createFromSecureContext(createSecureContext({ ca, cert, key, minVersion }), {
    checkServerIdentity: checkPeer(identity, expected),
  });

export const channelCredentials = (tls: TlsMaterial | undefined, expected: ExpectedPeer): ChannelCredentials =>
  tls === undefined ? ChannelCredentials.createInsecure() : mutualChannelCredentials(tls, expected);
