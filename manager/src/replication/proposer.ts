import type { Transaction } from '@tso/proto';
import type { Change } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import type { ChangeFilter, SubscribeOptions } from '../store/watch.ts';

/** Where a transaction came to stand in the log. */
export interface Committed {
  readonly index: number;
}

/**
 * The one door to the log: what api, dispatcher and planner see of it, whichever log stands behind it.
 * What the view shows is durable.
 */
export interface Proposer {
  /** The store as of the last applied entry. Live: it changes between two awaits, never within one turn. */
  readonly view: View;
  /**
   * Resolves once the transaction is durable and in the view. CONFLICT: an expectation did not hold, nothing was changed.
   * INVALID_ARGUMENT: not a transaction that can be applied. RESOURCE_EXHAUSTED: too many wait. UNAVAILABLE: the log is closed or broken.
   */
  propose(transaction: Transaction): Promise<Committed>;
  /**
   * Resolves once the view holds everything that was acknowledged anywhere before the call (ReadIndex, Raft thesis 6.4).
   * UNAVAILABLE: no leader, or no majority that says it still leads.
   */
  fresh(): Promise<void>;
  /** The changes of each transaction applied from now on (`StoreWatch.subscribe`). */
  subscribe(filter: ChangeFilter, options: SubscribeOptions): AsyncIterable<Change[] | 'resync'>;
}
