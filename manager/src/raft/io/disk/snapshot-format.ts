import type { KeyObject } from 'node:crypto';
import type { ConfState } from '../../core/index.ts';
import type { SnapshotMeta } from '../ports.ts';
import { dataLoss } from './failures.ts';
import { type Fields, isCount, isCounts, isFields } from './json-file.ts';
import { checksum, getU64, padded, padding, putU64 } from './numbers.ts';
import { sealInto, tagBytes, unseal } from './seal.ts';

/**
 * Behind the header of a snapshot file come its pieces, little endian:
 *
 *  0 magic u32   4 CRC32C u32 of 8..24   8 CRC32C u32 of the body with its padding   12 body length u32
 * 16 number u32, from 1   20 kind u32: 1 contents, 2 the end
 *
 * and the sealed body, padded to a multiple of eight. The last piece holds the number of bytes of all contents: what has none, or
 * anything behind it, is not whole.
 */
export interface PieceHeader {
  readonly bodyBytes: number;
  readonly number: number;
  readonly isEnd: boolean;
}

export const pieceHeaderBytes = 24;
/** Of contents in one piece: sealing it takes a tenth of a millisecond. */
export const pieceBytes = 128 * 1024;
const pieceMagic = 0x5053_4654;
const associatedStart = 12;
const contentsKind = 1;
const endKind = 2;
export const maxBodyBytes = pieceBytes + tagBytes;

/** Memory for one piece in the file. */
export const pieceSpace = (): Buffer => Buffer.allocUnsafeSlow(pieceHeaderBytes + padded(maxBodyBytes));

/** The piece as it goes into the file; it lies in `space`. */
export const encodePiece = (space: Buffer, key: KeyObject, number: number, isEnd: boolean, plain: Uint8Array): Buffer => {
  const bodyBytes = plain.length + tagBytes;
  const bytes = space.subarray(0, pieceHeaderBytes + padded(bodyBytes));
  bytes.writeUInt32LE(pieceMagic, 0);
  bytes.writeUInt32LE(bodyBytes, 12);
  bytes.writeUInt32LE(number, 16);
  bytes.writeUInt32LE(isEnd ? endKind : contentsKind, 20);
  sealInto(bytes, pieceHeaderBytes, key, number, bytes.subarray(associatedStart, pieceHeaderBytes), plain);
  bytes.fill(padding, pieceHeaderBytes + bodyBytes);
  bytes.writeUInt32LE(checksum(bytes.subarray(pieceHeaderBytes)), 8);
  bytes.writeUInt32LE(checksum(bytes.subarray(8, pieceHeaderBytes)), 4);
  return bytes;
};

export const encodeEnd = (space: Buffer, key: KeyObject, number: number, contentBytes: number): Buffer => {
  const plain = Buffer.alloc(8);
  putU64(plain, contentBytes, 0);
  return encodePiece(space, key, number, true, plain);
};

/** Undefined when it is none, or its checksum does not fit. */
export const decodePieceHeader = (bytes: Buffer): PieceHeader | undefined => {
  if (bytes.length < pieceHeaderBytes || bytes.readUInt32LE(0) !== pieceMagic) return undefined;
  if (checksum(bytes.subarray(8, pieceHeaderBytes)) !== bytes.readUInt32LE(4)) return undefined;
  const bodyBytes = bytes.readUInt32LE(12);
  if (bodyBytes > maxBodyBytes) return undefined;
  return { bodyBytes, number: bytes.readUInt32LE(16), isEnd: bytes.readUInt32LE(20) === endKind };
};

export const isPieceWhole = (header: Buffer, body: Buffer): boolean => checksum(body) === header.readUInt32LE(8);

/** The contents of a piece; undefined when its seal is broken. */
export const openPiece = (key: KeyObject, header: Buffer, { number, bodyBytes }: PieceHeader, body: Buffer): Buffer | undefined =>
  unseal(key, number, header.subarray(associatedStart, pieceHeaderBytes), body.subarray(0, bodyBytes));

export const contentBytesOf = (endPiece: Buffer): number => getU64(endPiece, 0);

export const metaFields = ({ index, term, confState }: SnapshotMeta): Fields => ({ index, term, confState });

/** DATA_LOSS: not what `metaFields` gave. */
export const parseMeta = (path: string, { index, term, confState }: Fields): SnapshotMeta => {
  if (!isCount(index) || !isCount(term) || !isConfState(confState)) throw dataLoss(path, 0, 'its header does not say what it is of');
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = confState;
  return { index, term, confState: { voters, votersOutgoing, learners, learnersNext, autoLeave } };
};

const isConfState = (value: unknown): value is ConfState =>
  isFields(value) &&
  isCounts(value.voters) &&
  isCounts(value.votersOutgoing) &&
  isCounts(value.learners) &&
  isCounts(value.learnersNext) &&
  typeof value.autoLeave === 'boolean';
