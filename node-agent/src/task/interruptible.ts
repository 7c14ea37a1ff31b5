/** Work that may take for ever, and is cut short once it is not what is to be done any more. */
export class Interruptible {
  #look: () => void = () => undefined;

  /** Something changed: looks whether the work under way is still what is to be done. */
  look(): void {
    this.#look();
  }

  /** @param isStill asked at the beginning, and at each `look()` until the end; where it fails, the work goes on */
  async run(isStill: () => Promise<boolean>, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const superseded = new AbortController();
    this.#look = () =>
      void isStill().then(
        (still) => (still ? undefined : superseded.abort()),
        () => undefined,
      );
    this.#look();
    try {
      await work(superseded.signal);
    } finally {
      this.#look = () => undefined;
    }
  }
}
