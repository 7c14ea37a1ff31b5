/** Why one node does not fit, as it reads after a count: `1 lacks label disk=ssd`, `2 lack label disk=ssd`. */
export interface Rejection {
  readonly one: string;
  readonly many: string;
}

/** The same words for one node and for several. */
export const alike = (text: string): Rejection => ({ one: text, many: text });

/** Nodes that do not fit, counted by reason. */
export class Tally {
  readonly #groups = new Map<string, { readonly rejection: Rejection; count: number }>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(rejection: Rejection): this {
    this.#count += 1;
    const group = this.#groups.get(rejection.many);
    if (group === undefined) this.#groups.set(rejection.many, { rejection, count: 1 });
    else group.count += 1;
    return this;
  }

  /** '2 lack label disk=ssd, 1 drained': most frequent reasons first. */
  get text(): string {
    return [...this.#groups.values()]
      .sort((a, b) => b.count - a.count || (a.rejection.many < b.rejection.many ? -1 : 1))
      .map(({ rejection, count }) => `${count} ${count === 1 ? rejection.one : rejection.many}`)
      .join(', ');
  }
}

/** 'no node fits (2 lack label disk=ssd, 1 drained)' */
export const nowhereText = (rejected: Tally): string =>
  rejected.count === 0 ? 'no node fits (the cluster has none yet)' : `no node fits (${rejected.text})`;
