/** One after another for the same key, side by side for different ones. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs when every earlier caller of this key is done, however it ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    // The caller gets the failure from `mine`; the next in line only waits for its end.
    const tail = mine.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
