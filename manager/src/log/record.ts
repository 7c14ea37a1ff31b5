import { crc32 } from 'node:zlib';

/**
 * One log entry on disk, little endian: payload length u32, CRC-32 u32 of all that follows, index u64, durable index u64, payload.
 * `durableIndex` is the last index known to be on disk when this record was written: it tells a group that was torn by a crash
 * (never acknowledged, may be cut) from damage to what was acknowledged (must not be).
 */
export interface LogRecord {
  readonly index: number;
  readonly durableIndex: number;
  readonly payload: Uint8Array;
}

export const recordHeaderBytes = 24;
export const maxPayloadBytes = 48 * 1024 * 1024;

export const encodeRecord = (record: LogRecord): Buffer => {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + record.payload.length);
  bytes.writeUInt32LE(record.payload.length, 0);
  bytes.writeBigUInt64LE(BigInt(record.index), 8);
  bytes.writeBigUInt64LE(BigInt(record.durableIndex), 16);
  bytes.set(record.payload, recordHeaderBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
};

/** The whole record that starts at the offset, or undefined when there is none. The payload shares the bytes. */
export const readRecord = (bytes: Buffer, offset: number): LogRecord | undefined => {
  if (offset + recordHeaderBytes > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset);
  const end = offset + recordHeaderBytes + length;
  if (length > maxPayloadBytes || end > bytes.length) return undefined;
  if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4)) return undefined;
  return {
    index: Number(bytes.readBigUInt64LE(offset + 8)),
    durableIndex: Number(bytes.readBigUInt64LE(offset + 16)),
    payload: bytes.subarray(offset + recordHeaderBytes, end),
  };
};

/** How a run of records ends: cleanly, in a tail that a crash tore, or in damage to what was once durable. */
export type Tail =
  | { readonly kind: 'clean' }
  | { readonly kind: 'torn'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly why: string };

export interface Scan {
  readonly records: readonly LogRecord[];
  readonly tail: Tail;
}

/** Reads records of rising index from the offset on. `firstIndex` is what the first one must have. */
export const scanRecords = (bytes: Buffer, startOffset: number, firstIndex: number): Scan => {
  const records: LogRecord[] = [];
  let offset = startOffset;
  let expected = firstIndex;
  while (offset < bytes.length) {
    const record = readRecord(bytes, offset);
    if (record === undefined) return { records, tail: tailOf(bytes, offset, expected) };
    if (record.index !== expected) {
      return { records, tail: { kind: 'damaged', offset, why: `entry ${record.index} stands where entry ${expected} belongs` } };
    }
    records.push(record);
    offset += recordHeaderBytes + record.payload.length;
    expected++;
  }
  return { records, tail: { kind: 'clean' } };
};

/** A later record which knew the missing entry to be durable proves that the entry was there. */
const tailOf = (bytes: Buffer, offset: number, missing: number): Tail => {
  for (let at = offset + 1; at + recordHeaderBytes <= bytes.length; at++) {
    const index = bytes.readBigUInt64LE(at + 8);
    const durable = bytes.readBigUInt64LE(at + 16);
    // The two numbers are looked at first: a checksum at every offset would take long.
    if (index < BigInt(missing) || durable < BigInt(missing) || durable >= index) continue;
    if (readRecord(bytes, at) !== undefined) {
      return { kind: 'damaged', offset, why: `entry ${missing} is unreadable, yet entry ${index} after it is whole` };
    }
  }
  return { kind: 'torn', offset };
};
