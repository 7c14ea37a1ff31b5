import type { TsoError } from '@tso/proto';
import { failure } from './outcome.ts';

/** A command that has no place in a log yet. */
export interface QueuedCommand<Result> {
  readonly data: Uint8Array;
  /** Whether it may be handed to another member; one that was handed over already may not. */
  readonly mayForward: boolean;
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

  /** Those that may not be handed on are refused when this node does not lead. */
  refuseUnforwardable(leader: string): void {
    const here = this.#queue.filter(({ mayForward }) => !mayForward);
    if (here.length === 0) return;
    this.#queue = this.#queue.filter(({ mayForward }) => mayForward);
    for (const { reject } of here)
      reject(failure('refused', 'UNAVAILABLE', `this manager does not lead, ${leader}`, { hint: 'Try again' }));
  }

  expire(tick: number, why: () => string): void {
    const due = this.#queue.filter(({ deadlineTick }) => deadlineTick <= tick);
    if (due.length === 0) return;
    this.#queue = this.#queue.filter(({ deadlineTick }) => deadlineTick > tick);
    for (const { reject } of due) {
      reject(failure('refused', 'UNAVAILABLE', `the change was not made: ${why()}`, { hint: 'See which managers answer, then try again' }));
    }
  }

  failAll(error: TsoError): void {
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}
