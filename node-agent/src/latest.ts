/** Runs one job at a time; requests that come meanwhile share the one run after it, which sees the newest state. */
export class Latest {
  readonly #job: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(job: () => Promise<void>) {
    this.#job = job;
  }

  /** Resolves after a run that began after this call. */
  request(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#job().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.request();
      });
    return this.#next;
  }
}
