import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';

export interface KeyRotationPorts {
  readonly disk: { rotateKey(): Promise<void> };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long one key seals what is written; at each start there is a new one anyway. */
export const keyLifeMs = 24 * 60 * 60 * 1_000;

/** Gives the log a new key at the start and once a day: whoever learns one can read a day of it at most. */
export class KeyRotation implements Lifecycle {
  readonly #ports: KeyRotationPorts;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(ports: KeyRotationPorts) {
    this.#ports = ports;
  }

  /** Errors are those of the disk: without a key that is stored nothing may be sealed. */
  async start(): Promise<void> {
    await this.#ports.disk.rotateKey();
    this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
  }

  #next(): void {
    if (this.#stopped) return;
    this.#cancel = this.#ports.clock.setTimer(keyLifeMs, () => void this.#rotate());
  }

  async #rotate(): Promise<void> {
    try {
      await this.#ports.disk.rotateKey();
      this.#ports.logger.info({}, 'the log has a new key');
    } catch (error) {
      // The disk refuses every write from now on, and whoever writes next says why the manager ends.
      this.#ports.logger.error({}, `the log's key could not be changed: ${sentenceOf(error)}`);
    }
    this.#next();
  }
}
