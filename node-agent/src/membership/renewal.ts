import { type CertificateReply, type Clock, type Lifecycle, type Logger, type Random, sentenceOf } from '@tso/proto';
import { Latest } from '../latest.ts';
import { limits } from '../limits.ts';
import type { NodeCertificates } from './certificates.ts';
import { renewalInstant, retryPauseMs } from './renewal-time.ts';

export interface RenewalPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly certificates: Pick<NodeCertificates, 'stored' | 'newKey' | 'adopt' | 'isLocked'>;
  /** Asks a manager for a certificate of this request, in the role that the cluster wishes this node to have. */
  readonly ask: (csr: string) => Promise<CertificateReply>;
  /** It is on disk and in use here; whoever else shows it is to be told. */
  readonly onRenewed: (reply: CertificateReply) => Promise<void>;
}

/** Sees to it that this node's certificate never ends: asks for another from half its life on, and whenever it is told to. */
export class Renewal implements Lifecycle {
  readonly #ports: RenewalPorts;
  readonly #asking = new Latest(() => this.#renew());
  #cancel: () => void = () => undefined;
  #stopped = true;
  #failures = 0;
  /** Of the certificate that `#instant` belongs to. */
  #notAfterMs = 0;
  #instant = 0;

  constructor(ports: RenewalPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
  }

  /** Looks when the certificate is due; to be called when there is another one. */
  plan(): void {
    this.#cancel();
    const { stored } = this.#ports.certificates;
    if (this.#stopped || stored === undefined) return;
    if (stored.notAfterMs !== this.#notAfterMs) {
      this.#notAfterMs = stored.notAfterMs;
      this.#instant = renewalInstant(stored, this.#ports.random.number());
      this.#failures = 0;
    }
    this.#wait(this.#instant - this.#ports.clock.now());
  }

  /** Asks now, and resolves once the new one is in use; whoever asks while another question is under way gets an answer of its own. */
  renew(): Promise<void> {
    return this.#asking.request();
  }

  /** In pieces: a clock that is set, or a machine that slept, is noticed within an hour. */
  #wait(ms: number): void {
    if (ms > limits.renewalLookMs) {
      this.#cancel = this.#ports.clock.setTimer(limits.renewalLookMs, () => this.plan());
    } else {
      this.#cancel = this.#ports.clock.setTimer(Math.max(0, ms), () => void this.#due());
    }
  }

  async #due(): Promise<void> {
    const { certificates, clock, random, logger } = this.#ports;
    if (certificates.isLocked) {
      // Nothing can be asked before somebody opens it, after which this is planned anew.
      if (!this.#stopped) this.#cancel = clock.setTimer(limits.renewalLookMs, () => this.plan());
      return;
    }
    try {
      await this.renew();
    } catch (error) {
      this.#failures += 1;
      const leftMs = (certificates.stored?.notAfterMs ?? 0) - clock.now();
      const pauseMs = retryPauseMs(this.#failures, leftMs, random.number());
      logger.warn({ error: sentenceOf(error), pauseMs, leftMs }, 'the certificate could not be renewed; tries again');
      if (!this.#stopped) this.#cancel = clock.setTimer(pauseMs, () => void this.#due());
    }
  }

  async #renew(): Promise<void> {
    const { certificates, ask, onRenewed, logger } = this.#ports;
    const { key, csr } = await certificates.newKey();
    const reply = await ask(csr);
    if (this.#stopped) return;
    await certificates.adopt(reply, key);
    logger.info({ role: certificates.stored?.role, epoch: reply.authorityEpoch, notAfterMs: reply.notAfterMs }, 'has a new certificate');
    await onRenewed(reply);
    this.plan();
  }
}
