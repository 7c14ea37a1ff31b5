import { assert } from '@tso/proto';
import { type Entry, entriesSize, entrySize, type HardState, type Missing } from '../../core/index.ts';
import { draftFrames } from './drafts.ts';
import { draftBytes, type FrameDraft } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import type { LogPosition } from './layout.ts';
import type { LogIndex } from './log-index.ts';
import { type Manifest, writeManifest } from './manifest.ts';
import { RecentEntries } from './recent-entries.ts';
import { type Room, Segment } from './segment.ts';

export interface WriteAheadLogOptions {
  /** A segment that has that many bytes gets no more. */
  readonly segmentBytes: number;
  /** Of the newest entries, kept in memory. */
  readonly cacheBytes: number;
}

/** What recovery found. */
export interface LogState {
  readonly manifest: Manifest;
  readonly index: LogIndex;
  readonly hardState: HardState;
  /** All of the manifest, by sequence number. */
  readonly segments: ReadonlyMap<number, Segment>;
}

/** One write to the disk takes frames of about that many bytes: sealing them holds the event loop for two milliseconds. */
const maxWriteBytes = 2 * 1024 * 1024;

/** The entries and the hard state of a member, in segments. Changes come one at a time; reads are answered at once, between them too. */
export class WriteAheadLog {
  readonly #room: Room;
  readonly #options: WriteAheadLogOptions;
  readonly #segments: Map<number, Segment>;
  readonly #index: LogIndex;
  readonly #recent: RecentEntries;
  readonly #reader = new FrameReader();
  #manifest: Manifest;
  #current: Segment | undefined;
  #hardState: HardState;
  /** Whether the hard state is newer than the one on disk. */
  #buffered = false;

  constructor(room: Room, options: WriteAheadLogOptions, state: LogState) {
    this.#room = room;
    this.#options = options;
    this.#segments = new Map(state.segments);
    this.#index = state.index;
    this.#recent = new RecentEntries(options.cacheBytes, state.index.last.index + 1);
    this.#manifest = state.manifest;
    this.#hardState = state.hardState;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get base(): LogPosition {
    return this.#index.base;
  }

