import type { ConfState, Entry, HardState, Snapshot } from './messages.ts';

/** Why an index has no answer: `compacted` away into a snapshot, or `unavailable` because it is past the end. */
export type Missing = 'compacted' | 'unavailable';

/**
 * What is durable, read synchronously by the core and written only by whoever handles its Ready. An edge keeps in memory what
 * the core may ask for. `memory-storage.ts` is the whole contract in the small.
 */
export interface StableStorage {
  /** What the node starts from; read once. */
  initialState(): { readonly hardState: HardState; readonly confState: ConfState };
  /** First index that `entries` may give; the index of the last snapshot plus one when there are none. */
  firstIndex(): number;
  lastIndex(): number;
  /** Known from `firstIndex() - 1` to `lastIndex()`. */
  term(index: number): number | Missing;
  /** Entries `low <= index < high`, cut so that their size (entrySize) stays within `maxBytes`, but never fewer than one. */
  entries(low: number, high: number, maxBytes: number): readonly Entry[] | Missing;
  /** The newest snapshot, or undefined while one is being made: the leader asks again later. */
  snapshot(): Snapshot | undefined;
}

const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
};

/** Bytes of an entry as protobuf would encode it: limits in bytes then mean the same as elsewhere in the field. */
export const entrySize = (entry: Entry): number =>
  4 +
  varintSize(entry.term) +
  varintSize(entry.index) +
  (entry.data.length === 0 ? 0 : 1 + varintSize(entry.data.length) + entry.data.length);

export const entriesSize = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + entrySize(entry), 0);

/** Bytes of the commands alone: an entry that only opens a term counts nothing. */
export const payloadSize = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + entry.data.length, 0);

/**
 * Elements `from` to `to` of the list, cut to the size, but never fewer than one. Looks at no more than it gives: a follower that
 * is a million entries behind asks for them a message at a time.
 */
export const takeWithin = (list: readonly Entry[], from: number, to: number, maxBytes: number): readonly Entry[] => {
  let size = 0;
  let end = from;
  while (end < to) {
    const entry = list[end];
    if (entry === undefined) break;
    size += entrySize(entry);
    if (size > maxBytes && end > from) break;
    end += 1;
  }
  return list.slice(from, end);
};
