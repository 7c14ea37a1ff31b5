import type { Clock } from '@tso/proto';

/** Reads a stream that can be broken off from here while it waits for the other side. */
export class StreamReader<T> {
  readonly #items: AsyncIterator<T>;
  readonly #clock: Clock;
  #breakOff: ((error: unknown) => void) | undefined;
  #broken: { readonly error: unknown } | undefined;

  constructor(items: AsyncIterable<T>, clock: Clock) {
    this.#items = items[Symbol.asyncIterator]();
    this.#clock = clock;
  }

  /** @param within how long to wait, and the failure if nothing comes */
  next(within?: { readonly ms: number; readonly failure: () => unknown }): Promise<IteratorResult<T>> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken.error);
    return new Promise((resolve, reject) => {
      const cancelTimer = within === undefined ? undefined : this.#clock.setTimer(within.ms, () => this.end(within.failure()));
      this.#breakOff = (error) => {
        cancelTimer?.();
        reject(error);
      };
      this.#items.next().then(
        (result) => {
          cancelTimer?.();
          resolve(result);
        },
        (error: unknown) => {
          cancelTimer?.();
          reject(error);
        },
      );
    });
  }

  /** Fails the wait that is under way, and all to come. The first end counts. */
  end(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { error };
    this.#breakOff?.(error);
  }
}
