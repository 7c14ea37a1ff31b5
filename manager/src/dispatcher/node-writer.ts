import { type Clock, type Node, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { expectationsOf } from '../replication/expectations.ts';
import type { Proposer } from '../replication/proposer.ts';
import { sameData } from '../store/equal.ts';

/** Writes nodes' objects, one change of a node after the other: each sees what the one before it made of it. */
export class NodeWriter {
  readonly #ports: { readonly proposer: Proposer; readonly clock: Clock };
  readonly #last = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(ports: { readonly proposer: Proposer; readonly clock: Clock }) {
    this.#ports = ports;
  }

  /**
   * Changes one node's object by what it is when its turn comes, again when someone else changed it meanwhile. `change` returns
   * undefined for "leave it". CONFLICT: too many others at once. UNAVAILABLE: after `stop`, or no leader.
   */
  change(nodeId: string, change: (node: Node | undefined) => Node | undefined): Promise<void> {
    const before = this.#last.get(nodeId) ?? Promise.resolve();
    const turn = before.then(() => this.#write(nodeId, change));
    const settled = turn
      .catch(() => undefined) // The caller of that turn has the error; the next turn goes on.
      .then(() => {
        if (this.#last.get(nodeId) === settled) this.#last.delete(nodeId);
      });
    this.#last.set(nodeId, settled);
    return turn;
  }

  /** From now on nothing more is written: who waits for a turn gets UNAVAILABLE. */
  stop(): void {
    this.#stopped = true;
  }

  async #write(nodeId: string, change: (node: Node | undefined) => Node | undefined): Promise<void> {
    const { proposer, clock } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      if (this.#stopped) throw new TsoError('UNAVAILABLE', 'this manager no longer writes what becomes of nodes');
      const now = proposer.view.node(nodeId);
      const next = change(now);
      if (next === undefined || sameData(now, next)) return;
      const actions = [{ putNode: next }];
      try {
        await proposer.propose({ actions, expect: expectationsOf(proposer.view, actions), atMs: clock.now(), origin: 'dispatcher' });
        return;
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
      }
    }
  }
}
