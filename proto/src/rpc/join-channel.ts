import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import { derDigest } from '../pki/digests.ts';
import { RpcChannel } from './client.ts';
import { joinerWord } from './first-word.ts';
import { peerChain } from './peer-chain.ts';
import { authorityOf, identityOf } from './tls.ts';
import { minVersion } from './tls-credentials.ts';

const refusal = (reason: string, message: string, hint: string): TsoError =>
  new TsoError('PERMISSION_DENIED', message, { hint, details: { reason } });

/**
 * Why the host that showed these certificates, its own first, is not a manager of the cluster whose root has the digest; undefined: it
 * is one. `details.reason`: digest, untrusted, expired, not-yet-valid, role.
 */
export const joinRefusal = (
  address: string,
  [own, ...others]: readonly X509Certificate[],
  digest: string,
  nowMs: number,
): TsoError | undefined => {
  const root = others.find((it) => derDigest(it.raw) === digest);
  if (own === undefined || root === undefined) {
    return refusal(
      'digest',
      `the host at ${address} does not belong to the cluster of the token`,
      'Check the address, or get the token anew: tso token worker',
    );
  }
  const selfSigned = root.ca && root.checkIssued(root) && root.verify(root.publicKey);
  if (!selfSigned || authorityOf(own, others, [root]) === undefined) {
    return refusal(
      'untrusted',
      `the certificate of the host at ${address} does not come from the authority of the token`,
      'Check the address: somebody may stand between',
    );
  }
  for (const certificate of [own, root]) {
    if (nowMs > certificate.validToDate.getTime()) {
      return refusal(
        'expired',
        `the certificate of the host at ${address} has expired on ${certificate.validToDate.toISOString()}`,
        "Set this machine's clock right, or renew the manager's certificate",
      );
    }
    if (nowMs < certificate.validFromDate.getTime()) {
      return refusal(
        'not-yet-valid',
        `the certificate of the host at ${address} is not valid before ${certificate.validFromDate.toISOString()}`,
        "Set this machine's clock right",
      );
    }
  }
  if (identityOf(own.toLegacyObject().subject)?.role !== 'manager') {
    return refusal('role', `the host at ${address} is no manager`, 'Name the address of a manager');
  }
  return undefined;
};

class JoinCredentials extends ChannelCredentials {
  readonly #address: string;
  readonly #digest: string;

  constructor(address: string, digest: string) {
    super();
    this.#address = address;
    this.#digest = digest;
  }

  _isSecure(): boolean {
    return true;
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(
    ...[, , callCredentials]: Parameters<ChannelCredentials['_createSecureConnector']>
  ): ReturnType<ChannelCredentials['_createSecureConnector']> {
    return {
      connect: async (socket) => ({ socket: await this.#secure(socket), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #secure(socket: Socket): Promise<TLSSocket> {
    socket.write(joinerWord);
    // Nobody is trusted yet by TLS itself; the chain is checked below, before anything is said.
    const secured = tlsConnect({ socket, rejectUnauthorized: false, minVersion, ALPNProtocols: ['h2'] });
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('close', () => reject(new TsoError('UNAVAILABLE', `the host at ${this.#address} ended the TLS handshake`)));
      secured.on('error', reject);
    });
    const wrong = joinRefusal(this.#address, peerChain(secured), this.#digest, Date.now());
    if (wrong === undefined) return secured;
    secured.destroy();
    throw wrong;
  }
}

/**
 * A connection of somebody who has no certificate yet to the manager at host:port. The manager is believed only if the digest is that
 * of its root; otherwise calls fail with PERMISSION_DENIED and `details.reason`, before a byte of them was sent.
 */
export const joinChannel = (address: string, digest: string): RpcChannel =>
  new RpcChannel(address, {}, { credentials: new JoinCredentials(address, digest) });
