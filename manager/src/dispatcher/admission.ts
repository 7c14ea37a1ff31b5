/** How fast agents are taken in when many come at once, as after a change of leaders. */
export interface AdmissionOptions {
  /** Hellos worked on at the same time. */
  readonly atOnce: number;
  /** Hellos taken in a second, on the average. */
  readonly perSecond: number;
  /** How many may come in one moment after a quiet time. */
  readonly burst: number;
  /** The least and the longest time that somebody is asked to stay away. */
  readonly shortestWaitMs: number;
  readonly longestWaitMs: number;
}

export type Admitted = { readonly admitted: true } | { readonly admitted: false; readonly retryAfterMs: number };

/**
 * Takes hellos in at a pace that can be kept up, and tells the others when to come back: each a moment after the one before, so that
 * they come as a queue rather than as a wave. Time is handed in; milliseconds that never go back.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  #inWork = 0;
  #tokens: number;
  #filledAtMs: number;
  /** The instant that was given last to one who was asked to come back. */
  #givenMs: number;

  constructor(options: AdmissionOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAtMs = nowMs;
    this.#givenMs = nowMs;
  }

  /** Who is admitted must be followed by one `done`. */
  enter(nowMs: number): Admitted {
    this.#fill(nowMs);
    if (this.#inWork >= this.#options.atOnce || this.#tokens < 1) return { admitted: false, retryAfterMs: this.#waitMs(nowMs) };
    this.#tokens -= 1;
    this.#inWork += 1;
    return { admitted: true };
  }

  /** The work for one that was admitted is over, however it ended. */
  done(): void {
    this.#inWork = Math.max(0, this.#inWork - 1);
  }

  #fill(nowMs: number): void {
    const { perSecond, burst } = this.#options;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#filledAtMs) * perSecond) / 1_000);
    this.#filledAtMs = Math.max(nowMs, this.#filledAtMs);
  }

  #waitMs(nowMs: number): number {
    const { perSecond, shortestWaitMs, longestWaitMs } = this.#options;
    const next = Math.max(this.#givenMs + 1_000 / perSecond, nowMs + shortestWaitMs);
    // A line longer than that begins again at its head: who finds no room then is given another turn.
    this.#givenMs = next > nowMs + longestWaitMs ? nowMs + shortestWaitMs : next;
    return Math.ceil(this.#givenMs - nowMs);
  }
}
