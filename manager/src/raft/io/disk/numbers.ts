import crc32c from 'crc-32/crc32c.js';

/** CRC32C (RFC 3720, appendix B.4), unsigned. */
export const checksum = (bytes: Uint8Array): number => crc32c.buf(bytes) >>> 0;

/** A safe integer as 64 bits, little endian; without BigInt, which would cost an allocation for each. */
export const putU64 = (bytes: Buffer, value: number, offset: number): void => {
  bytes.writeUInt32LE(value % 0x1_0000_0000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), offset + 4);
};

export const getU64 = (bytes: Buffer, offset: number): number =>
  bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + bytes.readUInt32LE(offset);

/** The next multiple of eight: all that is written begins at one, so that no sector holds but a few bytes of it (tail.ts). */
export const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** What fills up to `padded`: not zeros, which mean a sector that was never written. */
export const padding = 0xff;
