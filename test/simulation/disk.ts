import type { Chance } from './chance.ts';
import type { CoreModule, Entry, HardState, MemoryStorage, Snapshot } from './core-door.ts';

type DiskRecord =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'hard-state'; readonly hardState: HardState }
  | { readonly kind: 'received-snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'own-snapshot'; readonly snapshot: Snapshot; readonly compactTo: number };

const perform = (storage: MemoryStorage, record: DiskRecord): void => {
  if (record.kind === 'entries') storage.append(record.entries);
  else if (record.kind === 'hard-state') storage.hardState = record.hardState;
  else if (record.kind === 'received-snapshot') storage.applySnapshot(record.snapshot);
  else {
    storage.saveSnapshot(record.snapshot);
    storage.compact(record.compactTo);
  }
};

/** A log of records: written ones are seen at once and survive a crash only when synced, or by luck up to some record. */
export class SimulatedDisk {
  /** What the running node sees. */
  live: MemoryStorage;
  /** What a crash now would surely leave. */
  readonly durable: MemoryStorage;
  private readonly synced: DiskRecord[] = [];
  private unsynced: DiskRecord[] = [];
  private readonly core: CoreModule;

  constructor(core: CoreModule, start: Snapshot | undefined) {
    this.core = core;
    this.live = new core.MemoryStorage();
    this.durable = new core.MemoryStorage();
    if (start !== undefined) {
      this.write({ kind: 'received-snapshot', snapshot: start });
      this.write({ kind: 'hard-state', hardState: { term: start.term, vote: 0, commit: start.index } });
      this.sync();
    }
  }

  write(record: DiskRecord): void {
    perform(this.live, record);
    this.unsynced.push(record);
  }

  sync(): void {
    for (const record of this.unsynced) {
      perform(this.durable, record);
      this.synced.push(record);
    }
    this.unsynced = [];
  }

  /** Loses what was not synced. The last write may be torn: records before the tear survive, the torn one is recognised and dropped. */
  crash(chance: Chance): void {
    this.unsynced = this.unsynced.slice(0, chance.below(this.unsynced.length + 1));
    this.sync();
    this.live = new this.core.MemoryStorage();
    for (const record of this.synced) perform(this.live, record);
    // A snapshot that came through without the state written behind it: what it holds is committed.
    const { hardState } = this.live;
    const snapshotIndex = this.live.snapshot()?.index ?? 0;
    if (hardState.commit < snapshotIndex) this.live.hardState = { ...hardState, commit: snapshotIndex };
  }
}
