import type { StorageView } from './checks.ts';
import { type ConfState, type CoreModule, type Entry, type HardState, type MemoryStorage, noBytes, type Snapshot } from './core-door.ts';
import type { Chunks, DiskWrite, RaftDisk, SnapshotMeta } from './driver-door.ts';

export interface DiskListener {
  written(entries: readonly Entry[]): void;
  synced(): void;
  snapshotBegun(meta: SnapshotMeta): void;
  snapshotMade(): void;
}

/** A storage in memory that holds what a disk holds. */
export const imageOf = (core: CoreModule, disk: RaftDisk): MemoryStorage => {
  const image = new core.MemoryStorage();
  const base = disk.firstIndex() - 1;
  const baseTerm = disk.term(base);
  const { hardState, confState } = disk.initialState();
  if (base > 0 && typeof baseTerm === 'number') image.applySnapshot({ index: base, term: baseTerm, confState, data: noBytes });
  const entries = disk.entries(base + 1, disk.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
  if (typeof entries !== 'string') image.append(entries);
  const newest = disk.snapshot();
  if (newest !== undefined && newest.index > base) image.saveSnapshot(newest);
  image.hardState = hardState;
  return image;
};

const write = (storage: MemoryStorage, { hardState, entries, snapshot }: DiskWrite): void => {
  if (snapshot !== undefined) storage.applySnapshot({ ...snapshot, data: noBytes });
  storage.append(entries);
  if (hardState !== undefined) storage.hardState = hardState;
};

/** Stands before a real disk, and keeps what it was told to hold and what it said to be durable, for the checks. */
export class WatchedDisk implements RaftDisk {
  readonly live: MemoryStorage;
  readonly durable: MemoryStorage;
  private unsynced: DiskWrite[] = [];
  private readonly disk: RaftDisk;
  private readonly listener: DiskListener;

  constructor(core: CoreModule, disk: RaftDisk, listener: DiskListener) {
    this.disk = disk;
    this.listener = listener;
    this.live = imageOf(core, disk);
    this.durable = imageOf(core, disk);
  }

  async write(change: DiskWrite): Promise<void> {
    this.listener.written(change.entries);
    write(this.live, change);
    this.unsynced.push(change);
    await this.disk.write(change);
    if (!change.mustSync) return;
    for (const it of this.unsynced) write(this.durable, it);
    this.unsynced = [];
    this.listener.synced();
  }

  async saveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    this.listener.snapshotBegun(meta);
    await this.disk.saveSnapshot(meta, contents);
    this.listener.snapshotMade();
    for (const storage of [this.live, this.durable])
      if (meta.index > (storage.snapshot()?.index ?? 0)) storage.saveSnapshot({ ...meta, data: noBytes });
  }

  receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    return this.disk.receiveSnapshot(meta, contents);
  }

  openSnapshot(index?: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> {
    return this.disk.openSnapshot(index);
  }

  async compact(index: number): Promise<void> {
    await this.disk.compact(index);
    // What is to be durable may come with the next write.
    for (const storage of [this.live, this.durable]) if (index <= storage.lastIndex()) storage.compact(index);
  }

  get logBytes(): number {
    return this.disk.logBytes;
  }
  initialState(): { readonly hardState: HardState; readonly confState: ConfState } {
    return this.disk.initialState();
  }
  firstIndex(): number {
    return this.disk.firstIndex();
  }
  lastIndex(): number {
    return this.disk.lastIndex();
  }
  term(index: number): number | 'compacted' | 'unavailable' {
    return this.disk.term(index);
  }
  entries(low: number, high: number, maxBytes: number): readonly Entry[] | 'compacted' | 'unavailable' {
    return this.disk.entries(low, high, maxBytes);
  }
  snapshot(): Snapshot | undefined {
    return this.disk.snapshot();
  }
}

export const emptyView = (core: CoreModule): StorageView => new core.MemoryStorage();
