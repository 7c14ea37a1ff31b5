import { assert } from '@tso/proto';
import { type ConfState, type Entry, emptyConfState, emptyHardState, type HardState, noBytes, type Snapshot } from './messages.ts';
import { type Missing, type StableStorage, takeWithin } from './storage.ts';

/** Stable storage in memory: for tests, scenarios and simulations, and the part of a durable one that answers the core. */
export class MemoryStorage implements StableStorage {
  hardState: HardState = emptyHardState;
  private confState: ConfState = emptyConfState;
  private newest: Snapshot = { index: 0, term: 0, confState: emptyConfState, data: noBytes };
  private readonly log: Entry[] = [];
  /** Position before the first of `log`. */
  private base = { index: 0, term: 0 };

  initialState(): { readonly hardState: HardState; readonly confState: ConfState } {
    return { hardState: this.hardState, confState: this.confState };
  }

  firstIndex(): number {
    return this.base.index + 1;
  }

  lastIndex(): number {
    return this.base.index + this.log.length;
  }

  term(index: number): number | Missing {
    if (index < this.base.index) return 'compacted';
    if (index === this.base.index) return this.base.term;
    return this.log[index - this.base.index - 1]?.term ?? 'unavailable';
  }

  entries(low: number, high: number, maxBytes: number): readonly Entry[] | Missing {
    if (low <= this.base.index) return 'compacted';
    if (high > this.lastIndex() + 1) return 'unavailable';
    return takeWithin(this.log, low - this.base.index - 1, high - this.base.index - 1, maxBytes);
  }

  snapshot(): Snapshot | undefined {
    return this.newest;
  }

  /** Stores entries, replacing from the first of them on. */
  append(entries: readonly Entry[]): void {
    const fresh = entries.filter((entry) => entry.index > this.base.index);
    const first = fresh[0];
    if (first === undefined) return;
    assert(first.index <= this.lastIndex() + 1, `entry ${first.index} would leave a gap behind ${this.lastIndex()}`);
    this.log.length = first.index - this.base.index - 1;
    for (const entry of fresh) this.log.push(entry);
  }

  /** Replaces the whole log by a snapshot; an older one than there is changes nothing and returns false. */
  applySnapshot(snapshot: Snapshot): boolean {
    if (snapshot.index <= this.newest.index && this.newest.index > 0) return false;
    this.newest = snapshot;
    this.confState = snapshot.confState;
    this.base = { index: snapshot.index, term: snapshot.term };
    this.log.length = 0;
    return true;
  }

  /** Keeps a snapshot that this node made of its own state; the log stays. */
  saveSnapshot(snapshot: Snapshot): void {
    this.newest = snapshot;
    this.confState = snapshot.confState;
  }

  /** Drops entries up to and with the index. */
  compact(index: number): void {
    assert(index <= this.lastIndex(), `cannot compact up to ${index}: the log ends at ${this.lastIndex()}`);
    const term = this.term(index);
    if (typeof term !== 'number' || index <= this.base.index) return;
    this.log.splice(0, index - this.base.index);
    this.base = { index, term };
  }
}
