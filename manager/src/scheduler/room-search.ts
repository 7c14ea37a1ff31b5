import type { Task } from '@tso/proto';
import type { NodeInfo } from './node-info.ts';
import { type Ranked, RankedNodes } from './queue.ts';

/** What making room on one node would cost; what it is ranked by goes before the node's id. */
export interface Proposal extends Ranked {
  /** Those that would be stopped. */
  readonly victims: readonly Task[];
  /** Those that are being stopped anyway. */
  readonly leaving: readonly Task[];
}

/** Where room can be made is compared for so many nodes at most, those where tasks are being stopped anyway before all others. */
const mostCompared = 200;

/** Where room can be made for tasks that ask for the same, the cheapest place first, without looking at every node for every task. */
export class RoomSearch {
  readonly #look: (nodeId: string) => Proposal | undefined;
  /** Not looked at yet, the next one last. */
  readonly #unseen: string[];
  readonly #heap = new RankedNodes<Proposal>();
  readonly #present = new Map<string, Proposal>();
  readonly #dirty = new Set<string>();

  /** @param nodes in the order in which they are looked at */
  constructor(nodes: readonly string[], look: (nodeId: string) => Proposal | undefined) {
    this.#unseen = nodes.toReversed();
    this.#look = look;
  }

  /** Something has changed on the node: what was found there is found anew. */
  changed(nodeId: string): void {
    this.#dirty.add(nodeId);
  }

  get best(): Proposal | undefined {
    for (const nodeId of this.#dirty) if (this.#present.delete(nodeId)) this.#add(nodeId);
    this.#dirty.clear();
    while (this.#present.size < mostCompared) {
      const next = this.#unseen.pop();
      if (next === undefined) break;
      this.#add(next);
    }
    for (let head = this.#heap.first; head !== undefined; head = this.#heap.first) {
      if (this.#present.get(head.info.node.id) === head) return head;
      this.#heap.pop();
    }
    return undefined;
  }

  #add(nodeId: string): void {
    const proposal = this.#look(nodeId);
    if (proposal === undefined) return;
    this.#present.set(nodeId, proposal);
    this.#heap.push(proposal);
  }
}

/** Looks a node up as it is now, with what tasks take of it. */
export type InfoOf = (nodeId: string) => NodeInfo | undefined;
