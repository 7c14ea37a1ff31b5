/** By what connections are counted: the IPv4 address, however it is written; of IPv6 the first half, since whoever has one has the other 2^64 too. */
export const crowdNameOf = (address: string): string => {
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.ipv4;
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
};

/** Those of one address; each set has the longest there first. */
interface Crowd<A> {
  readonly all: Set<A>;
  readonly waiting: Set<A>;
  readonly handshakes: Set<A>;
}

/**
 * Who is here from which address, and who is next. Addresses take turns, so that many connections of one hold up nobody else; of one
 * address it is the turn of the one that has waited longest.
 */
export class Crowds<A> {
  readonly #crowds = new Map<string, Crowd<A>>();
  /** Those in which somebody waits; the first has its turn next. */
  readonly #line = new Set<Crowd<A>>();

  /** All of that address, the longest here first. */
  of(name: string): ReadonlySet<A> {
    return this.#crowds.get(name)?.all ?? new Set();
  }

  /** All of the address with the most, the longest here first. */
  get largest(): ReadonlySet<A> {
    let largest: ReadonlySet<A> = new Set();
    for (const { all } of this.#crowds.values()) if (all.size > largest.size) largest = all;
    return largest;
  }

  enter(name: string, arrival: A): void {
    const crowd = this.#crowds.get(name) ?? { all: new Set(), waiting: new Set(), handshakes: new Set() };
    this.#crowds.set(name, crowd);
    crowd.all.add(arrival);
  }

  wait(name: string, arrival: A): void {
    const crowd = this.#crowds.get(name);
    if (crowd === undefined) return;
    crowd.waiting.add(arrival);
    this.#line.add(crowd);
  }

  /** Takes the next out of the line, to its handshake: of an address that has fewer of those. */
  next(handshakesOfOne: number): A | undefined {
    for (const crowd of this.#line) {
      const [first] = crowd.waiting;
      if (first === undefined || crowd.handshakes.size >= handshakesOfOne) continue;
      crowd.handshakes.add(first);
      this.#leaveLine(crowd, first);
      // Behind the others.
      if (this.#line.delete(crowd)) this.#line.add(crowd);
      return first;
    }
    return undefined;
  }

  leave(name: string, arrival: A): void {
    const crowd = this.#crowds.get(name);
    if (crowd === undefined) return;
    this.#leaveLine(crowd, arrival);
    crowd.handshakes.delete(arrival);
    crowd.all.delete(arrival);
    if (crowd.all.size === 0) this.#crowds.delete(name);
  }

  /** Nobody waits any more. */
  clearLine(): void {
    for (const { waiting } of this.#line) waiting.clear();
    this.#line.clear();
  }

  #leaveLine(crowd: Crowd<A>, arrival: A): void {
    crowd.waiting.delete(arrival);
    if (crowd.waiting.size === 0) this.#line.delete(crowd);
  }
}
