import { mkdir, rm } from 'node:fs/promises';
import { type Clock, decode, encode, type Lifecycle, type Logger, sentenceOf, type Transaction, TsoError } from '@tso/proto';
import { DirectoryLock } from '@tso/proto/directory-lock';
import type { Committed, Proposer } from '../replication/proposer.ts';
import { applyTransaction, type Change, type Conflict, checkApplicable } from '../store/apply.ts';
import { takeSnapshot } from '../store/snapshot.ts';
import { Tables } from '../store/tables.ts';
import type { View } from '../store/view.ts';
import { type ChangeFilter, StoreWatch, type SubscribeOptions } from '../store/watch.ts';
import { dataLoss, diskFailure, type IndexedFiles, indexedFiles, removeTemporaries, syncDirectory } from './files.ts';
import { type LogRecord, maxPayloadBytes } from './record.ts';
import { readSegment, SegmentWriter } from './segment.ts';
import { readSnapshot, removeOlderSnapshots, writeSnapshot } from './snapshot-file.ts';

export interface DurableLogOptions {
  readonly directory: string;
  /** A snapshot is taken, and the log before it forgotten, after that many entries or bytes. */
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  /** Proposals that may wait for the disk; one more is refused. */
  readonly maxPending: number;
  /** What one write takes at most. */
  readonly maxBatchBytes: number;
  /** How long to wait for a predecessor to leave the directory. */
  readonly lockPatienceMs: number;
}

export interface DurableLogPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The disk failed: nothing more can be promised, the manager has to stop. Called at most once. */
  readonly onBroken: (error: TsoError) => void;
}

interface Pending {
  readonly transaction: Transaction;
  readonly payload: Uint8Array;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: TsoError) => void;
}

/**
 * The log of a cluster with one manager: transactions in segment files, snapshots beside them. Whatever waits while the disk
 * syncs goes into the next write together. An entry is logged before its expectations are checked, so that the log alone
 * decides: a replay takes and refuses the same ones.
 */
export class DurableLog implements Proposer, Lifecycle {
  readonly #options: DurableLogOptions;
  readonly #ports: DurableLogPorts;
  readonly #lock: DirectoryLock;
  readonly #segments: IndexedFiles;
  readonly #snapshots: IndexedFiles;
  readonly #watch = new StoreWatch();
  #tables = new Tables();
  #segment: SegmentWriter | undefined;
  #pending: Pending[] = [];
  #entriesSinceSnapshot = 0;
  #bytesSinceSnapshot = 0;
  #lastSnapshotBytes = 0;
  #state: 'new' | 'open' | 'closed' | TsoError = 'new';
  #writing: Promise<void> | undefined;
  #snapshotting: Promise<void> | undefined;

  constructor(options: DurableLogOptions, ports: DurableLogPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#lock = new DirectoryLock({ directory: options.directory, holder: 'manager', flag: '--data-dir' }, ports);
    this.#segments = indexedFiles(options.directory, 'log', 'seg');
    this.#snapshots = indexedFiles(options.directory, 'store', 'snap');
  }

  get view(): View {
    return this.#tables;
  }

  subscribe(filter: ChangeFilter, options: SubscribeOptions): AsyncIterable<Change[] | 'resync'> {
    return this.#watch.subscribe(filter, options);
  }

