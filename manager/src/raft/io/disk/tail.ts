import { decodeFrameHeader, type FrameHeader, frameBytes, frameHeaderBytes, frameMagic, isBodyWhole } from './frame.ts';

/** What a frame that cannot be read means. */
export type BadFrame = { readonly kind: 'torn'; readonly why: string } | { readonly kind: 'damaged'; readonly why: string };

/** What disks and their drivers write at once, at the least. */
const sectorBytes = 512;

/** Whether all of the bytes from `start` to `end` that lie in one sector of the file are zeros. */
const hasUnwrittenSector = (tail: Buffer, tailOffset: number, start: number, end: number): boolean => {
  for (let at = start; at < end; ) {
    const next = Math.min(end, at + sectorBytes - ((tailOffset + at) % sectorBytes));
    if (tail.subarray(at, next).every((byte) => byte === 0)) return true;
    at = next;
  }
  return false;
};

/** A whole frame that was written when everything up to and with the bad frame's first byte was durable. */
const laterWitness = (tail: Buffer, tailOffset: number): { readonly at: number; readonly header: FrameHeader } | undefined => {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(frameMagic, 0);
  for (let at = tail.indexOf(magic, 1); at !== -1; at = tail.indexOf(magic, at + 1)) {
    const header = (tailOffset + at) % 8 === 0 ? decodeFrameHeader(tail, at) : undefined;
    if (header !== undefined && header.durableBytes > tailOffset && isBodyWhole(tail, at, header)) return { at, header };
  }
  return undefined;
};

/**
 * Judges the frame that does not read at the start of `tail`, the rest of the log's last file from `tailOffset` on. Torn, that is
 * never acknowledged, is only what a crash leaves: a file that ends within the frame, or a sector that was not written and reads as
 * zeros (the rule of etcd's wal/decoder.go) - and even then not when a later frame knows that this one was durable: frames of one
 * write reach the disk in any order, but the next write begins when the one before it is durable.
 */
export const judgeBadFrame = (tail: Buffer, tailOffset: number): BadFrame => {
  const header = decodeFrameHeader(tail, 0);
  const end = header === undefined ? frameHeaderBytes : frameBytes(header);
  const what = header === undefined ? 'the header of a frame' : `the frame of entry ${header.firstIndex}`;
  const cut = tail.length < end;
  if (!cut && !hasUnwrittenSector(tail, tailOffset, 0, end)) {
    return { kind: 'damaged', why: `${what} is all there, but its checksum does not fit` };
  }
  const witness = laterWitness(tail, tailOffset);
  if (witness !== undefined) {
    const where = tailOffset + witness.at;
    return { kind: 'damaged', why: `${what} is unreadable, yet it was durable when the whole frame at byte ${where} was written` };
  }
  return { kind: 'torn', why: cut ? `the file ends within ${what}` : `a sector of ${what} was never written` };
};
