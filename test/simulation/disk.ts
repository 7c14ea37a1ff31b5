import { crc32 } from 'node:zlib';
import type { Chance } from './chance.ts';
import type { CoreModule, MemoryStorage, Snapshot } from './core-door.ts';
import { type DiskRecord, decodeRecord, encodeRecord, performRecord, type SnapshotMeta } from './disk-records.ts';
import { contentsOf, frameOf, readLog } from './log-file.ts';

/** What a disk does with what it is told: all but the first are mutants. */
export type DiskHabit = 'honest' | 'never-syncs' | 'forgets-failed-syncs' | 'renames-unsynced' | 'looks-at-no-check' | 'comes-back-empty';

/** What is about to happen to a disk, after so many more of its steps. */
export type DiskFate = 'power-cut' | 'EIO' | 'ENOSPC';

/** Thrown out of a step of the disk: the power went, or the call failed. The node is down either way. */
export class DiskFault extends Error {
  readonly fate: DiskFate;

  constructor(fate: DiskFate, step: string) {
    super(`${fate} at ${step}`);
    this.fate = fate;
  }
}

interface SnapshotFile {
  readonly meta: SnapshotMeta;
  data: Buffer;
  readonly check: number;
  synced: boolean;
  nameSynced: boolean;
}

/**
 * A log of bytes and files of snapshots, written in the steps that a real disk takes, between any two of which the power may go.
 * What is written is seen at once and survives a crash for sure only when synced, else by luck up to some byte.
 */
export class SimulatedDisk {
  /** What the running node sees. */
  live: MemoryStorage;
  /** What a crash now would surely leave. */
  durable: MemoryStorage;
  /** How far the log is written, in steps that may be cut: for coverage. */
  steps = 0;
  /** No space is left. */
  full = false;
  /** The last recovery found a write that was cut. */
  wasTorn = false;
  private frames: Buffer[] = [];
  private syncedFrames = 0;
  private unsynced: DiskRecord[] = [];
  private readonly files = new Map<number, SnapshotFile>();
  private marked = 0;
  private fate: { readonly kind: DiskFate; inSteps: number } | undefined;
  private readonly core: CoreModule;
  private readonly habit: DiskHabit;
  private readonly start: Snapshot | undefined;

  constructor(core: CoreModule, habit: DiskHabit, start: Snapshot | undefined) {
    this.core = core;
    this.habit = habit;
    this.live = new core.MemoryStorage();
    this.durable = new core.MemoryStorage();
    this.start = start;
    if (start !== undefined) this.begin(start);
  }

  private begin(start: Snapshot): void {
    for (const step of this.putSnapshot(start)) step();
    this.append({ kind: 'adopted', meta: metaOf(start) });
    this.append({ kind: 'hard-state', hardState: { term: start.term, vote: 0, commit: start.index } });
    this.complete();
  }

  /** Something goes wrong in that many steps from now. */
  arm(kind: DiskFate, inSteps: number): void {
    this.fate = { kind, inSteps };
  }

  heal(): void {
    this.fate = undefined;
    this.full = false;
  }

  private step(what: string, fails: readonly DiskFate[]): void {
    this.steps += 1;
    if (this.full && fails.includes('ENOSPC')) throw new DiskFault('ENOSPC', what);
    const { fate } = this;
    if (fate === undefined) return;
    fate.inSteps -= 1;
    if (fate.inSteps > 0 || !fails.includes(fate.kind)) return;
    this.fate = undefined;
    if (fate.kind === 'ENOSPC') this.full = true;
    throw new DiskFault(fate.kind, what);
  }

  /** Writes a record behind the last one. */
  append(record: DiskRecord): void {
    this.step(`writing ${record.kind}`, ['power-cut', 'ENOSPC']);
    this.frames.push(frameOf(encodeRecord(record)));
    this.unsynced.push(record);
    performRecord(this.live, record, this.dataOf);
  }

  /** Makes durable what was written. */
  sync(): void {
    try {
      this.step('syncing the log', ['power-cut', 'EIO']);
    } catch (error) {
      if (!(error instanceof DiskFault) || error.fate !== 'EIO' || this.habit !== 'forgets-failed-syncs') throw error;
      // As kernels do it: what could not be written is dropped, and the next sync succeeds.
      this.unsynced = [];
      this.frames.length = this.syncedFrames;
      return;
    }
    if (this.habit === 'never-syncs') return;
    this.complete();
    this.step('after the sync', ['power-cut']);
  }

  private complete(): void {
    for (const record of this.unsynced) {
      performRecord(this.durable, record, this.dataOf);
      if ('meta' in record) this.marked = record.meta.index;
    }
    this.unsynced = [];
    this.syncedFrames = this.frames.length;
    for (const [index, file] of this.files) if (index < this.marked && file.nameSynced) this.files.delete(index);
  }

  private readonly dataOf = (index: number): Uint8Array => new Uint8Array(this.files.get(index)?.data ?? []);

