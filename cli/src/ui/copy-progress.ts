import type { Io } from '../io.ts';
import { sizeText } from '../output/table.ts';

const everyMs = 100;

/** How far a copy is, on standard error of a terminal; nothing without one. */
export class CopyProgress {
  readonly #io: Io;
  readonly #what: string;
  #bytes = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(io: Io, what: string) {
    this.#io = io;
    this.#what = what;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const now = this.#io.clock.monotonic();
    if (this.#io.stderr.isTTY !== true || now - this.#drawnAt < everyMs) return;
    this.#drawnAt = now;
    this.#io.stderr.write(`\r\u001b[KCopying ${this.#what}: ${sizeText(this.#bytes)}`);
  }

  done(): void {
    if (this.#io.stderr.isTTY === true) this.#io.stderr.write(`\r\u001b[KCopied ${this.#what}: ${sizeText(this.#bytes)}\n`);
  }

  /** Takes the line away, so that what is said next stands alone. */
  clear(): void {
    if (this.#io.stderr.isTTY === true) this.#io.stderr.write('\r\u001b[K');
  }
}
