import type { StoreName } from './consensus-protocol.ts';

export interface GroupSettings {
  /** Entries between two snapshots; the store's default when left out. */
  readonly snapshotEntries?: number;
  /** Whether members speak TLS with each other, as between machines, or nothing of the kind, as on one. */
  readonly peers?: 'plain' | 'tls';
  /** For node, where the member runs in it: --cpu-prof. */
  readonly nodeFlags?: readonly string[];
}

/** Three members of one store, on loopback, each a process of its own. */
export interface BenchGroup {
  readonly store: StoreName;
  /** Where clients reach each member. */
  readonly targets: readonly string[];
  pid(index: number): number;
  stateDir(index: number): string;
  leader(): Promise<number>;
  /** A number that rises with each election. */
  elections(): Promise<number>;
  caughtUp(index: number): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(index: number): Promise<void>;
  /** Resolves once it answers a linearizable read. */
  restart(index: number): Promise<void>;
  destroy(): Promise<void>;
}
