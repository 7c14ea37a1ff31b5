import { type Entry, takeWithin } from '../../core/index.ts';

/** What an entry costs beside its data. */
const overheadBytes = 96;

const tidyEvery = 1024;

const weight = (entry: Entry): number => entry.data.length + overheadBytes;

/** The newest entries of the log, as many as fit into the given bytes: what followers that keep up are sent from. */
export class RecentEntries {
  readonly #maxBytes: number;
  #list: Entry[] = [];
  /** Position of the first that counts; those before it are gone. */
  #head = 0;
  #first: number;
  #bytes = 0;

  constructor(maxBytes: number, nextIndex: number) {
    this.#maxBytes = maxBytes;
    this.#first = nextIndex;
  }

  /** Index of the oldest one, or of the next one that comes. */
  get first(): number {
    return this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Behind what is there, or in place of it from the first one on. */
  append(entries: readonly Entry[]): void {
    const [next] = entries;
    if (next === undefined) return;
    const kept = next.index - this.#first;
    if (kept < 0) this.restart(next.index);
    else this.#cutTo(kept);
    for (const entry of entries) {
      this.#list.push(entry);
      this.#bytes += weight(entry);
    }
    while (this.#bytes > this.#maxBytes && this.#head < this.#list.length) this.#dropOldest();
    this.#tidy();
  }

  /** Entries `low <= index < high`, all of which must be here, within the size but at least one. */
  take(low: number, high: number, maxBytes: number): readonly Entry[] {
    const shift = this.#head - this.#first;
    return takeWithin(this.#list, low + shift, high + shift, maxBytes);
  }

  dropTo(index: number): void {
    while (this.#first <= index && this.#head < this.#list.length) this.#dropOldest();
    this.#tidy();
  }

  restart(nextIndex: number): void {
    this.#list = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#first = nextIndex;
  }

  #cutTo(kept: number): void {
    for (let at = this.#list.length - 1; at >= this.#head + kept; at -= 1) {
      const entry = this.#list.pop();
      if (entry !== undefined) this.#bytes -= weight(entry);
    }
  }

  #dropOldest(): void {
    const entry = this.#list[this.#head];
    if (entry !== undefined) this.#bytes -= weight(entry);
    this.#head += 1;
    this.#first += 1;
  }

  /** Now and then: moving a long list for each dropped entry would cost more than holding some of them a little longer. */
  #tidy(): void {
    if (this.#head < tidyEvery && this.#head < this.#list.length) return;
    this.#list.splice(0, this.#head);
    this.#head = 0;
  }
}
