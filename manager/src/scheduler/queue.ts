import type { NodeInfo } from './node-info.ts';

/** What nodes are compared by, in this order, then by id; less is better. */
export type Rank = readonly number[];

export interface Ranked {
  readonly info: NodeInfo;
  readonly rank: Rank;
}

/** The first place at which two ranks differ; undefined: they are equal. */
export const differsAt = (a: Rank, b: Rank): number | undefined => {
  // Very many are compared: an iterator for each would take longer than the rest.
  for (let at = 0; at < a.length; at += 1) if (a[at] !== (b[at] ?? 0)) return at;
  return undefined;
};

export const isBetter = (a: Ranked, b: Ranked): boolean => {
  const at = differsAt(a.rank, b.rank);
  return at === undefined ? a.info.node.id < b.info.node.id : (a.rank[at] ?? 0) < (b.rank[at] ?? 0);
};

/** The best of many first: a binary heap. */
export class RankedNodes<T extends Ranked = Ranked> {
  readonly #heap: T[] = [];

  /** The best, left in. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  push(ranked: T): void {
    this.#heap.push(ranked);
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBetter(at, parent)) return;
      at = parent;
    }
  }

  /** Takes the best out. */
  pop(): T | undefined {
    const [best] = this.#heap;
    const last = this.#heap.pop();
    if (best === undefined || last === undefined || this.#heap.length === 0) return best;
    this.#heap[0] = last;
    this.#sink();
    return best;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
      if (left === undefined) return;
      const child = right !== undefined && isBetter(right, left) ? 2 * at + 2 : 2 * at + 1;
      if (!this.#swapIfBetter(child, at)) return;
      at = child;
    }
  }

  #swapIfBetter(lower: number, upper: number): boolean {
    const [a, b] = [this.#heap[lower], this.#heap[upper]];
    if (a === undefined || b === undefined || !isBetter(a, b)) return false;
    this.#heap[lower] = b;
    this.#heap[upper] = a;
    return true;
  }
}
