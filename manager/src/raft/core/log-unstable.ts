import { assert } from '@tso/proto';
import type { Entry, Snapshot } from './messages.ts';
import { takeWithin } from './storage.ts';

/**
 * The end of the log that is not known to be durable: entries from `offset` on, perhaps behind a snapshot that was received and
 * is not stored yet. What was handed out in a Ready stays here until it is reported stored.
 */
export class UnstableTail {
  snapshot: Snapshot | undefined = undefined;
  private snapshotHandedOut = false;
  entries: Entry[] = [];
  /** Index of the first of `entries`. */
  offset: number;
  /** Entries below are handed out already. */
  private offsetHandedOut: number;

  constructor(offset: number) {
    this.offset = offset;
    this.offsetHandedOut = offset;
  }

  get inProgressOffset(): number {
    return this.offsetHandedOut;
  }

  lastIndex(): number | undefined {
    if (this.entries.length > 0) return this.offset + this.entries.length - 1;
    return this.snapshot?.index;
  }

  term(index: number): number | undefined {
    if (index < this.offset) return this.snapshot?.index === index ? this.snapshot.term : undefined;
    return this.entries[index - this.offset]?.term;
  }

  /** Entries `low <= index < high`, cut to the size, at least one. */
  slice(low: number, high: number, maxBytes: number): readonly Entry[] {
    assert(low >= this.offset && high <= this.offset + this.entries.length, `entries [${low}, ${high}) are not all in the unstable tail`);
    return takeWithin(this.entries, low - this.offset, high - this.offset, maxBytes);
  }

  /** Entries not handed out yet. */
  nextEntries(): readonly Entry[] {
    return this.entries.slice(this.offsetHandedOut - this.offset);
  }

  get hasNextEntries(): boolean {
    return this.offsetHandedOut < this.offset + this.entries.length;
  }

  nextSnapshot(): Snapshot | undefined {
    return this.snapshotHandedOut ? undefined : this.snapshot;
  }

  markHandedOut(): void {
    this.offsetHandedOut = this.offset + this.entries.length;
    this.snapshotHandedOut = this.snapshot !== undefined;
  }

  /** Entries up to index are durable, unless another leader has replaced them meanwhile: then the term differs. */
  stored(index: number, term: number): void {
    if (index < this.offset || this.entries[index - this.offset]?.term !== term) return;
    this.entries = index === this.offset + this.entries.length - 1 ? [] : this.entries.slice(index + 1 - this.offset);
    this.offset = index + 1;
    this.offsetHandedOut = Math.max(this.offsetHandedOut, this.offset);
  }

  snapshotStored(index: number): void {
    if (this.snapshot?.index !== index) return;
    this.snapshot = undefined;
    this.snapshotHandedOut = false;
  }

  restore(snapshot: Snapshot): void {
    this.offset = snapshot.index + 1;
    this.offsetHandedOut = this.offset;
    this.entries = [];
    this.snapshot = snapshot;
    this.snapshotHandedOut = false;
  }

  /** Puts entries at their place, dropping all from there on. Returns what that did to the tail, for the trace. */
  append(entries: readonly Entry[]): 'appended' | 'replaced' | 'truncated' {
    const from = entries[0]?.index ?? this.offset;
    const end = this.offset + this.entries.length;
    if (from === end) {
      for (const entry of entries) this.entries.push(entry);
      return 'appended';
    }
    if (from <= this.offset) {
      this.entries = [...entries];
      this.offset = from;
      this.offsetHandedOut = from;
      return 'replaced';
    }
    assert(from < end, `entry ${from} would leave a gap behind ${end - 1}`);
    this.entries = [...this.entries.slice(0, from - this.offset), ...entries];
    this.offsetHandedOut = Math.min(this.offsetHandedOut, from);
    return 'truncated';
  }
}
