interface Item {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time: what is planned runs in its order, and time moves only from one to the next. A binary heap. */
export class Agenda {
  /** Milliseconds. */
  now = 0;
  /** Items that were run. */
  steps = 0;
  private heap: Item[] = [];
  private order = 0;

  plan(delay: number, run: () => void): void {
    this.order += 1;
    const item = { at: this.now + Math.max(0, delay), order: this.order, run };
    const { heap } = this;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(item, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** Runs the next item; false when there is none. */
  step(): boolean {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) this.sink(last);
    this.now = first.at;
    this.steps += 1;
    first.run();
    return true;
  }

  private sink(item: Item): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && before(right, left);
      const child = isRight ? right : left;
      if (!before(child, item)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = item;
  }
}

const before = (a: Item, b: Item): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
