import { MemoryStorage } from '../../core/index.ts';
import type { Chunks, DiskWrite, RaftDisk, SnapshotMeta } from '../ports.ts';

const gather = async (contents: Chunks): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  for await (const part of contents) parts.push(part);
  return Buffer.concat(parts);
};

const one = async function* (bytes: Uint8Array): Chunks {
  yield bytes;
};

/** The contract of RaftDisk in memory: what was written is as durable as the object. */
export class MemoryDisk implements RaftDisk {
  readonly #storage = new MemoryStorage();
  #received: { readonly meta: SnapshotMeta; readonly bytes: Uint8Array } | undefined;
  /** Set to make every write fail from now on. */
  failWith: Error | undefined;
  /** Awaited by each write before it counts: a disk that takes its time. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();

  /** A disk as the first member of a group begins with. */
  static ofFirst(confState: SnapshotMeta['confState']): MemoryDisk {
    const disk = new MemoryDisk();
    disk.#storage.applySnapshot({ index: 1, term: 1, confState, data: new Uint8Array(0) });
    disk.#storage.hardState = { term: 1, vote: 0, commit: 1 };
    return disk;
  }

  initialState() {
    return this.#storage.initialState();
  }
  firstIndex(): number {
    return this.#storage.firstIndex();
  }
  lastIndex(): number {
    return this.#storage.lastIndex();
  }
  term(index: number) {
    return this.#storage.term(index);
  }
  entries(low: number, high: number, maxBytes: number) {
    return this.#storage.entries(low, high, maxBytes);
  }
  snapshot() {
    return this.#storage.snapshot();
  }

  get logBytes(): number {
    const held = this.entries(this.firstIndex(), this.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
    return typeof held === 'string' ? 0 : held.reduce((sum, { data }) => sum + data.length, 0);
  }

  async write({ hardState, entries, snapshot }: DiskWrite): Promise<void> {
    await this.beforeWrite();
    if (this.failWith !== undefined) throw this.failWith;
    if (snapshot !== undefined) {
      const received = this.#received;
      if (received?.meta.index !== snapshot.index) throw new Error(`no snapshot of index ${snapshot.index} was received`);
      this.#storage.applySnapshot({ ...received.meta, data: received.bytes });
    }
    this.#storage.append(entries);
    if (hardState !== undefined) this.#storage.hardState = hardState;
  }

  async saveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    const data = await gather(contents);
    if (meta.index > (this.snapshot()?.index ?? 0)) this.#storage.saveSnapshot({ ...meta, data });
  }

  async receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    this.#received = { meta, bytes: await gather(contents) };
  }

  async openSnapshot(index?: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> {
    const snapshot = this.snapshot();
    if (snapshot === undefined || (index !== undefined && snapshot.index !== index))
      throw new Error(`there is no snapshot of index ${index}`);
    return { meta: snapshot, contents: one(snapshot.data) };
  }

  async compact(index: number): Promise<void> {
    if (index >= this.firstIndex()) this.#storage.compact(Math.min(index, this.lastIndex()));
  }
}
