import { assert } from '@tso/proto';
import { UnstableTail } from './log-unstable.ts';
import { type Entry, noBytes, type Snapshot } from './messages.ts';
import type { Trace } from './options.ts';
import { entriesSize, type Missing, type StableStorage } from './storage.ts';

export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/**
 * The whole log: stable storage and the unstable tail behind it, seen as one. Invariants: applied <= applying <= committed <=
 * lastIndex, and an entry at or below `committed` never changes.
 */
export class RaftLog {
  committed: number;
  /** Handed out to be applied. */
  applying: number;
  applied: number;
  readonly unstable: UnstableTail;
  private applyingBytes = 0;
  private readonly storage: StableStorage;
  private readonly maxApplyingBytes: number;
  private readonly trace: Trace | undefined;
  private readonly appliesOnlyStored: boolean;

  constructor(storage: StableStorage, maxApplyingBytes: number, trace: Trace | undefined, appliesOnlyStored = false) {
    this.appliesOnlyStored = appliesOnlyStored;
    this.storage = storage;
    this.maxApplyingBytes = maxApplyingBytes;
    this.trace = trace;
    this.unstable = new UnstableTail(storage.lastIndex() + 1);
    this.committed = storage.firstIndex() - 1;
    this.applying = this.committed;
    this.applied = this.committed;
  }

  firstIndex(): number {
    return this.unstable.snapshot === undefined ? this.storage.firstIndex() : this.unstable.snapshot.index + 1;
  }

  lastIndex(): number {
    return this.unstable.lastIndex() ?? this.storage.lastIndex();
  }

  lastTerm(): number {
    return this.termOrZero(this.lastIndex());
  }

  last(): LogPosition {
    return { index: this.lastIndex(), term: this.lastTerm() };
  }

  term(index: number): number | Missing {
    const unstable = this.unstable.term(index);
    if (unstable !== undefined) return unstable;
    if (index + 1 < this.firstIndex()) return 'compacted';
    if (index > this.lastIndex()) return 'unavailable';
    return this.storage.term(index);
  }

  /** 0 where the term is not known: no entry has it, so nothing matches it by mistake. */
  termOrZero(index: number): number {
    const term = this.term(index);
    return typeof term === 'number' ? term : 0;
  }

  matches(position: LogPosition): boolean {
    return this.term(position.index) === position.term;
  }

  /** Whether a log that ends there holds at least what this one holds: the vote's condition (paper 5.4.1). */
  isUpToDate(other: LogPosition): boolean {
    const own = this.last();
    return other.term > own.term || (other.term === own.term && other.index >= own.index);
  }

  entries(from: number, maxBytes: number): readonly Entry[] | Missing {
    return from > this.lastIndex() ? [] : this.slice(from, this.lastIndex() + 1, maxBytes);
  }

  /** Entries `low <= index < high`, cut to the size, at least one. */
  slice(low: number, high: number, maxBytes: number): readonly Entry[] | Missing {
    assert(low <= high, `slice [${low}, ${high}) is upside down`);
    if (low < this.firstIndex()) return 'compacted';
    if (high > this.lastIndex() + 1) return 'unavailable';
    if (low === high) return [];
    if (low >= this.unstable.offset) return this.unstable.slice(low, high, maxBytes);
    const cut = Math.min(high, this.unstable.offset);
    const stable = this.storage.entries(low, cut, maxBytes);
    if (typeof stable === 'string' || stable.length < cut - low || cut === high) return stable;
    const size = entriesSize(stable);
    if (size >= maxBytes) return stable;
    const rest = this.unstable.slice(cut, high, maxBytes - size);
    return entriesSize(rest) + size > maxBytes ? stable : [...stable, ...rest];
  }

  /** Appends on the leader. Returns the last index. */
  append(entries: readonly Entry[]): number {
    const first = entries[0];
    if (first === undefined) return this.lastIndex();
    assert(first.index > this.committed, `entry ${first.index} would replace a committed one (committed up to ${this.committed})`);
    const how = this.unstable.append(entries);
    if (how === 'replaced') this.trace?.('info', () => `replace the unstable entries from index ${first.index}`);
    else if (how === 'truncated') this.trace?.('info', () => `truncate the unstable entries before index ${first.index}`);
    return this.lastIndex();
  }

