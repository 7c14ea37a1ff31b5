import type { KeyObject } from 'node:crypto';
import type { Random } from '@tso/proto';
import type { HardState } from '../../core/index.ts';
import { dataLoss } from './failures.ts';
import { type FileOwner, makeHeader, readHeader, segmentKind } from './file-header.ts';
import type { Files, OpenFile } from './files.ts';
import { draftBytes, encodeFrame, type FrameDraft } from './frame.ts';
import { type Fields, isCount, isFields } from './json-file.ts';
import type { Layout, LogPosition } from './layout.ts';

/** What the files of one log have in common. */
export interface Room {
  readonly files: Files;
  readonly layout: Layout;
  readonly owner: FileOwner;
  readonly random: Pick<Random, 'bytes'>;
}

/** Where the log stood when the segment began. */
export interface SegmentStart {
  /** The last entry before it: the segment begins with the next, or replaces from further back. */
  readonly previous: LogPosition;
  readonly hardState: HardState;
}

const minSpaceBytes = 128 * 1024;
const maxSpaceBytes = 4 * 1024 * 1024;

/** One file of the log. It is appended to only by the process that made it, so that no frame number seals twice. */
export class Segment {
  readonly sequence: number;
  readonly path: string;
  readonly file: OpenFile;
  readonly key: KeyObject;
  readonly keyId: number;
  #bytes: number;
  #frames = 0;
  #buffer = Buffer.alloc(0);

  constructor(sequence: number, path: string, file: OpenFile, key: KeyObject, keyId: number, bytes: number) {
    this.sequence = sequence;
    this.path = path;
    this.file = file;
    this.key = key;
    this.keyId = keyId;
    this.#bytes = bytes;
  }

  /** Its header is durable before the file has its name, so a file without one is damaged, never torn. */
  static async create({ files, layout, owner, random }: Room, sequence: number, start: SegmentStart): Promise<Segment> {
    const path = layout.segment(sequence);
    const temporary = `${path}.tmp`;
    const header = makeHeader(segmentKind, owner, random, { sequence, ...start });
    const file = await files.open(temporary, 'create-durable');
    try {
      await file.append(header.bytes);
      await files.rename(temporary, path);
      await files.syncDirectory(layout.directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new Segment(sequence, path, file, header.key, header.keyId, header.bytes.length);
  }

  /** One that is there, to be read. The errors are those of `readHeader`. */
  static async open(
    { files, layout, owner }: Room,
    sequence: number,
  ): Promise<{ readonly segment: Segment; readonly start: SegmentStart }> {
    const path = layout.segment(sequence);
    const file = await files.open(path, 'read');
    try {
      const { fields, key, keyId, bytes } = await readHeader(file, path, segmentKind, owner);
      if (fields.sequence !== sequence) throw dataLoss(path, 0, `it is segment ${String(fields.sequence)} under the name of another`);
      return { segment: new Segment(sequence, path, file, key, keyId, bytes), start: parseStart(path, fields) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Where the next frame will begin. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Durable, with one write; the offsets at which they begin. */
  async append(drafts: readonly FrameDraft[]): Promise<readonly number[]> {
    const durableBytes = this.#bytes;
    const group = this.#space(drafts.reduce((sum, draft) => sum + draftBytes(draft), 0));
    let at = 0;
    const offsets = drafts.map((draft) => {
      const offset = at;
      this.#frames += 1;
      encodeFrame(group, offset, this.key, draft, { number: this.#frames, durableBytes });
      at += draftBytes(draft);
      return durableBytes + offset;
    });
    await this.file.append(group);
    this.#bytes += group.length;
    return offsets;
  }

  /** The same memory for each write, unless it is an uncommonly large one. */
  #space(bytes: number): Buffer {
    if (bytes > maxSpaceBytes) return Buffer.allocUnsafeSlow(bytes);
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytes, minSpaceBytes));
    return this.#buffer.subarray(0, bytes);
  }
}

const parseStart = (path: string, { previous, hardState }: Fields): SegmentStart => {
  if (
    !isFields(previous) ||
    !isCount(previous.index) ||
    !isCount(previous.term) ||
    !isFields(hardState) ||
    !isCount(hardState.term) ||
    !isCount(hardState.vote) ||
    !isCount(hardState.commit)
  ) {
    throw dataLoss(path, 0, 'its header does not say where the log stood');
  }
  return {
    previous: { index: previous.index, term: previous.term },
    hardState: { term: hardState.term, vote: hardState.vote, commit: hardState.commit },
  };
};
