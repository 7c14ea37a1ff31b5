import type { KeyObject } from 'node:crypto';
import type { Random } from '@tso/proto';
import type { LogIdentity } from '../ports.ts';
import { dataLoss, foreignFile, missingFile, tooNew } from './failures.ts';
import type { OpenFile } from './files.ts';
import { type Fields, isCount, isFields } from './json-file.ts';
import type { KeyRing } from './keys.ts';
import { checksum, padded } from './numbers.ts';
import { fileKey, saltBytes, sealInto, tagBytes, unseal } from './seal.ts';

/**
 * How a sealed file begins, little endian: magic (8 bytes), format u32, JSON length u32, CRC32C u32 of JSON and tag, CRC32C u32 of the 20
 * bytes up to there (so far the same in every format), JSON in the clear padded with spaces to a multiple of eight, and a GCM tag over
 * the first 16 bytes and the JSON, which shows that the key is the right one.
 */
export interface FileKind {
  /** Eight bytes. */
  readonly magic: string;
  readonly name: string;
  readonly format: number;
}

export const segmentKind: FileKind = { magic: 'TSORLOG\n', name: 'a log segment', format: 1 };
export const snapshotKind: FileKind = { magic: 'TSORSNP\n', name: 'a snapshot', format: 1 };

const fixedBytes = 24;

export interface FileHeader {
  readonly fields: Fields;
  readonly keyId: number;
  readonly key: KeyObject;
  /** Where what follows begins. */
  readonly bytes: number;
}

/** Whose file it is and what opens it. */
export interface FileOwner {
  readonly identity: LogIdentity;
  readonly keys: KeyRing;
}

/** What the tag covers: all but the checksums and itself. */
const clearOf = (header: Buffer, jsonBytes: number): Buffer =>
  Buffer.concat([header.subarray(0, 16), header.subarray(fixedBytes, fixedBytes + jsonBytes)]);

/** The bytes of a header with these fields, and the key of the file, which is that of no other. */
export const makeHeader = (
  kind: FileKind,
  { identity, keys }: FileOwner,
  random: Pick<Random, 'bytes'>,
  own: Fields,
): { readonly bytes: Buffer; readonly key: KeyObject; readonly keyId: number } => {
  const salt = random.bytes(saltBytes);
  const keyId = keys.current;
  const { groupId, raftId, nodeId } = identity;
  const text = JSON.stringify({ groupId, raftId, nodeId, keyId, salt: Buffer.from(salt).toString('base64'), ...own });
  const json = Buffer.from(text + ' '.repeat(padded(Buffer.byteLength(text)) - Buffer.byteLength(text)));
  const bytes = Buffer.alloc(fixedBytes + json.length + tagBytes);
  bytes.write(kind.magic, 0, 'latin1');
  bytes.writeUInt32LE(kind.format, 8);
  bytes.writeUInt32LE(json.length, 12);
  json.copy(bytes, fixedBytes);
  const clear = clearOf(bytes, json.length);
  const key = fileKey(keys.key(keyId) ?? salt, salt, clear);
  sealInto(bytes, fixedBytes + json.length, key, 0, clear, Buffer.alloc(0));
  bytes.writeUInt32LE(checksum(bytes.subarray(fixedBytes)), 16);
  bytes.writeUInt32LE(checksum(bytes.subarray(0, 20)), 20);
  return { bytes, key, keyId };
};

/**
 * Reads a header and sees to it that the file belongs to this log. DATA_LOSS: damaged, or its key is gone. FAILED_PRECONDITION: of
 * another log or member, of a newer version, or sealed under a key that only has the same number.
 */
export const readHeader = async (file: OpenFile, path: string, kind: FileKind, owner: FileOwner): Promise<FileHeader> => {
  const { clear, tag, fields, bytes } = await readClear(file, path, kind);
  const { groupId, raftId, keyId, salt } = fields;
  if (typeof groupId !== 'string' || !isCount(raftId) || !isCount(keyId) || typeof salt !== 'string') {
    throw dataLoss(path, fixedBytes, 'a field of its header is missing');
  }
  const { identity, keys } = owner;
  if (groupId !== identity.groupId) throw foreignFile(path, `it is of log ${groupId}, this one is ${identity.groupId}`);
  if (raftId !== identity.raftId) throw foreignFile(path, `it was written by member ${raftId}, this is member ${identity.raftId}`);
  const dataKey = keys.key(keyId);
  if (dataKey === undefined)
    throw missingFile(`${path} (key ${keyId})`, `the file is sealed under key ${keyId}, which the key file does not have`);
  const key = fileKey(dataKey, Buffer.from(salt, 'base64'), clear);
  if (unseal(key, 0, clear, tag) === undefined) {
    throw foreignFile(path, `it is sealed under another key than the one the key file has as number ${keyId}`);
  }
  return { fields, keyId, key, bytes };
};

const readClear = async (
  file: OpenFile,
  path: string,
  kind: FileKind,
): Promise<{ readonly clear: Buffer; readonly tag: Buffer; readonly fields: Fields; readonly bytes: number }> => {
  const fixed = Buffer.alloc(fixedBytes);
  const got = await file.read(fixed, 0);
  if (got < 8 || fixed.toString('latin1', 0, 8) !== kind.magic) throw dataLoss(path, 0, `its first bytes are not those of ${kind.name}`);
  if (got < fixedBytes) throw dataLoss(path, got, 'it ends within its header');
  if (checksum(fixed.subarray(0, 20)) !== fixed.readUInt32LE(20)) throw dataLoss(path, 8, 'the checksum of its first bytes does not fit');
  const format = fixed.readUInt32LE(8);
  if (format > kind.format) throw tooNew(path, format, kind.format);
  const length = fixed.readUInt32LE(12);
  const whole = Buffer.alloc(fixedBytes + length + tagBytes);
  if ((await file.read(whole, 0)) < whole.length) throw dataLoss(path, await file.size(), 'it ends within its header');
  if (checksum(whole.subarray(fixedBytes)) !== fixed.readUInt32LE(16)) {
    throw dataLoss(path, fixedBytes, 'the checksum of its header does not fit');
  }
  const fields: unknown = JSON.parse(whole.toString('utf8', fixedBytes, fixedBytes + length));
  if (!isFields(fields)) throw dataLoss(path, fixedBytes, 'its header says nothing');
  return { clear: clearOf(whole, length), tag: whole.subarray(fixedBytes + length), fields, bytes: whole.length };
};
