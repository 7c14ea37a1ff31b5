import type { Clock } from '@tso/proto';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #timers: readonly Timer[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Timers that were set and neither rang nor were cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, callback };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((it) => it !== timer);
    };
  }

  /** Moves on, and rings what is due, earliest first. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((it) => it.atMs <= end).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((it) => it !== due);
      this.#now = Math.max(this.#now, due.atMs);
      due.callback();
    }
    this.#now = end;
  }

  /** The process is stopped for that long: what came due meanwhile rings once, late. */
  stall(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }
}
