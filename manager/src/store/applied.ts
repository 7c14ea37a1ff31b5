import type { Audit } from '@tso/proto';
import type { Change } from './apply.ts';

/** One transaction as every manager applied it. */
export interface Applied {
  /** Of its entry in the log: the store's version after it. */
  readonly index: number;
  /** The proposer's clock. */
  readonly atMs: number;
  /** Who asked for it; undefined: nobody did, the cluster decided. */
  readonly audit: Audit | undefined;
  readonly changes: readonly Change[];
}

/** Hears of each transaction in the order of the log; `replaced`: the tables came whole, and what happened in between is not known. */
export type AppliedListener = (applied: Applied | 'replaced') => void;
