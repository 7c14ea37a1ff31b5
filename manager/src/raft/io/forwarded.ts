import { type NodeId, nobody } from '../core/index.ts';
import { failure } from './outcome.ts';

interface Waiting {
  readonly to: NodeId;
  readonly reject: (error: unknown) => void;
  /** Tick at which another was first seen to lead; undefined: the one it was given to does. */
  movedAtTick: number | undefined;
}

/**
 * Commands that were handed to the leader. One that vanished without a word would keep them until the connection is given up, long after
 * others have elected another: who waits is told that the outcome is not known, and may ask again.
 */
export class Forwarded {
  readonly #graceTicks: number;
  readonly #waiting = new Set<Waiting>();

  /** @param graceTicks how long a former leader may still answer, once another leads */
  constructor(graceTicks: number) {
    this.#graceTicks = graceTicks;
  }

  /** As the work settles; UNAVAILABLE, outcome unknown: leadership has moved on, and nothing was heard of it since. */
  async during<T>(to: NodeId, work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting: Waiting = { to, reject, movedAtTick: undefined };
    this.#waiting.add(waiting);
    try {
      return await Promise.race([work, promise]);
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Called with each tick. */
  expire(tick: number, lead: NodeId): void {
    for (const waiting of this.#waiting) {
      if (lead === waiting.to) waiting.movedAtTick = undefined;
      else if (lead !== nobody) waiting.movedAtTick ??= tick;
      if (waiting.movedAtTick === undefined || tick - waiting.movedAtTick < this.#graceTicks) continue;
      waiting.reject(
        failure(
          'unknown',
          'UNAVAILABLE',
          `whether manager ${waiting.to}, which led and has vanished, made the change is not known; manager ${lead} leads now`,
          { hint: 'Look whether it was made, or ask again' },
        ),
      );
    }
  }
}
