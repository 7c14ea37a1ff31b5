import { assert } from '@tso/proto';
import type { Change } from './apply.ts';

/** Whether a subscriber wants to hear of a change. */
export type ChangeFilter = (change: Change) => boolean;

export interface SubscribeOptions {
  /** Changes held for a slow reader; more of them are dropped and replaced by one 'resync'. */
  readonly limit: number;
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

class Subscriber implements AsyncIterableIterator<Change[] | 'resync'> {
  readonly #filter: ChangeFilter;
  readonly #limit: number;
  readonly #onEnd: () => void;
  #held: Change[] = [];
  #lost = false;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(filter: ChangeFilter, limit: number, onEnd: () => void) {
    this.#filter = filter;
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  offer(changes: readonly Change[]): void {
    const wanted = changes.filter(this.#filter);
    if (wanted.length === 0 || this.#ended || this.#lost) return;
    if (this.#held.length + wanted.length > this.#limit) {
      this.resync();
      return;
    }
    this.#held.push(...wanted);
    this.#wake?.();
  }

  resync(): void {
    this.#held = [];
    this.#lost = true;
    this.#wake?.();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Change[] | 'resync', undefined>> {
    while (this.#held.length === 0 && !this.#lost && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#ended) return { done: true, value: undefined };
    const value = this.#lost ? 'resync' : this.#held;
    this.#held = [];
    this.#lost = false;
    return { done: false, value };
  }

  return(): Promise<IteratorResult<Change[] | 'resync', undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Tells subscribers what each applied transaction changed. Never makes the writer wait. */
export class StoreWatch {
  readonly #subscribers = new Set<Subscriber>();

  /**
   * The changes from now on: all that gathered since the last read in one list, never empty; 'resync' when some were dropped, after
   * which the reader reads the whole again. Subscribe before reading the tables, then nothing is missed. Read by one loop at a time.
   */
  subscribe(filter: ChangeFilter, { limit, signal }: SubscribeOptions): AsyncIterable<Change[] | 'resync'> {
    assert(limit > 0, 'a subscription must hold at least one change');
    const end = (): void => subscriber.end();
    const subscriber = new Subscriber(filter, limit, () => {
      this.#subscribers.delete(subscriber);
      signal?.removeEventListener('abort', end);
    });
    this.#subscribers.add(subscriber);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    return subscriber;
  }

  /** For the one who applies transactions. */
  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const subscriber of [...this.#subscribers]) subscriber.offer(changes);
  }

  /** For readers that lost the thread as a whole: after a snapshot replaced the tables. */
  publishResync(): void {
    for (const subscriber of [...this.#subscribers]) subscriber.resync();
  }

  /** Ends every subscription. */
  close(): void {
    for (const subscriber of [...this.#subscribers]) subscriber.end();
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }
}
