/**
 * What a caller sends, for who may have to say it all again to somebody else: kept until it is known to be heard, or is too much. Only
 * the newest reader gets it, from the beginning on.
 */
export class Rewindable<T> {
  readonly #source: AsyncIterator<T>;
  readonly #limit: number;
  readonly #kept: T[] = [];
  #dropped = 0;
  #heard = false;
  #readers = 0;
  #pulling: Promise<void> | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** @param limit messages that are kept at most */
  constructor(source: AsyncIterable<T>, limit: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#limit = limit;
  }

  /** False once something was given away for good. */
  get canRewind(): boolean {
    return this.#dropped === 0;
  }

  /** What `source` threw, if it did. */
  get failure(): unknown {
    return this.#end?.error;
  }

  /** Nothing has to be said again from now on. */
  heard(): void {
    this.#heard = true;
  }

  /** All of it; the readers before this one end. Throws what the source throws. */
  async *read(): AsyncGenerator<T> {
    this.#readers += 1;
    const mine = this.#readers;
    for (let position = this.#dropped; this.#readers === mine; ) {
      const at = position - this.#dropped;
      if (at < this.#kept.length) {
        const item = this.#kept[at] as T;
        position += 1;
        this.#forget(position);
        yield item;
      } else if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else await this.#pull();
    }
  }

  #forget(position: number): void {
    if (!this.#heard && this.#kept.length <= this.#limit) return;
    this.#kept.splice(0, position - this.#dropped);
    this.#dropped = position;
  }

  /** One at a time, whoever asks: what comes in is for all. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#source
      .next()
      .then(
        ({ done, value }) => {
          if (done === true) this.#end = {};
          else this.#kept.push(value);
        },
        (error: unknown) => {
          this.#end = { error };
        },
      )
      .finally(() => {
        this.#pulling = undefined;
      });
    return this.#pulling;
  }
}
