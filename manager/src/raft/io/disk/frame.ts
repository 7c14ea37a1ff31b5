import type { KeyObject } from 'node:crypto';
import { assert } from '@tso/proto';
import { type Entry, entryTypes, type HardState } from '../../core/index.ts';
import { checksum, getU64, padded, padding, putU64 } from './numbers.ts';
import { sealInto, tagBytes, unseal } from './seal.ts';

/**
 * A frame is what is sealed as one: entries of one term that follow each other, or none. Its header is in the clear, so that a log
 * is opened without unsealing it; both have checksums, and the tag covers both. Little endian:
 *
 *  0 magic u32          4 CRC32C u32 of 8..80    8 CRC32C u32 of the body with its padding    12 body length u32
 * 16 frame number u32  20 durable bytes u32     24 entries u32    28 reserved u32             32 first index u64
 * 40 term u64          48 previous term u64     56 hard state: term u64, vote u64, commit u64
 *
 * The body is sealed; in it, for each entry: data length u32, type u8, three bytes of zero, data. It is padded to a multiple of eight.
 * Each frame repeats the hard state, so that the newest frame has the newest one and older segments can go.
 */
export interface FrameHeader {
  /** Of the sealed entries, without padding. */
  readonly bodyBytes: number;
  /** Counts from 1 in each segment. */
  readonly number: number;
  /** Everything before this offset of the segment was durable when the frame was written. */
  readonly durableBytes: number;
  /** How many entries. */
  readonly count: number;
  /** Of the first entry; of the one that comes next when there are none. */
  readonly firstIndex: number;
  /** Of all its entries; 0 when there are none. */
  readonly term: number;
  /** Of the entry before the first. */
  readonly previousTerm: number;
  readonly hardState: HardState;
}

export const frameHeaderBytes = 80;
const entryHeaderBytes = 8;
/** No zero byte in it: a sector of zeros is one that was not written. */
export const frameMagic = 0x4d52_4654;
const associatedStart = 12;

/** The whole frame in the file. */
export const frameBytes = (header: FrameHeader): number => frameHeaderBytes + padded(header.bodyBytes);

/** Of the entry within a frame, before sealing. */
export const storedBytes = (entry: Entry): number => entryHeaderBytes + entry.data.length;

export const plainBytes = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + storedBytes(entry), 0);

const typeNumbers = new Map(entryTypes.map((type, number) => [type, number]));

/** What entries are laid out in before they are sealed, used again for each frame. */
let scratch = Buffer.alloc(0);

/** Shares the scratch: to be sealed before the next call. */
const encodeEntries = (entries: readonly Entry[], bytes: number): Buffer => {
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes);
  const plain = scratch.subarray(0, bytes);
  let at = 0;
  for (const { type, data } of entries) {
    plain.writeUInt32LE(data.length, at);
    plain.writeUInt32LE(typeNumbers.get(type) ?? 0, at + 4);
    plain.set(data, at + entryHeaderBytes);
    at += entryHeaderBytes + data.length;
  }
  return plain;
};

/** What a frame says of itself before its place in the file is known. */
export interface FrameDraft extends Omit<FrameHeader, 'bodyBytes' | 'number' | 'durableBytes' | 'count'> {
  readonly entries: readonly Entry[];
  /** Of them, `plainBytes`. */
  readonly bytes: number;
}

/** Bytes the draft takes in the file. */
export const draftBytes = (draft: FrameDraft): number => frameHeaderBytes + padded(draft.bytes + tagBytes);

/** Writes the frame into the target; its length is `draftBytes`. */
export const encodeFrame = (
  target: Buffer,
  offset: number,
  key: KeyObject,
  draft: FrameDraft,
  place: Pick<FrameHeader, 'number' | 'durableBytes'>,
): void => {
  const plain = encodeEntries(draft.entries, draft.bytes);
  const bodyBytes = plain.length + tagBytes;
  const header = target.subarray(offset, offset + frameHeaderBytes);
  header.writeUInt32LE(frameMagic, 0);
  header.writeUInt32LE(bodyBytes, 12);
  header.writeUInt32LE(place.number, 16);
  header.writeUInt32LE(place.durableBytes, 20);
  header.writeUInt32LE(draft.entries.length, 24);
  header.writeUInt32LE(0, 28);
  putU64(header, draft.firstIndex, 32);
  putU64(header, draft.term, 40);
  putU64(header, draft.previousTerm, 48);
  putU64(header, draft.hardState.term, 56);
  putU64(header, draft.hardState.vote, 64);
  putU64(header, draft.hardState.commit, 72);
  const body = target.subarray(offset + frameHeaderBytes, offset + frameHeaderBytes + padded(bodyBytes));
  sealInto(body, 0, key, place.number, header.subarray(associatedStart), plain);
  body.fill(padding, bodyBytes);
  header.writeUInt32LE(checksum(body), 8);
  header.writeUInt32LE(checksum(header.subarray(8)), 4);
};

/** The header at the offset, or undefined when there is none whose checksum fits. */
export const decodeFrameHeader = (bytes: Buffer, offset: number): FrameHeader | undefined => {
  if (offset + frameHeaderBytes > bytes.length || bytes.readUInt32LE(offset) !== frameMagic) return undefined;
  if (checksum(bytes.subarray(offset + 8, offset + frameHeaderBytes)) !== bytes.readUInt32LE(offset + 4)) return undefined;
  return {
    bodyBytes: bytes.readUInt32LE(offset + 12),
    number: bytes.readUInt32LE(offset + 16),
    durableBytes: bytes.readUInt32LE(offset + 20),
    count: bytes.readUInt32LE(offset + 24),
    firstIndex: getU64(bytes, offset + 32),
    term: getU64(bytes, offset + 40),
    previousTerm: getU64(bytes, offset + 48),
    hardState: { term: getU64(bytes, offset + 56), vote: getU64(bytes, offset + 64), commit: getU64(bytes, offset + 72) },
  };
};

/** Whether the body that belongs to the header at the offset is all there and its checksum fits. */
export const isBodyWhole = (bytes: Buffer, offset: number, header: FrameHeader): boolean => {
  const end = offset + frameBytes(header);
  return end <= bytes.length && checksum(bytes.subarray(offset + frameHeaderBytes, end)) === bytes.readUInt32LE(offset + 8);
};

/** The entries of the frame whose bytes these are, header included; undefined when its seal is broken. Their data share memory. */
export const openFrame = (frame: Buffer, header: FrameHeader, key: KeyObject): readonly Entry[] | undefined => {
  const sealed = frame.subarray(frameHeaderBytes, frameHeaderBytes + header.bodyBytes);
  const plain = unseal(key, header.number, frame.subarray(associatedStart, frameHeaderBytes), sealed);
  return plain === undefined ? undefined : decodeEntries(plain, header);
};

const decodeEntries = (plain: Buffer, { firstIndex, term, count }: FrameHeader): readonly Entry[] => {
  const entries: Entry[] = [];
  let at = 0;
  while (entries.length < count) {
    const length = plain.readUInt32LE(at);
    const type = entryTypes[plain.readUInt32LE(at + 4)];
    assert(type !== undefined, 'the type of a sealed entry is one we wrote');
    const data = plain.subarray(at + entryHeaderBytes, at + entryHeaderBytes + length);
    entries.push({ type, term, index: firstIndex + entries.length, data });
    at += entryHeaderBytes + length;
  }
  return entries;
};
