import type { Clock } from '@tso/proto';

/**
 * What a step says while it goes on: nothing when it is quick, then the newest word at most once an interval. Each word costs the
 * manager a write, and a pull has one for every piece that arrives.
 */
export class Progress {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #out: (message: string) => void;
  #newest: string | undefined;
  #cancel: (() => void) | undefined;
  #ended = false;

  constructor(options: { readonly intervalMs: number }, ports: { readonly clock: Clock; readonly out: (message: string) => void }) {
    this.#intervalMs = options.intervalMs;
    this.#clock = ports.clock;
    this.#out = ports.out;
  }

  say(message: string): void {
    if (this.#ended) return;
    this.#newest = message;
    this.#cancel ??= this.#clock.setTimer(this.#intervalMs, () => {
      this.#cancel = undefined;
      const newest = this.#newest;
      this.#newest = undefined;
      if (newest === undefined) return;
      this.#out(newest);
    });
  }

  /** What is said from now on comes too late. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
  }
}
