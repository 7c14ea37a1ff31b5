/** Why one node does not fit, as it reads after a count: `1 lacks label disk=ssd`, `2 lack label disk=ssd`. */
export interface Rejection {
  readonly one: string;
  readonly many: string;
}

/** The same words for one node and for several. */
export const alike = (text: string): Rejection => ({ one: text, many: text });

interface Group {
  count: number;
  /** How often each wording for a single node. */
  readonly ones: Map<string, number>;
}

/** Nodes that do not fit, counted by reason; perhaps as another tally says with a few more or less, that one left as it is. */
export class Tally {
  readonly #base: Tally | undefined;
  readonly #groups = new Map<string, Group>();
  #count: number;

  constructor(base?: Tally) {
    this.#base = base;
    this.#count = base?.count ?? 0;
  }

  get count(): number {
    return this.#count;
  }

  add(rejection: Rejection): this {
    return this.#take(rejection, 1);
  }

  /** Of one that was counted, be it by the tally that this one is based on. */
  drop(rejection: Rejection): this {
    return this.#take(rejection, -1);
  }

  /** '2 lack label disk=ssd, 1 drained': most frequent reasons first. */
  get text(): string {
    const reasons = new Set([...(this.#base?.reasons ?? []), ...this.reasons]);
    return [...reasons]
      .map((many) => ({ many, count: this.#countOf(many) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.many < b.many ? -1 : 1))
      .map(({ many, count }) => `${count} ${count === 1 ? this.#oneOf(many) : many}`)
      .join(', ');
  }

  private get reasons(): Iterable<string> {
    return this.#groups.keys();
  }

  private of(many: string): Group | undefined {
    return this.#groups.get(many);
  }

  #take({ one, many }: Rejection, count: number): this {
    this.#count += count;
    const group = this.#groups.get(many) ?? { count: 0, ones: new Map() };
    if (group.ones.size === 0) this.#groups.set(many, group);
    group.count += count;
    group.ones.set(one, (group.ones.get(one) ?? 0) + count);
    return this;
  }

  #countOf(many: string): number {
    return (this.#base?.of(many)?.count ?? 0) + (this.of(many)?.count ?? 0);
  }

  /** What is said of the only node of the group. */
  #oneOf(many: string): string {
    const [base, own] = [this.#base?.of(many)?.ones, this.of(many)?.ones];
    const isLeft = (one: string): boolean => (base?.get(one) ?? 0) + (own?.get(one) ?? 0) > 0;
    return [...(base?.keys() ?? []), ...(own?.keys() ?? [])].find(isLeft) ?? many;
  }
}

/** 'no node fits (2 lack label disk=ssd, 1 drained)' */
export const nowhereText = (rejected: Tally): string =>
  rejected.count === 0 ? 'no node fits (the cluster has none yet)' : `no node fits (${rejected.text})`;
