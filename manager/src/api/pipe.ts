import { TsoError } from '@tso/proto';

/** A bounded queue whose writer waits while it is full: back-pressure from the slower side to the faster. One reader. */
export class Pipe<T> implements AsyncIterable<T> {
  readonly #limit: number;
  readonly #items: T[] = [];
  readonly #room: (() => void)[] = [];
  #wakeReader: () => void = () => undefined;
  #ended = false;
  #error: unknown;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves once it is taken in. UNAVAILABLE: the pipe has ended. */
  async write(item: T): Promise<void> {
    while (!this.#ended && this.#items.length >= this.#limit) await new Promise<void>((resolve) => this.#room.push(resolve));
    if (this.#ended) throw new TsoError('UNAVAILABLE', 'the other side has ended the stream', { cause: this.#error });
    this.#items.push(item);
    this.#wakeReader();
  }

  /** Without an error the reader still gets what was written; with one it gets the error at once. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    if (error !== undefined) this.#items.length = 0;
    this.#wakeReader();
    for (const wake of this.#room.splice(0)) wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#room.shift()?.();
          yield item;
        } else if (this.#ended) {
          if (this.#error !== undefined) throw this.#error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      this.end(new TsoError('UNAVAILABLE', 'the reader went away'));
    }
  }
}
