import type { TsoError } from '@tso/proto';

interface Waiter {
  readonly index: number;
  readonly deadlineTick: number;
  readonly resolve: () => void;
  readonly reject: (error: TsoError) => void;
}

/** Who waits until this node has applied the log up to some index. */
export class AppliedWaiters {
  #waiters: Waiter[] = [];
  readonly #late: (index: number) => TsoError;

  /** @param late what to tell those whose time is up */
  constructor(late: (index: number) => TsoError) {
    this.#late = late;
  }

  add(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  advance(applied: number): void {
    this.#settle(
      ({ index }) => index <= applied,
      ({ resolve }) => resolve(),
    );
  }

  expire(tick: number): void {
    this.#settle(
      ({ deadlineTick }) => deadlineTick <= tick,
      ({ index, reject }) => reject(this.#late(index)),
    );
  }

  failAll(error: TsoError): void {
    this.#settle(
      () => true,
      ({ reject }) => reject(error),
    );
  }

  #settle(which: (waiter: Waiter) => boolean, how: (waiter: Waiter) => void): void {
    const due = this.#waiters.filter(which);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !which(waiter));
    for (const waiter of due) how(waiter);
  }
}
