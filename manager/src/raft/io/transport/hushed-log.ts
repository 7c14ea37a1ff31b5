import type { Clock, LogFields, Logger } from '@tso/proto';

const maxMatters = 256;

/** Logs each complaint at most once in a while, with how often it was left out: a peer gone mad must not fill the disk. */
export class HushedLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #said = new Map<string, { atMs: number; leftOut: number }>();

  constructor(logger: Logger, clock: Clock, quietMs: number) {
    this.#logger = logger;
    this.#clock = clock;
    this.#quietMs = quietMs;
  }

  /** @param about messages of the same matter and peer count as the same complaint */
  warn(about: string, fields: LogFields, message: string): void {
    const nowMs = this.#clock.monotonic();
    const said = this.#said.get(about);
    if (said !== undefined && nowMs - said.atMs < this.#quietMs) {
      said.leftOut += 1;
      return;
    }
    if (this.#said.size >= maxMatters) this.#said.clear();
    this.#said.set(about, { atMs: nowMs, leftOut: 0 });
    this.#logger.warn(said === undefined || said.leftOut === 0 ? fields : { ...fields, leftOut: said.leftOut }, message);
  }
}
