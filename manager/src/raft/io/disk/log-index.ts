import { assert } from '@tso/proto';
import type { Missing } from '../../core/index.ts';
import { type FramePlace, FrameTable } from './frame-table.ts';
import type { LogPosition } from './layout.ts';

/** Which entries the log has, of which terms, and where they lie. */
export class LogIndex {
  readonly #table = new FrameTable();
  #base: LogPosition;
  #last: LogPosition;

  constructor(base: LogPosition) {
    this.#base = base;
    this.#last = base;
  }

  /** The position before the first entry. */
  get base(): LogPosition {
    return this.#base;
  }

  get last(): LogPosition {
    return this.#last;
  }

  get frames(): number {
    return this.#table.length;
  }

  /** Of all entries behind the base, about. */
  get bytes(): number {
    const first = this.#table.at(0);
    if (first === undefined) return 0;
    const gone = Math.max(0, this.#base.index + 1 - first.firstIndex);
    return this.#table.bytes - Math.round((first.bytes * gone) / first.count);
  }

  term(index: number): number | Missing {
    if (index < this.#base.index) return 'compacted';
    if (index === this.#base.index) return this.#base.term;
    if (index > this.#last.index) return 'unavailable';
    return index === this.#last.index ? this.#last.term : this.#table.termAt(this.#table.find(index));
  }

  /** The frame that holds an entry between base and end. */
  frameOf(index: number): FramePlace {
    const place = this.#table.at(this.#table.find(index));
    assert(place !== undefined, `entry ${index} of ${this.#base.index + 1} to ${this.#last.index} lies in a frame`);
    return place;
  }

  /** The segment of the oldest entry. */
  get oldestSegment(): number | undefined {
    return this.#table.at(0)?.segment;
  }

  /** Takes entries in, in place of those that were there from the first of them on. */
  add(place: FramePlace): void {
    assert(place.firstIndex > this.#base.index && place.firstIndex <= this.#last.index + 1, 'entries follow each other');
    this.#table.cutFrom(place.firstIndex);
    this.#table.push(place);
    this.#last = { index: place.firstIndex + place.count - 1, term: place.term };
  }

  restart(base: LogPosition): void {
    this.#table.clear();
    this.#base = base;
    this.#last = base;
  }

  /** Forgets entries up to and with that of the position. */
  compact(to: LogPosition): void {
    this.#base = to;
    this.#table.dropTo(to.index);
  }
}
