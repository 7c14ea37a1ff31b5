import type { TsoError } from '@tso/proto';
import { withoutQuorum } from './outcome.ts';

/** Who asked for a read; it gets the index that the state must have reached. */
export interface Reader {
  readonly deadlineTick: number;
  readonly resolve: (index: number) => void;
  readonly reject: (error: TsoError) => void;
}

const late = (): TsoError =>
  withoutQuorum(
    'no majority of the managers confirmed in time that this state is the newest',
    'See how many managers answer, or try again',
  );

/**
 * Reads that wait for the leader's word (thesis 6.4). One round is under way at a time, and serves all who asked before it began:
 * who asks while it runs must wait for the next, since a write may have been acknowledged in between.
 */
export class PendingReads {
  readonly #nonce: string;
  readonly #retryTicks: number;
  #round = 0;
  #running: { readonly context: string; readonly readers: readonly Reader[]; readonly begunTick: number } | undefined;
  #waiting: Reader[] = [];

  /**
   * @param nonce differs from life to life, or an answer to an earlier life's round could be taken for one of this
   * @param retryTicks a round without an answer for so long is begun anew: what is lost is not reported
   */
  constructor(nonce: string, retryTicks: number) {
    this.#nonce = nonce;
    this.#retryTicks = retryTicks;
  }

  get size(): number {
    return this.#waiting.length + (this.#running?.readers.length ?? 0);
  }

  add(reader: Reader): void {
    this.#waiting.push(reader);
  }

  /** The context of a round that is to begin now, or undefined when there is none to begin. */
  begin(tick: number): string | undefined {
    if (this.#running !== undefined) {
      if (tick - this.#running.begunTick < this.#retryTicks) return undefined;
      this.#waiting.unshift(...this.#running.readers);
      this.#running = undefined;
    }
    if (this.#waiting.length === 0) return undefined;
    this.#round += 1;
    this.#running = { context: `${this.#nonce}.${this.#round}`, readers: this.#waiting, begunTick: tick };
    this.#waiting = [];
    return this.#running.context;
  }

  /** The round that `begin` gave could not be begun: there is no leader. Its readers wait on. */
  postpone(): void {
    this.#waiting.unshift(...(this.#running?.readers ?? []));
    this.#running = undefined;
  }

  confirmed(context: string, index: number): void {
    if (this.#running?.context !== context) return;
    const { readers } = this.#running;
    this.#running = undefined;
    for (const { resolve } of readers) resolve(index);
  }

  expire(tick: number): void {
    const due = ({ deadlineTick }: Reader): boolean => deadlineTick <= tick;
    const expired = [...this.#waiting.filter(due), ...(this.#running?.readers.filter(due) ?? [])];
    if (expired.length === 0) return;
    this.#waiting = this.#waiting.filter((reader) => !due(reader));
    if (this.#running !== undefined) this.#running = { ...this.#running, readers: this.#running.readers.filter((reader) => !due(reader)) };
    for (const { reject } of expired) reject(late());
  }

  failAll(error: TsoError): void {
    const all = [...this.#waiting, ...(this.#running?.readers ?? [])];
    this.#waiting = [];
    this.#running = undefined;
    for (const { reject } of all) reject(error);
  }
}
