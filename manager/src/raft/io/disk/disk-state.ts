import { type Logger, TsoError } from '@tso/proto';
import type { Watch } from './watched-files.ts';

/** Whether the disk can be used: it ends by being closed, or with the first failure. */
export class DiskState implements Watch {
  readonly #logger: Logger;
  readonly #onBroken: ((error: TsoError) => void) | undefined;
  #state: 'opening' | 'open' | 'closed' | TsoError = 'opening';

  constructor(logger: Logger, onBroken: ((error: TsoError) => void) | undefined) {
    this.#logger = logger;
    this.#onBroken = onBroken;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get isBroken(): boolean {
    return this.#state instanceof TsoError;
  }

  /** From here on a failure is told to the owner; before, it is the answer to the opening itself. */
  opened(): void {
    if (this.#state === 'opening') this.#state = 'open';
  }

  closed(): void {
    this.#state = 'closed';
  }

  check(): void {
    if (this.#state instanceof TsoError) throw this.#state;
    if (this.#state === 'closed') throw new TsoError('UNAVAILABLE', "the manager's log is closed");
  }

  failed(error: TsoError): void {
    const before = this.#state;
    if (before instanceof TsoError || before === 'closed') return;
    this.#state = error;
    if (before === 'opening') return;
    this.#logger.error({ code: error.code, details: error.details }, error.sentence);
    this.#onBroken?.(error);
  }
}
