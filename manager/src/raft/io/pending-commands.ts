import type { TsoError } from '@tso/proto';
import { failure } from './outcome.ts';

/** A command that is committed and applied here. */
export interface Applied<Outcome> {
  readonly index: number;
  readonly outcome: Outcome;
}

interface Waiting<Outcome> {
  readonly term: number;
  readonly deadlineTick: number;
  readonly resolve: (applied: Applied<Outcome>) => void;
  readonly reject: (error: TsoError) => void;
}

const replaced = (index: number): TsoError =>
  failure(
    'refused',
    'UNAVAILABLE',
    `the leader changed before the change at log index ${index} was committed, and another took its place`,
    {
      hint: 'Try again',
    },
  );

const overwritten = (index: number): TsoError =>
  failure(
    'unknown',
    'UNAVAILABLE',
    `this manager lost the lead before the change at log index ${index} was committed, and cannot tell whether another one kept it`,
    { hint: 'Look whether it was made before trying again' },
  );

/**
 * Commands that stand in the log, until what stands at their place is applied. An entry is named by index and term (log matching,
 * paper 5.3): when one of another term is applied there, this one will never be.
 */
export class PendingCommands<Outcome> {
  /** By index, ascending, since they are added so and never replaced without being settled. */
  readonly #waiting = new Map<number, Waiting<Outcome>>();

  get size(): number {
    return this.#waiting.size;
  }

  add(index: number, waiting: Waiting<Outcome>): void {
    // The same index again: this node led in an earlier term, lost what it had there, and leads again. Of five, one that still holds
    // the earlier entry may yet be elected by the two that hold neither (paper 5.4.2, figure 8).
    this.#waiting.get(index)?.reject(overwritten(index));
    this.#waiting.delete(index);
    this.#waiting.set(index, waiting);
  }

  applied(index: number, term: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(index);
    if (waiting === undefined) return;
    this.#waiting.delete(index);
    if (waiting.term === term) waiting.resolve({ index, outcome });
    else waiting.reject(replaced(index));
  }

  /** A snapshot took the place of all entries up to there: whether one's own were among them cannot be known. */
  passed(index: number): void {
    this.#rejectWhere(
      (at) => at <= index,
      (at) =>
        failure('unknown', 'UNAVAILABLE', `a snapshot of the log came in place of index ${at}: the change there may have been made or not`),
    );
  }

  expire(tick: number): void {
    this.#rejectWhere(
      (_at, { deadlineTick }) => deadlineTick <= tick,
      (at) =>
        failure(
          'unknown',
          'DEADLINE_EXCEEDED',
          `no majority of the managers confirmed the change at log index ${at} in time: it may still be made`,
          {
            hint: 'Look whether it was made before trying again; see how many managers answer',
          },
        ),
    );
  }

  failAll(error: TsoError): void {
    this.#rejectWhere(
      () => true,
      () => error,
    );
  }

  #rejectWhere(which: (index: number, waiting: Waiting<Outcome>) => boolean, error: (index: number) => TsoError): void {
    for (const [index, waiting] of this.#waiting) {
      if (!which(index, waiting)) continue;
      this.#waiting.delete(index);
      waiting.reject(error(index));
    }
  }
}
