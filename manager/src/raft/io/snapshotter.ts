import { type Logger, sentenceOf } from '@tso/proto';
import type { ConfState } from '../core/index.ts';
import type { DriverOptions } from './driver-options.ts';
import type { RaftDisk, StateMachine } from './ports.ts';

/** How far the state machine is. */
export interface AppliedPosition {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
}

const namesAll = (snapshot: ConfState, now: ConfState): boolean => {
  const named = new Set([...snapshot.voters, ...snapshot.votersOutgoing, ...snapshot.learners, ...snapshot.learnersNext]);
  return [...now.voters, ...now.learners].every((id) => named.has(id));
};

/** Takes snapshots of the state machine and lets go of the log before them, beside the log's own work. */
export class Snapshotter {
  readonly #options: Pick<DriverOptions, 'snapshotEntries' | 'snapshotBytes' | 'keepEntries' | 'keepBytes'>;
  readonly #disk: RaftDisk;
  readonly #machine: Pick<StateMachine<unknown>, 'capture'>;
  readonly #logger: Logger;
  #running: Promise<void> | undefined;
  #lastIndex: number;
  #lastBytes = 0;
  #appliedBytes = 0;

  constructor(
    options: Pick<DriverOptions, 'snapshotEntries' | 'snapshotBytes' | 'keepEntries' | 'keepBytes'>,
    ports: { readonly disk: RaftDisk; readonly machine: Pick<StateMachine<unknown>, 'capture'>; readonly logger: Logger },
  ) {
    this.#options = options;
    this.#disk = ports.disk;
    this.#machine = ports.machine;
    this.#logger = ports.logger;
    this.#lastIndex = ports.disk.snapshot()?.index ?? 0;
  }

  applied(bytes: number): void {
    this.#appliedBytes += bytes;
  }

  /** A snapshot came from the leader. */
  restored(index: number): void {
    this.#lastIndex = index;
    this.#appliedBytes = 0;
  }

  /** Begins a snapshot when one is due and none is under way. */
  consider(position: AppliedPosition): void {
    if (this.#running !== undefined || position.index <= this.#lastIndex || !this.#isDue(position)) return;
    // Also when it fails, or a full disk would be tried with every entry.
    this.#lastIndex = position.index;
    this.#appliedBytes = 0;
    const contents = this.#counted(this.#machine.capture());
    this.#running = this.#take(position, contents).finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #isDue({ index, confState }: AppliedPosition): boolean {
    const { snapshotEntries, snapshotBytes } = this.#options;
    if (index - this.#lastIndex >= snapshotEntries || this.#appliedBytes >= Math.max(snapshotBytes, 2 * this.#lastBytes)) return true;
    // A newcomer takes no snapshot that does not name it, and the log before the last one is gone.
    const newest = this.#disk.snapshot();
    return newest === undefined || !namesAll(newest.confState, confState);
  }

  async #take({ index, term, confState }: AppliedPosition, contents: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      await this.#disk.saveSnapshot({ index, term, confState }, contents);
      await this.#disk.compact(this.#keepFrom(index) - 1);
      this.#logger.info({ index, bytes: this.#lastBytes }, 'snapshot taken');
    } catch (error) {
      // It costs nothing but disk: the log before it stays. A disk that failed says so on the next write, too.
      this.#logger.error({ index }, `a snapshot could not be taken: ${sentenceOf(error)}`);
    }
  }

  #keepFrom(index: number): number {
    const { keepEntries, keepBytes } = this.#options;
    const { logBytes } = this.#disk;
    const held = Math.max(1, this.#disk.lastIndex() - this.#disk.firstIndex() + 1);
    const keep = Math.min(keepEntries, Math.floor((held * keepBytes) / Math.max(keepBytes, logBytes)));
    return Math.max(this.#disk.firstIndex(), index - keep + 1);
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
    this.#lastBytes = bytes;
  }
}