  get last(): LogPosition {
    return this.#index.last;
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  /** Ids of the keys its files are sealed under. */
  get keyIds(): readonly number[] {
    return [...this.#segments.values()].map(({ keyId }) => keyId);
  }

  term(index: number): number | Missing {
    return this.#index.term(index);
  }

  /** As `StableStorage.entries`. DATA_LOSS: a file is not any more what it was when it was opened. */
  entries(low: number, high: number, maxBytes: number): readonly Entry[] | Missing {
    if (low <= this.base.index) return 'compacted';
    if (high > this.last.index + 1) return 'unavailable';
    if (low >= this.#recent.first) return this.#recent.take(low, high, maxBytes);
    const found: Entry[] = [];
    let size = 0;
    for (let next = low; next < high && next < this.#recent.first; ) {
      for (const entry of this.#readBack(next, high)) {
        size += entrySize(entry);
        if (size > maxBytes && found.length > 0) return found;
        found.push(entry);
        next += 1;
      }
    }
    const rest = low + found.length < high ? this.#recent.take(low + found.length, high, maxBytes - size) : [];
    // A first entry that is too large is given all the same, but here it is not the first.
    return size + entriesSize(rest) > maxBytes ? found : [...found, ...rest];
  }

  /** Takes a hard state that need not be durable yet: it goes with the next write. */
  buffer(hardState: HardState): void {
    this.#hardState = hardState;
    this.#buffered = true;
  }

  /** Durable when it resolves. Entries replace those that are there from the first of them on. */
  async append(entries: readonly Entry[], hardState: HardState): Promise<void> {
    const fresh = (entries[0]?.index ?? 0) > this.base.index ? entries : entries.filter(({ index }) => index > this.base.index);
    const first = fresh[0];
    assert(first === undefined || first.index <= this.last.index + 1, `entry ${first?.index} would leave a gap behind ${this.last.index}`);
    const previous = first === undefined ? this.last : { index: first.index - 1, term: this.#termOf(first.index - 1) };
    let group: FrameDraft[] = [];
    let bytes = 0;
    for (const draft of draftFrames(fresh, hardState, previous)) {
      if (group.length > 0 && bytes + draftBytes(draft) > maxWriteBytes) {
        await this.#write(group);
        group = [];
        bytes = 0;
      }
      group.push(draft);
      bytes += draftBytes(draft);
    }
    await this.#write(group);
    this.#hardState = hardState;
    this.#buffered = false;
  }

  /** Writes what was buffered. */
  async flush(): Promise<void> {
    if (this.#buffered) await this.append([], this.#hardState);
  }

  /** The log begins anew behind the position; all that was in it is gone. Durable when it resolves. */
  async restart(base: LogPosition, hardState: HardState): Promise<void> {
    const sequence = this.#manifest.lastSegment + 1;
    const segment = await Segment.create(this.#room, sequence, { previous: base, hardState });
    const dropped = [...this.#segments.values()];
    this.#segments.set(sequence, segment);
    // From here on the old segments are not part of the log.
    await this.#become({ ...this.#manifest, firstSegment: sequence, lastSegment: sequence });
    this.#current = segment;
    this.#hardState = hardState;
    this.#buffered = false;
    this.#index.restart(base);
    this.#recent.restart(base.index + 1);
    this.#reader.forget();
    await this.#remove(dropped);
  }

  /** Forgets entries up to and with the index, and removes segments that hold no others. */
  async compact(index: number): Promise<void> {
    assert(index <= this.last.index, `cannot compact up to ${index}: the log ends at ${this.last.index}`);
    if (index <= this.base.index) return;
    this.#index.compact({ index, term: this.#termOf(index) });
    this.#recent.dropTo(index);
    const firstSegment = this.#index.oldestSegment ?? this.#manifest.lastSegment;
    if (firstSegment === this.#manifest.firstSegment) return;
    await this.#become({ ...this.#manifest, firstSegment });
    await this.#remove([...this.#segments.values()].filter(({ sequence }) => sequence < firstSegment));
  }

  async close(): Promise<void> {
    for (const { file } of this.#segments.values()) await file.close();
    this.#segments.clear();
    this.#reader.forget();
  }

  #termOf(index: number): number {
    const term = this.term(index);
    assert(typeof term === 'number', `the term of entry ${index} is known`);
    return term;
  }

  /** Entries from `next` on of the frame that holds it, before `high`. */
  #readBack(next: number, high: number): readonly Entry[] {
    const place = this.#index.frameOf(next);
    const segment = this.#segments.get(place.segment);
    assert(segment !== undefined, `segment ${place.segment} is open`);
    const end = Math.min(place.count, high - place.firstIndex, this.#recent.first - place.firstIndex);
    return this.#reader.read(segment, place).slice(next - place.firstIndex, end);
  }

  async #write(drafts: readonly FrameDraft[]): Promise<void> {
    const segment = await this.#writable();
    const offsets = await segment.append(drafts);
    for (const [at, { firstIndex, term, entries, bytes }] of drafts.entries()) {
      if (entries.length === 0) continue;
      const offset = offsets[at] ?? 0;
      this.#index.add({ firstIndex, term, count: entries.length, segment: segment.sequence, offset, bytes });
      this.#recent.append(entries);
    }
  }

  async #writable(): Promise<Segment> {
    const current = this.#current;
    const isFit = current !== undefined && current.bytes < this.#options.segmentBytes && current.keyId === this.#room.owner.keys.current;
    if (isFit) return current;
    const sequence = this.#manifest.lastSegment + 1;
    const segment = await Segment.create(this.#room, sequence, { previous: this.last, hardState: this.#hardState });
    this.#segments.set(sequence, segment);
    await this.#become({ ...this.#manifest, lastSegment: sequence });
    this.#current = segment;
    return segment;
  }

  async #become(manifest: Manifest): Promise<void> {
    await writeManifest(this.#room.files, this.#room.layout, manifest);
    this.#manifest = manifest;
  }

  async #remove(segments: readonly Segment[]): Promise<void> {
    for (const { sequence, file, path } of segments) {
      this.#segments.delete(sequence);
      await file.close();
      await this.#room.files.remove(path);
    }
  }
}
