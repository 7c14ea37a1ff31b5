/** A manager as it was seen from here. */
export interface ManagerFacts {
  readonly address: string;
  /** Why it could not be spoken to; undefined: it could. */
  readonly error?: string;
  /** Time that a connection took, one way there and back. */
  readonly connectMs?: number;
  /** Its clock minus ours, to half a second. */
  readonly aheadMs?: number;
}

/** What this host knows of its cluster, and how its managers look from here. */
export interface ClusterFacts {
  /** inactive, pending, active, locked or error. */
  readonly state: string;
  readonly error: string;
  /** Whether this host has a manager. */
  readonly manager: boolean;
  /** Where others reach this host; empty: not known yet. */
  readonly address: string;
  readonly localAddresses: readonly string[];
  /** What the daemon says is not as wished on this host, a sentence each. */
  readonly troubles: readonly string[];
  /** CIDR that networks get their subnets of; empty: not known yet. */
  readonly addressPool: string;
  /** Of this node; undefined: it has none. Unreadable: not for who runs this. */
  readonly certificate: { readonly notBeforeMs: number; readonly notAfterMs: number } | 'unreadable' | undefined;
  /** The other managers. */
  readonly managers: readonly ManagerFacts[];
}
