import { type Clock, type Node, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { expectationsOf } from '../replication/expectations.ts';
import type { Proposer } from '../replication/proposer.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** Undefined: leave it as it is. May throw why it cannot be changed. */
export type NodeChange = (node: Node | undefined, view: View) => Node | undefined;

interface Waiting {
  readonly nodeId: string;
  readonly change: NodeChange;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes nodes' objects: the first change at once, and what comes while one is being written together as the next transaction, so that
 * thousands of nodes that come or go at once are a few entries of the log. Changes of one node are made in the order they came in.
 */
export class NodeWriter {
  readonly #ports: { readonly proposer: Proposer; readonly clock: Clock };
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(ports: { readonly proposer: Proposer; readonly clock: Clock }) {
    this.#ports = ports;
  }

  /**
   * Changes one node's object by what it is when its turn comes, again when someone else changed it meanwhile. Throws what the change
   * throws. CONFLICT: too many others at once. UNAVAILABLE: after `stop`, or no leader.
   */
  change(nodeId: string, change: NodeChange): Promise<void> {
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ nodeId, change, resolve, reject }));
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return done;
  }

  /** From now on nothing more is written: who waits for a turn gets UNAVAILABLE. */
  stop(): void {
    this.#stopped = true;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, limits.nodesPerWrite);
      this.#waiting = this.#waiting.slice(batch.length);
      try {
        for (const { resolve } of await this.#write(batch)) resolve();
      } catch (error) {
        // Those that were answered already are not touched by that.
        for (const { reject } of batch) reject(error);
      }
    }
  }

  /** Those whose change is made; the others were told why not. */
  async #write(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const { proposer, clock } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      if (this.#stopped) throw new TsoError('UNAVAILABLE', 'this manager no longer writes what becomes of nodes');
      const { view } = proposer;
      const { made, nodes } = decide(view, batch);
      const actions = nodes.filter((node) => !sameData(view.node(node.id), node)).map((node) => ({ putNode: node }));
      if (actions.length === 0) return made;
      try {
        await proposer.propose({ actions, expect: expectationsOf(view, actions), atMs: clock.now(), origin: 'dispatcher' });
        return made;
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
      }
    }
  }
}

/** Each change sees what the one before it made of its node. */
const decide = (view: View, batch: readonly Waiting[]): { readonly made: readonly Waiting[]; readonly nodes: readonly Node[] } => {
  const nodes = new Map<string, Node>();
  const made = batch.filter(({ nodeId, change, reject }) => {
    try {
      const next = change(nodes.get(nodeId) ?? view.node(nodeId), view);
      if (next !== undefined) nodes.set(nodeId, next);
      return true;
    } catch (error) {
      reject(error);
      return false;
    }
  });
  return { made, nodes: [...nodes.values()] };
};
