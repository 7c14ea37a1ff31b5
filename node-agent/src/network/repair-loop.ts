import { type Clock, type Logger, sentenceOf } from '@tso/proto';

/** Compared with the wish that often: what somebody deleted is back within twice this. */
const everyMs = 5_000;
/** So many are named; a warning is not a list. */
const namedAtMost = 8;

export interface RepairLoopPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Compares what is there with the wish and mends it; what was mended, for people. */
  readonly mend: () => Promise<readonly string[]>;
}

/** Looks every few seconds whether the host still is as wished, and says once what had to be put right. */
export class RepairLoop {
  readonly #ports: RepairLoopPorts;
  #cancel: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();
  #running = false;
  #failure = '';

  constructor(ports: RepairLoopPorts) {
    this.#ports = ports;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  /** Resolves once a round that has begun is over. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel();
    await this.#round;
  }

  #schedule(): void {
    if (!this.#running) return;
    this.#cancel = this.#ports.clock.setTimer(everyMs, () => {
      this.#round = this.#once().finally(() => this.#schedule());
    });
  }

  async #once(): Promise<void> {
    const { logger, mend } = this.#ports;
    try {
      const mended = await mend();
      this.#failure = '';
      if (mended.length === 0) return;
      const more = mended.length - namedAtMost;
      const named = `${mended.slice(0, namedAtMost).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
      logger.warn({ count: mended.length }, `put right what was changed on this host: ${named}`);
    } catch (error) {
      const text = sentenceOf(error);
      if (text !== this.#failure)
        logger.error({ error: text }, 'the networks of this host could not be compared with the wish; tries again');
      this.#failure = text;
    }
  }
}