  /** Appends on a follower what fits behind `previous`; undefined when the logs do not agree there (paper 5.3). */
  appendBehind(previous: LogPosition, entries: readonly Entry[], commit: number): number | undefined {
    if (!this.matches(previous)) return undefined;
    const last = previous.index + entries.length;
    const conflict = entries.find((entry) => !this.matches(entry));
    if (conflict !== undefined) {
      assert(conflict.index > this.committed, `entry ${conflict.index} conflict with committed entry [committed(${this.committed})]`);
      if (conflict.index <= this.lastIndex()) {
        const existing = this.termOrZero(conflict.index);
        this.trace?.(
          'info',
          () => `found conflict at index ${conflict.index} [existing term: ${existing}, conflicting term: ${conflict.term}]`,
        );
      }
      // Only from the conflict on: a late message with fewer entries must not cut off what came after it.
      this.append(entries.slice(conflict.index - previous.index - 1));
    }
    this.commitTo(Math.min(commit, last));
    return last;
  }

  /** The highest position at or below `index` whose term is at most `term`: where two logs may still agree. */
  lastNotAfter(index: number, term: number): LogPosition {
    for (let at = index; at > 0; at -= 1) {
      const own = this.term(at);
      if (typeof own !== 'number') return { index: at, term: 0 };
      if (own <= term) return { index: at, term: own };
    }
    return { index: 0, term: 0 };
  }

  commitTo(index: number): void {
    if (index <= this.committed) return;
    assert(
      index <= this.lastIndex(),
      `tocommit(${index}) is out of range [lastIndex(${this.lastIndex()})]: was the log corrupted, truncated, or lost?`,
    );
    this.committed = index;
  }

  /** Commits by counting, which proves something only for entries of the own term (paper 5.4.2, figure 8). */
  commitByCount(index: number, term: number): boolean {
    if (term === 0 || index <= this.committed || !Number.isFinite(index) || this.term(index) !== term) return false;
    this.commitTo(index);
    return true;
  }

  /** The log is durable up to there, unless another leader has replaced that meanwhile: then the term differs. */
  stored({ index, term }: LogPosition): void {
    const found = index < this.unstable.offset ? undefined : this.unstable.term(index);
    this.unstable.stored(index, term);
    if (found === undefined) this.trace?.('info', () => `entry at index ${index} missing from unstable log; ignoring`);
    else if (found !== term) {
      this.trace?.(
        'info',
        () => `entry at (index,term)=(${index},${term}) mismatched with entry at (${index},${found}) in unstable log; ignoring`,
      );
    }
  }

  get hasNextCommitted(): boolean {
    return this.unstable.snapshot === undefined && this.applying < this.appliable && this.applyingBytes < this.maxApplyingBytes;
  }

  /** Where entries are stored and applied side by side, only what is durable is applied: a crash may not lose what had effects. */
  private get appliable(): number {
    return this.appliesOnlyStored ? Math.min(this.committed, this.unstable.offset - 1) : this.committed;
  }

  /** Committed entries to apply next, within the size. None behind a snapshot that is not stored yet. */
  nextCommitted(): readonly Entry[] {
    if (!this.hasNextCommitted) return [];
    const entries = this.slice(this.applying + 1, this.appliable + 1, this.maxApplyingBytes - this.applyingBytes);
    assert(typeof entries !== 'string', `committed entries from ${this.applying + 1} on are ${String(entries)}`);
    return entries;
  }

  handOutCommitted(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.applying = last.index;
    this.applyingBytes += entriesSize(entries);
  }

  appliedTo(index: number, bytes: number): void {
    assert(
      index >= this.applied && index <= this.committed,
      `applied(${index}) is out of range [prevApplied(${this.applied}), committed(${this.committed})]`,
    );
    this.applied = index;
    this.applying = Math.max(this.applying, index);
    this.applyingBytes = Math.max(0, this.applyingBytes - bytes);
  }

  snapshot(): Snapshot | undefined {
    return this.unstable.snapshot ?? this.storage.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.trace?.(
      'info',
      () =>
        `log [committed=${this.committed}, applied=${this.applied}, applying=${this.applying}, unstable.offset=${this.unstable.offset}, ` +
        `unstable.offsetInProgress=${this.unstable.inProgressOffset}, len(unstable.Entries)=${this.unstable.entries.length}] ` +
        `starts to restore snapshot [index: ${snapshot.index}, term: ${snapshot.term}]`,
    );
    this.committed = snapshot.index;
    this.unstable.restore(snapshot);
  }
}

/** An entry that holds no command: it opens a leader's term. */
export const emptyEntry: Pick<Entry, 'type' | 'data'> = { type: 'EntryNormal', data: noBytes };