  /** Takes the directory and replays what is there. DATA_LOSS: a damaged file, named. FAILED_PRECONDITION: someone else works there. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    await this.#makeDirectory();
    await this.#lock.acquire(this.#options.lockPatienceMs);
    try {
      await removeTemporaries(this.#options.directory);
      await this.#restore();
    } catch (error) {
      await this.#lock.release();
      throw error;
    }
    this.#state = 'open';
  }

  /** What was proposed before is still written; then the directory is given back. */
  async stop(): Promise<void> {
    if (this.#state === 'new') this.#state = 'closed';
    if (this.#state === 'closed') return;
    if (this.#state === 'open') this.#state = 'closed';
    await this.#writing;
    await this.#snapshotting;
    this.#watch.close();
    const segment = this.#segment;
    this.#segment = undefined;
    await segment?.close();
    await this.#lock.release();
  }

  /** One manager: what was acknowledged is in its view. */
  async fresh(): Promise<void> {
    this.#refuseUnlessOpen();
  }

  async propose(transaction: Transaction): Promise<Committed> {
    this.#refuseUnlessOpen();
    if (this.#pending.length >= this.#options.maxPending) {
      throw new TsoError('RESOURCE_EXHAUSTED', `${this.#pending.length} changes already wait for the manager's disk`, {
        hint: 'Try again in a moment',
      });
    }
    checkApplicable(transaction);
    const payload = encode('Transaction', transaction);
    if (payload.length > maxPayloadBytes) {
      throw new TsoError(
        'RESOURCE_EXHAUSTED',
        `a change of ${payload.length} bytes is larger than the ${maxPayloadBytes} that one log entry may have`,
      );
    }
    // Applied from the bytes, as a replay does: what the encoding cannot carry must not live on in memory only, and what cannot be
    // read back must not be logged.
    const replayed = decode('Transaction', payload);
    return new Promise((resolve, reject) => {
      this.#pending.push({ transaction: replayed, payload, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async #makeDirectory(): Promise<void> {
    const { directory } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new TsoError('FAILED_PRECONDITION', `the state directory ${directory} cannot be made: ${sentenceOf(error)}`, { cause: error });
    }
  }

  #refuseUnlessOpen(): void {
    if (this.#state === 'open') return;
    if (this.#state instanceof TsoError)
      throw new TsoError('UNAVAILABLE', `the manager's log is broken: ${this.#state.message}`, { cause: this.#state });
    throw new TsoError('UNAVAILABLE', 'the manager is not running');
  }

  async #restore(): Promise<void> {
    const snapshot = (await this.#snapshots.list()).at(-1);
    if (snapshot !== undefined) {
      this.#tables = await readSnapshot(this.#snapshots, snapshot);
      await removeOlderSnapshots(this.#snapshots, snapshot);
    }
    const segments = await this.#segments.list();
    for (const [position, firstIndex] of segments.entries()) await this.#replay(firstIndex, segments[position + 1]);
    const last = segments.at(-1);
    const path = this.#segments.pathOf(last ?? this.#tables.index + 1);
    this.#segment = last === undefined ? await SegmentWriter.create(path, this.#tables.index + 1) : await SegmentWriter.open(path);
    this.#ports.logger.info({ index: this.#tables.index, replayed: this.#entriesSinceSnapshot, snapshot: snapshot ?? 0 }, 'state restored');
  }

  async #replay(firstIndex: number, nextFirstIndex: number | undefined): Promise<void> {
    const path = this.#segments.pathOf(firstIndex);
    if (nextFirstIndex !== undefined && nextFirstIndex <= this.#tables.index + 1) return rm(path);
    if (firstIndex > this.#tables.index + 1) throw dataLoss(path, 0, `the entries from ${this.#tables.index + 1} up to it are missing`);
    const records = await readSegment(path, firstIndex, nextFirstIndex === undefined, this.#ports.logger);
    for (const record of records) {
      if (record.index <= this.#tables.index) continue;
      applyTransaction(this.#tables, record.index, decode('Transaction', record.payload));
      this.#entriesSinceSnapshot++;
      this.#bytesSinceSnapshot += record.payload.length;
    }
    if (nextFirstIndex !== undefined && nextFirstIndex !== this.#tables.index + 1) {
      throw dataLoss(path, 0, `it ends with entry ${this.#tables.index}, the next segment begins with ${nextFirstIndex}`);
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        // One turn of grace: what is proposed in this turn goes along.
        await Promise.resolve();
        await this.#writeBatch(this.#takeBatch());
        await this.#rotateWhenDue();
      }
    } finally {
      this.#writing = undefined;
    }
  }

  #takeBatch(): readonly Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#pending) {
      if (count > 0 && bytes + payload.length > this.#options.maxBatchBytes) break;
      bytes += payload.length;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined || this.#state instanceof TsoError) return this.#rejectAll(batch);
    const durableIndex = this.#tables.index;
    const records: LogRecord[] = batch.map(({ payload }, position) => ({ index: durableIndex + 1 + position, durableIndex, payload }));
    try {
      await segment.append(records);
    } catch (error) {
      // After a failed sync the kernel may have dropped the dirty pages: trying again could succeed and still have lost them.
      this.#break(diskFailure('writing the log', segment.path, error));
      return this.#rejectAll(batch);
    }
    for (const [position, pending] of batch.entries()) this.#apply(durableIndex + 1 + position, pending);
    this.#entriesSinceSnapshot += batch.length;
    this.#bytesSinceSnapshot += batch.reduce((sum, { payload }) => sum + payload.length, 0);
  }

  #apply(index: number, { transaction, resolve, reject }: Pending): void {
    const result = applyTransaction(this.#tables, index, transaction);
    if (result.ok) {
      resolve({ index });
      this.#watch.publish(result.changes);
    } else {
      reject(conflictError(result.conflict));
    }
  }

  #break(error: TsoError): void {
    if (this.#state instanceof TsoError) return;
    this.#state = error;
    this.#ports.logger.error({ code: error.code, details: error.details }, error.sentence);
    this.#ports.onBroken(error);
  }

  #rejectAll(batch: readonly Pending[]): void {
    const cause = this.#state instanceof TsoError ? this.#state : undefined;
    for (const { reject } of [...batch, ...this.#pending.splice(0)]) {
      reject(new TsoError('UNAVAILABLE', `the change could not be made durable: ${cause?.message ?? 'the log is closed'}`, { cause }));
    }
  }

  async #rotateWhenDue(): Promise<void> {
    const { snapshotEntries, snapshotBytes } = this.#options;
    const due =
      this.#entriesSinceSnapshot >= snapshotEntries || this.#bytesSinceSnapshot >= Math.max(snapshotBytes, 2 * this.#lastSnapshotBytes);
    if (!due || this.#snapshotting !== undefined || this.#state instanceof TsoError) return;
    const snapshot = takeSnapshot(this.#tables);
    const closing = this.#segment;
    try {
      this.#segment = await SegmentWriter.create(this.#segments.pathOf(snapshot.index + 1), snapshot.index + 1);
      await closing?.close();
    } catch (error) {
      return this.#break(diskFailure('starting a new log segment', this.#segments.pathOf(snapshot.index + 1), error));
    }
    this.#entriesSinceSnapshot = 0;
    this.#bytesSinceSnapshot = 0;
    this.#snapshotting = this.#compact(snapshot).finally(() => {
      this.#snapshotting = undefined;
    });
  }

  /** Beside the log's own work. A snapshot that fails costs nothing but disk: the log before it stays. */
  async #compact(snapshot: ReturnType<typeof takeSnapshot>): Promise<void> {
    try {
      this.#lastSnapshotBytes = await writeSnapshot(this.#snapshots, snapshot);
      await removeOlderSnapshots(this.#snapshots, snapshot.index);
      const segments = await this.#segments.list();
      for (const [position, firstIndex] of segments.entries()) {
        const next = segments[position + 1];
        if (next !== undefined && next <= snapshot.index + 1) await rm(this.#segments.pathOf(firstIndex));
      }
      await syncDirectory(this.#options.directory);
      this.#ports.logger.info({ index: snapshot.index, bytes: this.#lastSnapshotBytes }, 'snapshot taken');
    } catch (error) {
      const failure = diskFailure('writing a snapshot', this.#snapshots.pathOf(snapshot.index), error);
      this.#ports.logger.error({ code: failure.code, details: failure.details }, failure.sentence);
    }
  }
}

const conflictError = ({ kind, id, expected, actual }: Conflict): TsoError =>
  new TsoError('CONFLICT', `${kind} ${id} was changed meanwhile: version ${expected} was expected, ${actual} is there`, {
    hint: 'Read it again and repeat the change',
    details: { kind, id, expected, actual },
  });
