import type { TsoError } from '@tso/proto';
import { failure } from './outcome.ts';

/**
 * Where a command may go into the log: wherever the leader is; only here, should this node lead (it was handed over already, and
 * might go round for ever); or only here and in one term, since it was decided on what that leader knew.
 */
export type CommandPlace = 'anywhere' | 'here' | { readonly term: number };

/** A command that has no place in a log yet. */
export interface QueuedCommand<Result> {
  readonly data: Uint8Array;
  readonly place: CommandPlace;
  readonly deadlineTick: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: TsoError) => void;
}

/** What one proposal to the core takes at most, so that one Ready stays small. */
const maxBatchBytes = 1024 * 1024;

/** Commands that wait for their turn, or for a leader. What gathers while the disk is busy goes into the log together. */
export class CommandQueue<Result> {
  #queue: QueuedCommand<Result>[] = [];

  get size(): number {
    return this.#queue.length;
  }

  add(command: QueuedCommand<Result>): void {
    this.#queue.push(command);
  }

  /** Puts back, in order, what could not be placed. */
  putBack(commands: readonly QueuedCommand<Result>[]): void {
    this.#queue.unshift(...commands);
  }

  /** The oldest ones, as many as fit one proposal and at least one; empty when none wait. */
  takeBatch(): readonly QueuedCommand<Result>[] {
    let bytes = 0;
    let count = 0;
    for (const { data } of this.#queue) {
      if (count > 0 && bytes + data.length > maxBatchBytes) break;
      bytes += data.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  takeAll(): readonly QueuedCommand<Result>[] {
    return this.#queue.splice(0);
  }

  /** Refuses those that cannot be placed as things are: in `leadingTerm`, undefined when this node does not lead. */
  refuseMisplaced(leadingTerm: number | undefined, why: string): void {
    const isMisplaced = ({ place }: QueuedCommand<Result>): boolean =>
      place !== 'anywhere' && (leadingTerm === undefined || (place !== 'here' && place.term !== leadingTerm));
    const misplaced = this.#queue.filter(isMisplaced);
    if (misplaced.length === 0) return;
    this.#queue = this.#queue.filter((command) => !isMisplaced(command));
    for (const { reject } of misplaced) reject(failure('refused', 'UNAVAILABLE', why, { hint: 'Try again' }));
  }

  /** @param error what those hear whose time is up */
  expire(tick: number, error: () => TsoError): void {
    const due = this.#queue.filter(({ deadlineTick }) => deadlineTick <= tick);
    if (due.length === 0) return;
    this.#queue = this.#queue.filter(({ deadlineTick }) => deadlineTick > tick);
    for (const { reject } of due) reject(error());
  }

  failAll(error: TsoError): void {
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}
