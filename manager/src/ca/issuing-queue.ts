import { TsoError } from '@tso/proto';
import { limits } from '../limits.ts';

/**
 * One certificate after the other: each takes some milliseconds of the process that also leads and hears heartbeats, and when a root
 * changes all nodes ask at once.
 */
export class IssuingQueue {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as the work does, when its turn has come. RESOURCE_EXHAUSTED: too many wait. CANCELLED: the caller went away. */
  async turn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= limits.certificatesWaiting) {
      throw new TsoError('RESOURCE_EXHAUSTED', `${this.#waiting} others wait for a certificate`, {
        hint: 'Try again in a moment',
        details: { outcome: 'refused', retryAfterMs: limits.certificatesAgainMs },
      });
    }
    this.#waiting += 1;
    const mine = this.#last.then(() => {
      if (signal.aborted) throw new TsoError('CANCELLED', 'the caller went away');
      return work();
    });
    this.#last = mine.catch(() => undefined); // Its caller has the error.
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
