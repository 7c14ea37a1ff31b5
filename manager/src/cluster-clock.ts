import type { Clock } from '@tso/proto';

/** How much faster or slower than the monotonic clock cluster time goes, at most, to come near the leader's wall clock again. */
export const slewRate = 0.05;

/** A wall clock that gains so much on the monotonic one between two readings was set, or the machine slept. */
const leapMs = 1_000;

/** A leader's time that comes earlier than expected by more than that is an old one that came late. */
const latenessMs = 1_000;

/**
 * The instant that plans are made at: one time for the whole cluster, whoever leads and however its wall clock stands.
 *
 * Promised: within a leadership it goes by the monotonic clock, never back, and at most 5 % faster or slower, towards the wall clock.
 * When that is set forward, or was while the machine slept, it is followed at once: waiting for what has passed already helps nobody. A
 * new leader goes on from the time of the one before it, as it saw that go by in the log, and never from an earlier instant than the
 * store has seen: a wall clock an hour behind makes nobody wait an hour, one an hour ahead ends no delay early. Only a manager that has
 * heard nobody's time since its own start has nothing but its wall clock for what passed until then: one that is ahead then ends
 * delays early, and one that is behind counts that time as none.
 */
export class ClusterClock implements Clock {
  readonly #clock: Clock;
  #leads = false;
  /** The last reading; undefined before the first word of anybody's time. */
  #reading: { readonly atMs: number; readonly monotonicMs: number; readonly wallMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The leader's time, as one of its transactions has just said it. Nothing while this manager leads: those are its own. */
  heard(atMs: number): void {
    if (this.#leads) return;
    const passedMs = this.#passedMs();
    const expected = this.#reading === undefined ? atMs : this.#reading.atMs + passedMs;
    // A leader that slews back is somewhat slower; what is much earlier was held up on its way.
    if (atMs >= expected - 2 * slewRate * passedMs - latenessMs) this.#read(atMs);
  }

  /** This manager leads from now on; the store has seen that instant. */
  lead(storeMs: number): void {
    this.#read(Math.max(this.#exactNow(), storeMs));
    this.#leads = true;
  }

  follow(): void {
    this.#leads = false;
  }

  /** Whole epoch milliseconds. */
  now(): number {
    return Math.floor(this.#exactNow());
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    return this.#clock.setTimer(delayMs, callback);
  }

  #exactNow(): number {
    if (this.#reading === undefined) return this.#clock.now();
    const passedMs = this.#passedMs();
    const unslewed = this.#reading.atMs + passedMs;
    // Who only follows has no say in what time it is.
    if (!this.#leads) return unslewed;
    const wallMs = this.#clock.now();
    const gainedMs = wallMs - this.#reading.wallMs - passedMs;
    if (gainedMs > leapMs && wallMs > unslewed) return this.#read(Math.min(wallMs, unslewed + gainedMs));
    const most = passedMs * slewRate;
    return this.#read(unslewed + Math.min(most, Math.max(-most, wallMs - unslewed)));
  }

  #passedMs(): number {
    return this.#reading === undefined ? 0 : Math.max(0, this.#clock.monotonic() - this.#reading.monotonicMs);
  }

  #read(atMs: number): number {
    this.#reading = { atMs, monotonicMs: this.#clock.monotonic(), wallMs: this.#clock.now() };
    return atMs;
  }
}
