import { TsoError } from '@tso/proto';
import { emptyConfState } from '../../core/index.ts';
import type { Chunks, SnapshotMeta } from '../ports.ts';
import type { Room } from './segment.ts';
import { SnapshotFile, writeSnapshotFile } from './snapshot-file.ts';

/** A snapshot file that is whole and synced. */
export interface KeptSnapshot {
  readonly meta: SnapshotMeta;
  readonly path: string;
  readonly keyId: number;
}

export const noSnapshot: SnapshotMeta = { index: 0, term: 0, confState: emptyConfState };

/** The newest snapshot of the log, and those that were received and wait to be adopted. */
export class SnapshotStore {
  readonly #room: Room;
  readonly #readers = new Set<SnapshotFile>();
  #newest: KeptSnapshot | undefined;
  /** By path. The next one may come before the first is adopted, and either may be the one that is. */
  readonly #received = new Map<string, KeptSnapshot>();
  #started = 0;
  #underWay = 0;

  constructor(room: Room, newest: KeptSnapshot | undefined) {
    this.#room = room;
    this.#newest = newest;
  }

  get newest(): SnapshotMeta {
    return this.#newest?.meta ?? noSnapshot;
  }

  /** Ids of the keys its files are sealed under; undefined while one is being written. */
  get keyIds(): readonly number[] | undefined {
    if (this.#underWay > 0) return undefined;
    return [this.#newest, ...this.#received.values()].flatMap((kept) => (kept === undefined ? [] : [kept.keyId]));
  }

  /** Writes a file that nobody knows yet. May run beside everything else. */
  async write(meta: SnapshotMeta, contents: Chunks): Promise<KeptSnapshot> {
    this.#started += 1;
    const path = `${this.#room.layout.snapshot(meta)}.${this.#started}.tmp`;
    this.#underWay += 1;
    try {
      const { keyId } = await writeSnapshotFile(this.#room, path, meta, contents);
      return { meta, path, keyId };
    } catch (error) {
      await this.discard(path);
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Best effort: what stays is removed at the next start. */
  async discard(path: string): Promise<void> {
    await this.#room.files.remove(path).catch(() => undefined);
  }

  /** Gives the file its name, durable; the one before it stays until `dropOlder`. */
  async publish(draft: KeptSnapshot): Promise<void> {
    this.#newest = await this.#rename(draft, this.#room.layout.snapshot(draft.meta));
    this.#received.delete(draft.path);
    for (const { meta, path } of [...this.#received.values()]) {
      if (meta.index > draft.meta.index) continue;
      this.#received.delete(path);
      await this.#room.files.remove(path);
    }
  }

  /** Puts a received one aside, durable. It stays until it, or a later one, is published. */
  async putAside(draft: KeptSnapshot): Promise<void> {
    const kept = await this.#rename(draft, this.#room.layout.received(draft.meta));
    this.#received.set(kept.path, kept);
  }

  /** The one that was put aside, if it is of that position. */
  received({ index, term }: SnapshotMeta): KeptSnapshot | undefined {
    return [...this.#received.values()].find(({ meta }) => meta.index === index && meta.term === term);
  }

  /** NOT_FOUND: the newest one is another. */
  async open(index: number | undefined): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> {
    const kept = this.#newest;
    if (kept === undefined || (index !== undefined && index !== kept.meta.index)) {
      const there = kept === undefined ? 'there is none' : `the newest one is of entry ${kept.meta.index}`;
      throw new TsoError('NOT_FOUND', `there is no snapshot${index === undefined ? '' : ` of entry ${index}`}: ${there}`);
    }
    const file = await SnapshotFile.open(this.#room, kept.path);
    this.#readers.add(file);
    return { meta: file.meta, contents: this.#read(file) };
  }

  async close(): Promise<void> {
    for (const file of this.#readers) await file.close();
    this.#readers.clear();
  }

  async *#read(file: SnapshotFile): Chunks {
    try {
      yield* file.contents();
    } finally {
      if (this.#readers.delete(file)) await file.close();
    }
  }

  async #rename(draft: KeptSnapshot, path: string): Promise<KeptSnapshot> {
    await this.#room.files.rename(draft.path, path);
    await this.#room.files.syncDirectory(this.#room.layout.directory);
    return { ...draft, path };
  }
}