  /** The steps that put a snapshot into a file of its own; after the last one a record may name it. */
  putSnapshot(snapshot: Snapshot): readonly (() => void)[] {
    const file: SnapshotFile = {
      meta: metaOf(snapshot),
      data: Buffer.from(snapshot.data),
      check: crc32(snapshot.data),
      synced: false,
      nameSynced: false,
    };
    const write = (): void => {
      this.step('writing a snapshot', ['power-cut', 'ENOSPC']);
    };
    const sync = (): void => {
      this.step('syncing a snapshot', ['power-cut', 'EIO']);
      file.synced = true;
    };
    const rename = (): void => {
      this.step('naming a snapshot', ['power-cut']);
      if (this.files.get(snapshot.index)?.nameSynced !== true) this.files.set(snapshot.index, file);
    };
    const syncDirectory = (): void => {
      this.step('syncing the directory of snapshots', ['power-cut', 'EIO']);
      // Whichever has the name by now: the same snapshot may have come twice.
      const named = this.files.get(snapshot.index);
      if (named !== undefined) named.nameSynced = true;
    };
    return this.habit === 'renames-unsynced' || this.habit === 'never-syncs'
      ? [write, rename, syncDirectory]
      : [write, sync, rename, syncDirectory];
  }

  /** Loses what was not synced: the log keeps some of the bytes behind what was, then ends or goes on in zeros. */
  crash(chance: Chance): void {
    this.fate = undefined;
    const synced = Buffer.concat(this.frames.slice(0, this.syncedFrames));
    const rest = Buffer.concat(this.frames.slice(this.syncedFrames));
    const kept = chance.below(rest.length + 1);
    const zeros = chance.happens(0.3) ? chance.below(rest.length - kept + 1) : 0;
    this.frames = [Buffer.concat([synced, rest.subarray(0, kept), Buffer.alloc(zeros)])];
    for (const [index, file] of this.files) {
      if (!file.synced) file.data = file.data.subarray(0, chance.below(file.data.length + 1));
      if (!file.nameSynced && chance.happens(0.5)) this.files.delete(index);
    }
  }

  /** All is lost. True when the node may come back with nothing (a mutant). */
  wipe(): boolean {
    if (this.habit !== 'comes-back-empty') return false;
    const first = this.start;
    this.frames = [];
    this.files.clear();
    this.unsynced = [];
    this.live = new this.core.MemoryStorage();
    this.durable = new this.core.MemoryStorage();
    if (first !== undefined) this.begin(first);
    return true;
  }

  /** One bit of what is stored changes while the node is down: of the log, or of the snapshot that it begins with. False: there is none. */
  flip(chance: Chance): boolean {
    const { frames } = this.readFrames(false);
    const bytes = this.files.get(markedIn(frames))?.data;
    const log = Buffer.concat(frames);
    if (log.length === 0) return false;
    this.frames = [log];
    const target = bytes !== undefined && bytes.length > 0 && chance.happens(0.3) ? bytes : log;
    const at = chance.below(target.length);
    target[at] = (target[at] ?? 0) ^ (1 << chance.below(8));
    return true;
  }

  private readFrames(trusting: boolean): {
    readonly frames: readonly Buffer[];
    readonly damagedAt: number | undefined;
    readonly torn: boolean;
  } {
    const read = readLog(Buffer.concat(this.frames), trusting);
    if (read.kind === 'damaged') return { frames: [], damagedAt: read.at, torn: false };
    return { frames: read.frames, damagedAt: undefined, torn: read.kind === 'torn' };
  }

  /** Reads back what a crash left. Why the node must not start with it, or undefined. */
  recover(): string | undefined {
    const trusting = this.habit === 'looks-at-no-check';
    const { frames, damagedAt, torn } = this.readFrames(trusting);
    this.wasTorn = torn;
    if (damagedAt !== undefined) return `the log is damaged at byte ${damagedAt}`;
    const storage = new this.core.MemoryStorage();
    const records = frames.map((frame) => decodeRecord(contentsOf(frame)));
    this.marked = markedIn(frames);
    const file = this.files.get(this.marked);
    if (this.marked > 0 && file === undefined) return `the snapshot of ${this.marked} is not there`;
    if (file !== undefined && !trusting && crc32(file.data) !== file.check) return `the snapshot of ${this.marked} is damaged`;
    for (const record of records) performRecord(storage, record, this.dataOf);
    const { hardState } = storage;
    const snapshot = storage.snapshot() ?? { index: 0, term: 0 };
    // A snapshot that came through without the state written behind it: what it holds is committed, and its term has begun.
    if (hardState.commit < snapshot.index) storage.hardState = { ...hardState, commit: snapshot.index };
    if (hardState.term < snapshot.term) storage.hardState = { ...storage.hardState, term: snapshot.term, vote: 0 };
    this.live = storage;
    this.frames = [...frames];
    this.unsynced = [];
    this.settleFiles();
    this.durable = new this.core.MemoryStorage();
    for (const record of records) performRecord(this.durable, record, this.dataOf);
    this.durable.hardState = storage.hardState;
    this.syncedFrames = this.frames.length;
    return undefined;
  }

  private settleFiles(): void {
    for (const [index, file] of this.files) {
      if (index !== this.marked) this.files.delete(index);
      else Object.assign(file, { synced: true, nameSynced: true });
    }
  }
}

const metaOf = ({ index, term, confState }: Snapshot): SnapshotMeta => ({ index, term, confState });

/** The snapshot that the log begins with. */
const markedIn = (frames: readonly Buffer[]): number =>
  frames.reduce((marked, frame) => {
    const record = decodeRecord(contentsOf(frame));
    return 'meta' in record ? record.meta.index : marked;
  }, 0);
