import type { Chunks, SnapshotMeta } from '../ports.ts';
import { dataLoss } from './failures.ts';
import { type FileHeader, makeHeader, readHeader, snapshotKind } from './file-header.ts';
import type { OpenFile } from './files.ts';
import { padded } from './numbers.ts';
import { tagBytes } from './seal.ts';
import type { Room } from './segment.ts';
import {
  contentBytesOf,
  decodePieceHeader,
  encodeEnd,
  encodePiece,
  isPieceWhole,
  metaFields,
  openPiece,
  type PieceHeader,
  parseMeta,
  pieceBytes,
  pieceHeaderBytes,
  pieceSpace,
} from './snapshot-format.ts';

/** Synced so often while it is written: a sync of all at the end would hold up the log's own for as long. */
const syncEveryBytes = 4 * 1024 * 1024;

/** The same bytes in pieces of one size, but for the last. All lie in the same memory: one is gone when the next is asked for. */
const inPieces = async function* (contents: Chunks): AsyncIterable<Uint8Array> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  let filled = 0;
  for await (const chunk of contents) {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(pieceBytes - filled, chunk.length - at);
      piece.set(chunk.subarray(at, at + take), filled);
      filled += take;
      at += take;
      if (filled < pieceBytes) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
};

/** Writes the whole file, synced; its name is not. The key it is sealed under, and the number of bytes of the contents. */
export const writeSnapshotFile = async (
  { files, owner, random }: Room,
  path: string,
  meta: SnapshotMeta,
  contents: Chunks,
): Promise<{ readonly keyId: number; readonly bytes: number }> => {
  const header = makeHeader(snapshotKind, owner, random, metaFields(meta));
  const file = await files.open(path, 'create');
  try {
    await file.append(header.bytes);
    const space = pieceSpace();
    let number = 1;
    let bytes = 0;
    let unsynced = 0;
    for await (const piece of inPieces(contents)) {
      await file.append(encodePiece(space, header.key, number, false, piece));
      number += 1;
      bytes += piece.length;
      unsynced += piece.length;
      if (unsynced < syncEveryBytes) continue;
      await file.datasync();
      unsynced = 0;
    }
    await file.append(encodeEnd(space, header.key, number, bytes));
    await file.datasync();
    return { keyId: header.keyId, bytes };
  } finally {
    await file.close();
  }
};

interface Piece {
  readonly offset: number;
  readonly header: PieceHeader;
  readonly headerBytes: Buffer;
  readonly body: Buffer;
}

/** A snapshot file that was opened to be read. */
export class SnapshotFile {
  readonly path: string;
  readonly meta: SnapshotMeta;
  readonly keyId: number;
  readonly #file: OpenFile;
  readonly #header: FileHeader;
  readonly #size: number;

  private constructor(path: string, file: OpenFile, header: FileHeader, size: number) {
    this.path = path;
    this.#file = file;
    this.#header = header;
    this.#size = size;
    this.keyId = header.keyId;
    this.meta = parseMeta(path, header.fields);
  }

  /** The errors are those of `readHeader`. */
  static async open({ files, owner }: Room, path: string): Promise<SnapshotFile> {
    const file = await files.open(path, 'read');
    try {
      return new SnapshotFile(path, file, await readHeader(file, path, snapshotKind, owner), await file.size());
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Sees that it is all there, by checksums and the seal of its end. DATA_LOSS: it is not. */
  async verify(): Promise<void> {
    for await (const _ of this.#pieces());
  }

  /** DATA_LOSS: damaged; what was given before is then worth nothing. */
  async *contents(): Chunks {
    for await (const { offset, header, headerBytes, body } of this.#pieces()) {
      const plain = openPiece(this.#header.key, headerBytes, header, body);
      if (plain === undefined) throw this.#damaged(offset, 'the seal of a piece is broken');
      yield plain;
    }
  }

  #damaged(offset: number, why: string): Error {
    return dataLoss(this.path, offset, why);
  }

  /** All pieces of contents, with fitting checksums; ends only behind the end mark. All lie in the same memory. */
  async *#pieces(): AsyncIterable<Piece> {
    const space = pieceSpace();
    let offset = this.#header.bytes;
    let bytes = 0;
    for (let number = 1; ; number += 1) {
      const piece = await this.#piece(space, offset, number);
      offset += pieceHeaderBytes + piece.body.length;
      if (piece.header.isEnd) return this.#checkEnd(piece, offset, bytes);
      bytes += piece.header.bodyBytes;
      yield piece;
    }
  }

  async #piece(space: Buffer, offset: number, number: number): Promise<Piece> {
    const read = space.subarray(0, await this.#file.read(space, offset));
    const headerBytes = read.subarray(0, pieceHeaderBytes);
    if (headerBytes.length < pieceHeaderBytes) throw this.#damaged(offset, 'it ends before its end mark');
    const header = decodePieceHeader(headerBytes);
    if (header === undefined || header.number !== number) throw this.#damaged(offset, `the header of piece ${number} is not one`);
    const body = read.subarray(pieceHeaderBytes, pieceHeaderBytes + padded(header.bodyBytes));
    if (body.length < padded(header.bodyBytes)) throw this.#damaged(offset, `it ends within piece ${number}`);
    if (!isPieceWhole(headerBytes, body)) throw this.#damaged(offset, `the checksum of piece ${number} does not fit`);
    return { offset, header, headerBytes, body };
  }

  #checkEnd({ offset, header, headerBytes, body }: Piece, end: number, sealedBytes: number): void {
    const plain = openPiece(this.#header.key, headerBytes, header, body);
    if (plain === undefined) throw this.#damaged(offset, 'the seal of its end mark is broken');
    if (contentBytesOf(plain) !== sealedBytes - (header.number - 1) * tagBytes) {
      throw this.#damaged(offset, 'its contents are not as long as its end mark says');
    }
    if (end !== this.#size) throw this.#damaged(end, 'something follows its end mark');
  }
}
