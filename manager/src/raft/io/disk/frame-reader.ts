import type { Entry } from '../../core/index.ts';
import { dataLoss } from './failures.ts';
import { decodeFrameHeader, frameBytes, frameHeaderBytes, isBodyWhole, openFrame, plainBytes } from './frame.ts';
import type { FramePlace } from './frame-table.ts';
import type { Segment } from './segment.ts';

/** What one read takes from the file: small frames that follow each other cost one together. */
const windowBytes = 512 * 1024;
/** Of entries that were unsealed and are kept. */
const maxKeptBytes = 4 * 1024 * 1024;

const idOf = (segment: Segment, offset: number): number => segment.sequence * 0x1_0000_0000 + offset;

/** Reads frames back, at once: for followers that are behind what is in memory, and after a restart. */
export class FrameReader {
  readonly #kept = new Map<number, { readonly entries: readonly Entry[]; readonly bytes: number }>();
  #keptBytes = 0;
  /** Read into again and again: what is unsealed from it is a copy. */
  #buffer = Buffer.alloc(0);
  #window: { readonly sequence: number; readonly start: number; readonly bytes: Buffer } | undefined;

  /** All entries the frame was written with. DATA_LOSS: it is not what was written. */
  read(segment: Segment, place: FramePlace): readonly Entry[] {
    const id = idOf(segment, place.offset);
    const known = this.#kept.get(id);
    if (known !== undefined) return known.entries;
    const entries = this.#unseal(segment, place);
    this.#keep(id, entries);
    return entries;
  }

  forget(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#window = undefined;
    this.#buffer = Buffer.alloc(0);
  }

  #unseal(segment: Segment, { offset, firstIndex, term, count }: FramePlace): readonly Entry[] {
    const header = decodeFrameHeader(this.#bytesAt(segment, offset, frameHeaderBytes), 0);
    if (header === undefined || header.firstIndex !== firstIndex || header.term !== term || header.count < count) {
      throw dataLoss(segment.path, offset, `the frame of entry ${firstIndex} is not there any more`);
    }
    const bytes = this.#bytesAt(segment, offset, frameBytes(header));
    if (!isBodyWhole(bytes, 0, header))
      throw dataLoss(segment.path, offset, `the checksum of the frame of entry ${firstIndex} does not fit`);
    const entries = openFrame(bytes, header, segment.key);
    if (entries === undefined) throw dataLoss(segment.path, offset, `the seal of the frame of entry ${firstIndex} is broken`);
    return entries;
  }

  /** Fewer than asked for at the end of the file. */
  #bytesAt(segment: Segment, offset: number, length: number): Buffer {
    const window = this.#window;
    const from = offset - (window?.start ?? 0);
    if (window?.sequence === segment.sequence && from >= 0 && from + length <= window.bytes.length) {
      return window.bytes.subarray(from, from + length);
    }
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafe(Math.max(length, windowBytes));
    const read = this.#buffer.subarray(0, segment.file.readSync(this.#buffer, offset));
    this.#window = { sequence: segment.sequence, start: offset, bytes: read };
    return read.subarray(0, length);
  }

  #keep(id: number, entries: readonly Entry[]): void {
    const bytes = plainBytes(entries);
    this.#kept.set(id, { entries, bytes });
    this.#keptBytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#keptBytes <= maxKeptBytes || oldest === id) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= freed;
    }
  }
}
