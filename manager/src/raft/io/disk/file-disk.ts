import { assert, TsoError } from '@tso/proto';
import { type ConfState, type Entry, type HardState, type Missing, noBytes, type Snapshot, sameHardState } from '../../core/index.ts';
import type { Chunks, DiskWrite, LogIdentity, RaftDisk, SnapshotMeta } from '../ports.ts';
import type { DiskState } from './disk-state.ts';
import { hardStateAt } from './recovery.ts';
import type { Room } from './segment.ts';
import type { KeptSnapshot, SnapshotStore } from './snapshot-store.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** What `openLog` and `createLog` put together. */
export interface FileDiskParts {
  readonly room: Room;
  readonly state: DiskState;
  readonly log: WriteAheadLog;
  readonly snapshots: SnapshotStore;
  /** Gives the directory back. */
  readonly release: () => Promise<void>;
}

/** A member's state in a directory: a sealed log in segments and sealed snapshots (`openLog`, `createLog`). */
export class FileDisk implements RaftDisk {
  readonly identity: LogIdentity;
  readonly #room: Room;
  readonly #state: DiskState;
  readonly #log: WriteAheadLog;
  readonly #snapshots: SnapshotStore;
  readonly #release: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ room, state, log, snapshots, release }: FileDiskParts) {
    this.identity = room.owner.identity;
    this.#room = room;
    this.#state = state;
    this.#log = log;
    this.#snapshots = snapshots;
    this.#release = release;
  }

  initialState(): { readonly hardState: HardState; readonly confState: ConfState } {
    return { hardState: this.#log.hardState, confState: this.#snapshots.newest.confState };
  }

  firstIndex(): number {
    return this.#log.base.index + 1;
  }

  lastIndex(): number {
    return this.#log.last.index;
  }

  term(index: number): number | Missing {
    return this.#log.term(index);
  }

  /** DATA_LOSS: a file is damaged, or the disk fails to read it; then everything later is refused with that. */
  entries(low: number, high: number, maxBytes: number): readonly Entry[] | Missing {
    if (this.#state.isClosed) this.#state.check();
    try {
      return this.#log.entries(low, high, maxBytes);
    } catch (error) {
      if (error instanceof TsoError) this.#state.failed(error);
      throw error;
    }
  }

  snapshot(): Snapshot {
    return { ...this.#snapshots.newest, data: noBytes };
  }

  get logBytes(): number {
    return this.#log.bytes;
  }

  /** Whether the keys are wrapped: opening then takes the key they were locked under. */
  get isLocked(): boolean {
    return this.#room.owner.keys.isLocked;
  }

  write(change: DiskWrite): Promise<void> {
    return this.#inTurn(() => this.#apply(change));
  }

  async saveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    this.#state.check();
    const draft = await this.#snapshots.write(meta, contents);
    await this.#inTurn(() => this.#publish(draft));
  }

  async receiveSnapshot(meta: SnapshotMeta, contents: Chunks): Promise<void> {
    this.#state.check();
    const draft = await this.#snapshots.write(meta, contents);
    await this.#inTurn(() => this.#snapshots.putAside(draft));
  }

  /** NOT_FOUND: that one is not there, any more or yet. */
  openSnapshot(index?: number): Promise<{ readonly meta: SnapshotMeta; readonly contents: Chunks }> {
    return this.#inTurn(() => this.#snapshots.open(index));
  }

  compact(index: number): Promise<void> {
    return this.#inTurn(async () => {
      const { newest } = this.#snapshots;
      assert(index <= newest.index, `cannot compact up to ${index}: the newest snapshot is of ${newest.index}`);
      await this.#log.compact(index);
      await this.#dropUnusedKeys();
    });
  }

  /** A new key seals segments and snapshots from now on; the old one goes with the last file that needs it. */
  rotateKey(): Promise<void> {
    return this.#inTurn(() => this.#room.owner.keys.rotate());
  }

  /** Wraps the keys under 32 bytes that the caller keeps: from now on nobody opens the log without them. INVALID_ARGUMENT: not 32. */
  lock(keyEncryptionKey: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#room.owner.keys.lock(keyEncryptionKey));
  }

  unlock(): Promise<void> {
    return this.#inTurn(() => this.#room.owner.keys.unlock());
  }

  /** What was asked for before is still done; then the directory is given back. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (!this.#state.isBroken) await this.#inTurn(() => this.#log.flush());
    } finally {
      await this.#last;
      this.#state.closed();
      try {
        await this.#log.close();
        await this.#snapshots.close();
      } finally {
        await this.#release();
      }
    }
  }

  /** One change behind the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      this.#state.check();
      return work();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #apply({ mustSync, hardState, entries, snapshot }: DiskWrite): Promise<void> {
    const next = hardState ?? this.#log.hardState;
    if (snapshot !== undefined) await this.#adopt(snapshot, next);
    if (entries.length > 0) return this.#log.append(entries, next);
    if (hardState !== undefined && !sameHardState(hardState, this.#log.hardState)) this.#log.buffer(hardState);
    if (mustSync) await this.#log.flush();
  }

  async #publish(draft: KeptSnapshot): Promise<void> {
    const { index, term } = draft.meta;
    const { newest } = this.#snapshots;
    if (index <= newest.index) return this.#snapshots.discard(draft.path);
    assert(this.#log.term(index) === term, `a snapshot of entry ${index} of term ${term} is of this log`);
    await this.#snapshots.publish(draft);
    await this.#dropOlder(newest);
  }

  /** The snapshot gets its name first: a crash behind that finds a newer snapshot than log, and begins the log anew (recovery.ts). */
  async #adopt(meta: SnapshotMeta, hardState: HardState): Promise<void> {
    const { newest } = this.#snapshots;
    if (meta.index <= newest.index) return;
    const received = this.#snapshots.received(meta);
    assert(received !== undefined, `a snapshot of entry ${meta.index} of term ${meta.term} was received`);
    await this.#snapshots.publish(received);
    await this.#log.restart({ index: meta.index, term: meta.term }, hardStateAt({ ...hardState, commit: meta.index }, meta));
    await this.#dropOlder(newest);
  }

  async #dropOlder(older: SnapshotMeta): Promise<void> {
    if (older.index > 0) await this.#room.files.remove(this.#room.layout.snapshot(older));
    await this.#dropUnusedKeys();
  }

  async #dropUnusedKeys(): Promise<void> {
    const { keyIds } = this.#snapshots;
    if (keyIds !== undefined) await this.#room.owner.keys.keepOnly(new Set([...keyIds, ...this.#log.keyIds]));
  }
}
