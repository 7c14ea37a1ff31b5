import { constants } from 'node:fs';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@tso/proto';
import { dataLoss, syncDirectory, writeAll, writeDurably } from './files.ts';
import { encodeRecord, type LogRecord, scanRecords } from './record.ts';

const magic = Buffer.from('TSOLOG1\n', 'latin1');
export const segmentHeaderBytes = magic.length + 8;

const header = (firstIndex: number): Buffer => {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  magic.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(firstIndex), magic.length);
  return bytes;
};

/** A segment file that takes more records. One call at a time. */
export class SegmentWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Its header is durable before the file has its name, so a file without one is damaged, never torn. */
  static async create(path: string, firstIndex: number): Promise<SegmentWriter> {
    await writeDurably(path, [header(firstIndex)]);
    return SegmentWriter.open(path);
  }

  static async open(path: string): Promise<SegmentWriter> {
    const handle = await open(path, constants.O_WRONLY | constants.O_APPEND);
    return new SegmentWriter(path, handle, (await handle.stat()).size);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All of them durable, with one write and one sync. */
  async append(records: readonly LogRecord[]): Promise<void> {
    const bytes = Buffer.concat(records.map(encodeRecord));
    await writeAll(this.#handle, [bytes]);
    await this.#handle.datasync();
    this.#bytes += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * The records of one segment. A tail that a crash tore off the last segment is cut, and kept aside in a `.torn` file.
 * DATA_LOSS: something that was durable once is unreadable; nothing was touched.
 */
export const readSegment = async (path: string, firstIndex: number, isLast: boolean, logger: Logger): Promise<readonly LogRecord[]> => {
  const bytes = await readFile(path);
  if (!bytes.subarray(0, segmentHeaderBytes).equals(header(firstIndex)))
    throw dataLoss(path, 0, 'its first bytes are not those of a log segment');
  const { records, tail } = scanRecords(bytes, segmentHeaderBytes, firstIndex);
  if (tail.kind === 'clean') return records;
  if (tail.kind === 'damaged') throw dataLoss(path, tail.offset, tail.why);
  if (!isLast) throw dataLoss(path, tail.offset, 'it ends in a broken entry, yet a later segment follows');
  await cutTornTail(path, bytes, tail.offset);
  logger.warn(
    { path, offset: tail.offset, cutBytes: bytes.length - tail.offset },
    'cut an unfinished entry off the log: a crash interrupted its writing, nobody was told that it is done',
  );
  return records;
};

const cutTornTail = async (path: string, bytes: Buffer, offset: number): Promise<void> => {
  await writeDurably(`${path}.${offset}.torn`, [bytes.subarray(offset)]);
  await truncate(path, offset);
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(path));
};
