import { crc32 } from 'node:zlib';

/**
 * The bytes of a simulated log: frames of length, check of the length, CRC32 of the contents, contents, and one byte that is never
 * zero. A crash leaves any number of the bytes that were not synced, or zeros in their place; a bit may flip anywhere. The last byte
 * tells the two apart: only a frame that the crash cut ends in a zero, or not at all.
 */
const headerBytes = 12;
const endMark = 0xa5;

export const frameOf = (contents: Uint8Array): Buffer => {
  const frame = Buffer.alloc(headerBytes + contents.length + 1);
  frame.writeUInt32LE(contents.length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(0, 4)), 4);
  frame.writeUInt32LE(crc32(contents), 8);
  frame.set(contents, headerBytes);
  frame[frame.length - 1] = endMark;
  return frame;
};

const onlyZeros = (bytes: Buffer, from: number): boolean => bytes.subarray(from).every((byte) => byte === 0);

export type ReadLog =
  | { readonly kind: 'whole' | 'torn'; readonly frames: readonly Buffer[] }
  | { readonly kind: 'damaged'; readonly at: number };

/** The frames of a file; a torn end is left out, anything else that is wrong makes it `damaged`. `trusting` looks at no check (a mutant). */
export const readLog = (bytes: Buffer, trusting: boolean): ReadLog => {
  const frames: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + headerBytes > bytes.length) return { kind: 'torn', frames };
    const length = bytes.readUInt32LE(at);
    if (!trusting && bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at, at + 4)))
      return onlyZeros(bytes, at + headerBytes) ? { kind: 'torn', frames } : { kind: 'damaged', at };
    const end = at + headerBytes + length + 1;
    if (end > bytes.length) return { kind: 'torn', frames };
    const contents = bytes.subarray(at + headerBytes, end - 1);
    if (!trusting && (bytes[end - 1] !== endMark || bytes.readUInt32LE(at + 8) !== crc32(contents)))
      return onlyZeros(bytes, end - 1) ? { kind: 'torn', frames } : { kind: 'damaged', at };
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return { kind: 'whole', frames };
};

export const contentsOf = (frame: Buffer): Buffer => frame.subarray(headerBytes, -1);
