/** Where a frame of entries lies. */
export interface FramePlace {
  readonly firstIndex: number;
  readonly count: number;
  readonly term: number;
  /** Sequence number. */
  readonly segment: number;
  /** In the segment's file. */
  readonly offset: number;
  /** Of its entries, unsealed. */
  readonly bytes: number;
}

interface Columns {
  readonly firstIndex: Float64Array;
  readonly term: Float64Array;
  readonly offset: Float64Array;
  readonly segment: Uint32Array;
  readonly count: Uint32Array;
  readonly bytes: Uint32Array;
}

const columns = (capacity: number): Columns => ({
  firstIndex: new Float64Array(capacity),
  term: new Float64Array(capacity),
  offset: new Float64Array(capacity),
  segment: new Uint32Array(capacity),
  count: new Uint32Array(capacity),
  bytes: new Uint32Array(capacity),
});

const names = ['firstIndex', 'term', 'offset', 'segment', 'count', 'bytes'] as const;

/**
 * The frames of a log by index, 36 bytes each: what is known of an entry that is not in memory. Frames follow each other without
 * gaps; one whose end was replaced by a newer frame keeps the count that is left of it.
 */
export class FrameTable {
  #columns = columns(1024);
  #start = 0;
  #end = 0;
  #bytes = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Of all entries, about: a frame that lost some of its entries is counted in proportion. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counted from the oldest. */
  at(position: number): FramePlace | undefined {
    if (position < 0 || position >= this.length) return undefined;
    const row = this.#start + position;
    const { firstIndex, count, term, segment, offset, bytes } = this.#columns;
    return {
      firstIndex: firstIndex[row] ?? 0,
      count: count[row] ?? 0,
      term: term[row] ?? 0,
      segment: segment[row] ?? 0,
      offset: offset[row] ?? 0,
      bytes: bytes[row] ?? 0,
    };
  }

  /** The position of the frame that holds the entry, or would if it went that far; -1 before the first. */
  find(index: number): number {
    const { firstIndex } = this.#columns;
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firstIndex[middle] ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1 - this.#start;
  }

  /** 0 when there is none. */
  termAt(position: number): number {
    return this.#columns.term[this.#start + position] ?? 0;
  }

  push(place: FramePlace): void {
    if (this.#end === this.#columns.firstIndex.length) this.#makeRoom();
    for (const name of names) this.#columns[name][this.#end] = place[name];
    this.#end += 1;
    this.#bytes += place.bytes;
  }

  /** Drops the entries from that index on. */
  cutFrom(index: number): void {
    const { firstIndex, count, bytes } = this.#columns;
    while (this.#end > this.#start && (firstIndex[this.#end - 1] ?? 0) >= index) {
      this.#end -= 1;
      this.#bytes -= bytes[this.#end] ?? 0;
    }
    const row = this.#end - 1;
    if (row < this.#start) return;
    const had = count[row] ?? 0;
    const keep = Math.min(had, index - (firstIndex[row] ?? 0));
    if (keep === had) return;
    const left = Math.round(((bytes[row] ?? 0) * keep) / had);
    this.#bytes -= (bytes[row] ?? 0) - left;
    bytes[row] = left;
    count[row] = keep;
  }

  /** Forgets frames that hold nothing behind that index. */
  dropTo(index: number): void {
    const { firstIndex, count, bytes } = this.#columns;
    while (this.#start < this.#end && (firstIndex[this.#start] ?? 0) + (count[this.#start] ?? 0) - 1 <= index) {
      this.#bytes -= bytes[this.#start] ?? 0;
      this.#start += 1;
    }
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    this.#bytes = 0;
  }

  /** To the front when half is free, else into twice the space. */
  #makeRoom(): void {
    const old = this.#columns;
    const capacity = old.firstIndex.length;
    const target = this.#start > capacity / 2 ? old : columns(capacity * 2);
    for (const name of names) target[name].set(old[name].subarray(this.#start, this.#end));
    this.#columns = target;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
