import { dataLoss } from './failures.ts';
import { decodeFrameHeader, type FrameHeader, frameBytes, frameHeaderBytes, isBodyWhole, openFrame } from './frame.ts';
import type { Segment } from './segment.ts';
import { judgeBadFrame } from './tail.ts';

/** Read at once: some three milliseconds of checksums until others have their turn. */
const blockBytes = 2 * 1024 * 1024;

/** How the readable part of a segment ends. */
export interface ScanEnd {
  /** Offset behind the last whole frame. */
  readonly end: number;
  /** What follows it and was never acknowledged, when a crash left something. */
  readonly torn: { readonly bytes: Buffer; readonly why: string } | undefined;
}

/** Pieces of a file, read in blocks. */
class BlockReader {
  readonly #segment: Segment;
  #block: Buffer;
  #start = 0;
  #length = 0;

  constructor(segment: Segment, size: number) {
    this.#segment = segment;
    this.#block = Buffer.allocUnsafe(Math.min(blockBytes, size));
  }

  /** Whether `at` has them; otherwise they are to be loaded first. */
  has(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#length;
  }

  /** Fewer bytes than asked for only at the end of the file. */
  at(offset: number, length: number): Buffer {
    const from = offset - this.#start;
    return this.#block.subarray(from, Math.min(from + length, this.#length));
  }

  async load(offset: number, length: number): Promise<void> {
    if (length > this.#block.length) this.#block = Buffer.allocUnsafe(length);
    this.#start = offset;
    this.#length = await this.#segment.file.read(this.#block, offset);
  }
}

/**
 * Calls with each frame of the segment, in order, without unsealing any but the last: checksums find what the disk did, and the
 * seal of the last one proves the hard state. DATA_LOSS: damaged, or torn although a later segment follows.
 */
export const scanSegment = async (
  segment: Segment,
  isLast: boolean,
  onFrame: (header: FrameHeader, offset: number) => void,
): Promise<ScanEnd> => {
  const { file, path } = segment;
  const size = await file.size();
  const reader = new BlockReader(segment, size);
  let offset = segment.bytes;
  let last: { readonly header: FrameHeader; readonly offset: number } | undefined;
  let number = 1;
  while (offset < size) {
    if (!reader.has(offset, frameHeaderBytes)) await reader.load(offset, frameHeaderBytes);
    const header = decodeFrameHeader(reader.at(offset, frameHeaderBytes), 0);
    if (header === undefined || offset + frameBytes(header) > size) break;
    if (!reader.has(offset, frameBytes(header))) await reader.load(offset, frameBytes(header));
    if (!isBodyWhole(reader.at(offset, frameBytes(header)), 0, header)) break;
    if (header.number !== number) throw dataLoss(path, offset, `frame ${header.number} stands where frame ${number} belongs`);
    onFrame(header, offset);
    last = { header, offset };
    number += 1;
    offset += frameBytes(header);
  }
  if (last !== undefined) {
    await reader.load(last.offset, frameBytes(last.header));
    if (openFrame(reader.at(last.offset, frameBytes(last.header)), last.header, segment.key) === undefined) {
      throw dataLoss(path, last.offset, 'the seal of its last frame is broken');
    }
  }
  return { end: offset, torn: offset < size ? await tornTail(segment, offset, size, isLast) : undefined };
};

const tornTail = async ({ file, path }: Segment, offset: number, size: number, isLast: boolean): Promise<ScanEnd['torn']> => {
  const whole = Buffer.allocUnsafe(size - offset);
  const bytes = whole.subarray(0, await file.read(whole, offset));
  const { kind, why } = judgeBadFrame(bytes, offset);
  if (kind === 'damaged') throw dataLoss(path, offset, why);
  if (!isLast) throw dataLoss(path, offset, `${why}, and a later segment follows`);
  return { bytes, why };
};
