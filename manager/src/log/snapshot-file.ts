import { readFile, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decode, encode, type StoreSnapshot } from '@tso/proto';
import { piecesOf, SnapshotBuilder } from '../store/snapshot.ts';
import type { Tables } from '../store/tables.ts';
import { dataLoss, type IndexedFiles, writeDurably } from './files.ts';

/** Little endian: magic, index u64, then chunks of length u32, CRC-32 u32, bytes; a chunk of length 0 is the end. */
const magic = Buffer.from('TSOSNP1\n', 'latin1');
const headerBytes = magic.length + 8;
const frame = (bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(bytes.length, 0);
  head.writeUInt32LE(crc32(bytes), 4);
  return Buffer.concat([head, bytes]);
};

const encodeSnapshot = async function* (snapshot: StoreSnapshot): AsyncIterable<Uint8Array> {
  const head = Buffer.alloc(headerBytes);
  magic.copy(head);
  head.writeBigUInt64LE(BigInt(snapshot.index), magic.length);
  yield head;
  for (const piece of piecesOf(snapshot).pieces) yield frame(encode('StoreSnapshot', piece));
  yield frame(Buffer.alloc(0));
};

/** Durable once resolved; returns its size in bytes. */
export const writeSnapshot = async (files: IndexedFiles, snapshot: StoreSnapshot): Promise<number> => {
  let size = 0;
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const chunk of encodeSnapshot(snapshot)) {
      size += chunk.length;
      yield chunk;
    }
  };
  await writeDurably(files.pathOf(snapshot.index), counted());
  return size;
};

/** The tables it is of. DATA_LOSS: not whole. It was renamed into place only when whole, so this is damage. */
export const readSnapshot = async (files: IndexedFiles, index: number): Promise<Tables> => {
  const path = files.pathOf(index);
  const bytes = await readFile(path);
  if (!bytes.subarray(0, magic.length).equals(magic) || bytes.length < headerBytes) throw dataLoss(path, 0, 'it is not a snapshot');
  if (Number(bytes.readBigUInt64LE(magic.length)) !== index) throw dataLoss(path, magic.length, 'its index is not that of its name');
  const builder = new SnapshotBuilder(index);
  for (let offset = headerBytes; ; ) {
    const chunk = readFrame(path, bytes, offset);
    if (chunk.length === 0) return builder.build();
    builder.add(decode('StoreSnapshot', chunk));
    offset += 8 + chunk.length;
  }
};

const readFrame = (path: string, bytes: Buffer, offset: number): Buffer => {
  if (offset + 8 > bytes.length) throw dataLoss(path, offset, 'it ends too early');
  const chunk = bytes.subarray(offset + 8, offset + 8 + bytes.readUInt32LE(offset));
  if (chunk.length !== bytes.readUInt32LE(offset) || crc32(chunk) !== bytes.readUInt32LE(offset + 4)) {
    throw dataLoss(path, offset, 'the checksum of this part does not fit');
  }
  return chunk;
};

/** Removes snapshots older than the given one. */
export const removeOlderSnapshots = async (files: IndexedFiles, index: number): Promise<void> => {
  for (const older of await files.list()) if (older < index) await rm(files.pathOf(older), { force: true });
};
