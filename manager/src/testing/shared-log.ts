import { type Transaction, TsoError } from '@tso/proto';
import type { Committed, Proposer } from '../replication/proposer.ts';
import { applyTransaction, type Change } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { type ChangeFilter, StoreWatch, type SubscribeOptions } from '../store/watch.ts';

/** What several managers see of one log: each has a view of its own, which lags behind until it has to catch up. */
export class SharedLog {
  readonly entries: Transaction[] = [];
  /** The leader's. */
  readonly tables = new Tables();
  /** Thrown by what needs a leader while it is set. */
  failure: TsoError | undefined;

  append(transaction: Transaction): number {
    if (this.failure !== undefined) throw this.failure;
    const index = this.entries.push(transaction);
    const result = applyTransaction(this.tables, index, transaction);
    if (result.ok) return index;
    const { kind, id, expected, actual } = result.conflict;
    throw new TsoError('CONFLICT', `${kind} ${id} was changed meanwhile`, { details: { kind, id, expected, actual } });
  }
}

/** One manager at that log: it sees what it proposed itself, and the rest only when it asks. */
export class LaggingMember implements Proposer {
  readonly view = new Tables();
  readonly proposed: Transaction[] = [];
  /** Waited for before a proposal of this member reaches the log. */
  hold: Promise<void> = Promise.resolve();
  /** Called before each proposal of this member reaches the log: what others do meanwhile. */
  meanwhile: () => void = () => undefined;
  readonly #log: SharedLog;
  readonly #watch = new StoreWatch();

  constructor(log: SharedLog) {
    this.#log = log;
  }

  async fresh(): Promise<void> {
    const committed = this.#log.entries.length;
    await Promise.resolve();
    if (this.#log.failure !== undefined) throw this.#log.failure;
    this.#catchUp(committed);
  }

  async propose(transaction: Transaction): Promise<Committed> {
    this.proposed.push(transaction);
    await this.hold;
    this.meanwhile();
    const index = this.#log.append(transaction);
    await Promise.resolve();
    this.#catchUp(index);
    return { index };
  }

  get subscribers(): number {
    return this.#watch.subscribers;
  }

  subscribe(filter: ChangeFilter, options: SubscribeOptions): AsyncIterable<Change[] | 'resync'> {
    return this.#watch.subscribe(filter, options);
  }

  #catchUp(index: number): void {
    for (const transaction of this.#log.entries.slice(this.view.index, index)) {
      const result = applyTransaction(this.view, this.view.index + 1, transaction);
      if (result.ok) this.#watch.publish(result.changes);
    }
  }
}
