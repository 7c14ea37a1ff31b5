import { createHash, type Hash } from 'node:crypto';
import { TsoError } from '@tso/proto';
import type { Chunks } from '../raft/io/ports.ts';

/**
 * A backup as bytes: a first line that names the format, a line of JSON about it, then frames (length as u32 little endian, contents),
 * a frame of length 0, and the SHA-256 of all before it. Contents of all frames together are a snapshot of the store.
 */

export const backupMagic = 'tso-backup 1';

/** What a backup says of itself. */
export interface BackupHeader {
  readonly clusterId: string;
  /** Log index that the state is of. */
  readonly index: number;
  readonly createdAtMs: number;
  /** The release that made it. */
  readonly version: string;
}

const lengthBytes = 4;
const digestBytes = 32;
const maxHeaderBytes = 4_096;
/** Ours are much smaller; a length that is not one must not be believed. */
const maxFrameBytes = 256 * 1024 * 1024;

const lengthOf = (bytes: number): Buffer => {
  const frame = Buffer.alloc(lengthBytes);
  frame.writeUInt32LE(bytes, 0);
  return frame;
};

const noted = (hash: Hash, bytes: Buffer): Buffer => {
  hash.update(bytes);
  return bytes;
};

/** The bytes of a backup, as they come. */
export const backupBytes = async function* (header: BackupHeader, contents: Chunks): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  yield noted(hash, Buffer.from(`${backupMagic}\n${JSON.stringify(header)}\n`));
  for await (const chunk of contents) {
    if (chunk.length === 0) continue;
    yield noted(hash, Buffer.concat([lengthOf(chunk.length), chunk]));
  }
  yield noted(hash, lengthOf(0));
  yield hash.digest();
};

const damaged = (why: string): TsoError =>
  new TsoError('DATA_LOSS', `the backup cannot be used: ${why}`, { hint: 'Fetch it again from where it is kept, or take another one' });

/** Reads a stream of chunks in the pieces that are asked for. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash = createHash('sha256');
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** SHA-256 of all that was taken so far. */
  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes) {
      if (!(await this.#more())) throw damaged('it ends early, as one does that was not written to its end');
    }
    return this.#cut(bytes);
  }

  async takeLine(): Promise<string> {
    let end = this.#rest.indexOf('\n');
    while (end < 0 && this.#rest.length <= maxHeaderBytes && (await this.#more())) end = this.#rest.indexOf('\n');
    if (end < 0) throw damaged('it does not begin as a backup does');
    return this.#cut(end + 1)
      .subarray(0, end)
      .toString('utf8');
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#more())) return true;
    return false;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#rest, next.value]);
    return true;
  }

  #cut(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    this.#hash.update(taken);
    return taken;
  }
}

const isHeader = (value: Partial<BackupHeader>): value is BackupHeader =>
  typeof value.clusterId === 'string' &&
  typeof value.index === 'number' &&
  typeof value.createdAtMs === 'number' &&
  typeof value.version === 'string';

const headerOf = (line: string): BackupHeader => {
  try {
    const header = JSON.parse(line) as Partial<BackupHeader>;
    if (isHeader(header)) return header;
  } catch (error) {
    throw new TsoError('DATA_LOSS', 'the backup cannot be used: what it says of itself is not JSON', { cause: error });
  }
  throw damaged('it does not say which cluster it is of');
};

const checkMagic = (line: string): void => {
  if (line === backupMagic) return;
  if (line.startsWith('tso-backup ')) {
    throw new TsoError('FAILED_PRECONDITION', `the backup is of a format that this release does not know (${line})`, {
      hint: 'Restore it with the release that made it, or a newer one',
    });
  }
  throw damaged('it is not a backup of a cluster');
};

/**
 * What a backup says of itself, and its contents. DATA_LOSS: it is not whole; the contents throw it at their end, so nothing of them may
 * be used before they ended. FAILED_PRECONDITION: made by a newer release.
 */
export const readBackup = async (
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly header: BackupHeader; readonly contents: AsyncIterable<Uint8Array> }> => {
  const reader = new Reader(bytes);
  checkMagic(await reader.takeLine());
  const header = headerOf(await reader.takeLine());
  const contents = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      const length = (await reader.take(lengthBytes)).readUInt32LE(0);
      if (length > maxFrameBytes) throw damaged(`a part of it would have ${length} bytes`);
      if (length === 0) break;
      yield await reader.take(length);
    }
    const expected = reader.digest();
    const found = await reader.take(digestBytes);
    if (!found.equals(expected)) throw damaged('its checksum is another than that of its contents');
    if (!(await reader.isAtEnd())) throw damaged('something follows its end');
  };
  return { header, contents: contents() };
};
