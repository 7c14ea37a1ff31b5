import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Clock, Logger } from '../ports.ts';
import { peerChain } from './peer-chain.ts';
import { authorityOf, certificatesIn } from './tls.ts';

export interface MemberTrustOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Checking a signature takes a fifth of a millisecond; so many at once leave the event loop to others in time. */
const atOnce = 32;

const isVouchedFor = ([own, ...between]: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean =>
  own !== undefined && authorityOf(own, between, authorities) !== undefined;

/**
 * A connection may outlive what it was let in for: its certificate expires, or the authority behind it is trusted no more. Who it
 * belongs to has a new certificate by then, or should not be here; either way it ends, within a minute.
 */
export class MemberTrust {
  readonly #options: MemberTrustOptions;
  readonly #notAfterMs = new Map<TLSSocket, number>();
  #unchecked: TLSSocket[] = [];
  #authorities: readonly X509Certificate[] = [];
  #pem: Buffer | undefined;
  #hasChanged = false;
  #cancel: () => void = () => undefined;

  constructor(options: MemberTrustOptions) {
    this.#options = options;
  }

  start(): void {
    this.#again(this.#options.everyMs);
  }

  stop(): void {
    this.#cancel();
  }

  add(socket: TLSSocket): void {
    const notAfterMs = socket.getPeerX509Certificate()?.validToDate.getTime() ?? 0;
    this.#notAfterMs.set(socket, notAfterMs);
    socket.once('close', () => this.#notAfterMs.delete(socket));
    // Its handshake may have begun while others were trusted.
    if (this.#hasChanged) this.#unchecked.push(socket);
  }

  /** Only these authorities vouch from now on, for those who are here already, too. */
  trust(pem: Buffer): void {
    if (this.#pem?.equals(pem)) return;
    this.#hasChanged = this.#pem !== undefined;
    this.#pem = pem;
    this.#authorities = certificatesIn(pem);
    this.#unchecked = [...this.#notAfterMs.keys()];
  }

  #again(delayMs: number): void {
    this.#cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#endExpired();
      this.#endDistrusted(this.#unchecked.splice(0, atOnce));
      this.#again(this.#unchecked.length > 0 ? 1 : this.#options.everyMs);
    });
  }

  #endExpired(): void {
    const nowMs = this.#options.clock.now();
    for (const [socket, notAfterMs] of this.#notAfterMs) if (nowMs > notAfterMs) this.#end(socket, 'expired');
  }

  #endDistrusted(sockets: readonly TLSSocket[]): void {
    for (const socket of sockets) {
      if (!socket.destroyed && !isVouchedFor(peerChain(socket), this.#authorities))
        this.#end(socket, 'of an authority that is trusted no more');
    }
  }

  #end(socket: TLSSocket, why: string): void {
    this.#options.logger.info({ peer: socket.remoteAddress, why }, 'connection closed: its certificate does not count any more');
    socket.destroy();
  }
}
