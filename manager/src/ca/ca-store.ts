import {
  type Audit,
  type Authority,
  type Clock,
  type Cluster,
  type Expectation,
  type Logger,
  type Random,
  type StoreAction,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { withoutPast } from './revocations.ts';

export interface CaPorts {
  readonly proposer: Proposer;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Pick<Random, 'bytes'>;
  readonly logger: Logger;
}

/** What the cluster knew at one moment. */
export interface Known {
  readonly cluster: Cluster;
  readonly authority: Authority;
  readonly view: View;
}

/** A change that was decided on; without actions nothing has to be written, unless it is `recorded`. */
export interface Decision<T> {
  readonly actions: readonly StoreAction[];
  /** What must still be as it was when this was decided. */
  readonly expect: readonly Expectation[];
  readonly reply: T;
  /** Written though it changes nothing, so that the audit log has it. */
  readonly recorded?: boolean;
}

/** That the object is still of that version; 0: that there is none. */
export const unchanged = (kind: string, id: string, object: { readonly meta: { readonly version: number } } | undefined): Expectation => ({
  kind,
  id,
  version: object?.meta.version ?? 0,
});

const knownIn = (view: View): Known => {
  const cluster = view.cluster();
  const authority = view.authority();
  if (cluster === undefined) {
    throw new TsoError('UNAVAILABLE', 'the cluster is just being made', { hint: 'Try again in a moment', details: { outcome: 'refused' } });
  }
  if (authority === undefined) {
    throw new TsoError('FAILED_PRECONDITION', 'this cluster has no authority of its own: its certificates are made elsewhere', {
      hint: 'Ask whoever made them',
    });
  }
  return { cluster, authority, view };
};

/** How the authority's object and the nodes are read and changed: on what is known everywhere, again when somebody else was faster. */
export class CaStore {
  readonly #ports: CaPorts;

  constructor(ports: CaPorts) {
    this.#ports = ports;
  }

  /** Not older than the call. FAILED_PRECONDITION: there is no authority. UNAVAILABLE: no majority, or no cluster yet. */
  async read(): Promise<Known> {
    await this.#ports.proposer.fresh();
    return knownIn(this.#ports.proposer.view);
  }

  /** Reads, decides and writes; decides anew when an expectation did not hold. Errors: as `read` and `propose`, and those of `decide`. */
  async change<T>(audit: Audit, decide: (known: Known) => Promise<Decision<T>>): Promise<T> {
    const { proposer, clock } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      const { actions, expect, reply, recorded = false } = await decide(await this.read());
      if (actions.length === 0 && !recorded) return reply;
      try {
        await proposer.propose({ actions, expect, atMs: clock.now(), origin: 'ca', audit });
        return reply;
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
      }
    }
  }

  /** Changes the authority's object; revocations that no certificate outlives are forgotten with it. Returns what it is now. */
  changeAuthority(audit: Audit, decide: (known: Known) => Promise<Authority> | Authority): Promise<Authority> {
    return this.change(audit, async (known) => {
      const { authority } = known;
      const decided = await decide(known);
      if (sameData(decided, authority)) return { actions: [], expect: [], reply: authority };
      const next = { ...decided, revoked: withoutPast(decided.revoked, this.#ports.clock.now()) };
      return { actions: [{ putAuthority: next }], expect: [unchanged('authority', authority.id, authority)], reply: next };
    });
  }
}
