import { readFile, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decode, encode, type StoreSnapshot } from '@tso/proto';
import { dataLoss, type IndexedFiles, writeDurably } from './files.ts';

/** Little endian: magic, index u64, then chunks of length u32, CRC-32 u32, bytes; a chunk of length 0 is the end. */
const magic = Buffer.from('TSOSNP1\n', 'latin1');
const headerBytes = magic.length + 8;
const objectsPerChunk = 200;

type Lists = Omit<StoreSnapshot, 'index'>;

const emptyLists: Lists = { clusters: [], nodes: [], stacks: [], services: [], tasks: [], networks: [], volumes: [] };

/**
 * The snapshot in pieces that are StoreSnapshot messages of their own: concatenated protocol buffers merge (Protocol Buffers
 * encoding guide, "Last One Wins"), so that a large store is encoded without holding the event loop.
 */
const pieces = function* (snapshot: StoreSnapshot): Iterable<StoreSnapshot> {
  for (const key of Object.keys(emptyLists) as (keyof Lists)[]) {
    for (let from = 0; from < snapshot[key].length; from += objectsPerChunk) {
      yield { ...emptyLists, index: snapshot.index, [key]: snapshot[key].slice(from, from + objectsPerChunk) };
    }
  }
};

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
  for (const piece of pieces(snapshot)) yield frame(encode('StoreSnapshot', piece));
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

/** DATA_LOSS: not whole. It was renamed into place only when whole, so this is damage. */
export const readSnapshot = async (files: IndexedFiles, index: number): Promise<StoreSnapshot> => {
  const path = files.pathOf(index);
  const bytes = await readFile(path);
  if (!bytes.subarray(0, magic.length).equals(magic) || bytes.length < headerBytes) throw dataLoss(path, 0, 'it is not a snapshot');
  if (Number(bytes.readBigUInt64LE(magic.length)) !== index) throw dataLoss(path, magic.length, 'its index is not that of its name');
  let whole: StoreSnapshot = { ...emptyLists, index };
  for (let offset = headerBytes; ; ) {
    const chunk = readFrame(path, bytes, offset);
    if (chunk.length === 0) return whole;
    whole = merge(whole, decode('StoreSnapshot', chunk));
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

const merge = (a: StoreSnapshot, b: StoreSnapshot): StoreSnapshot => ({
  index: a.index,
  clusters: [...a.clusters, ...b.clusters],
  nodes: [...a.nodes, ...b.nodes],
  stacks: [...a.stacks, ...b.stacks],
  services: [...a.services, ...b.services],
  tasks: [...a.tasks, ...b.tasks],
  networks: [...a.networks, ...b.networks],
  volumes: [...a.volumes, ...b.volumes],
});

/** Removes snapshots older than the given one. */
export const removeOlderSnapshots = async (files: IndexedFiles, index: number): Promise<void> => {
  for (const older of await files.list()) if (older < index) await rm(files.pathOf(older), { force: true });
};
