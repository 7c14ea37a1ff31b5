/**
 * What was found of things that lead to one another, each looked into once rather than by every way that leads to it: of a view that does not
 * change meanwhile. What stands in a circle is found as if nothing led back to where one began, whoever was looked into before.
 */
class Findings<T> {
  readonly #inCircle: T;
  readonly #found = new Map<string, { readonly value: T }>();
  /** Those that are being looked into, the one that was asked for first. */
  readonly #path = new Set<string>();
  /** Found since then. */
  #since: string[] = [];
  #isCircle = false;

  /** @param inCircle what one is taken for while it is being looked into itself */
  constructor(inCircle: T) {
    this.#inCircle = inCircle;
  }

  of(id: string, look: () => T): T {
    const found = this.#found.get(id);
    if (found !== undefined) return found.value;
    if (this.#path.has(id)) {
      this.#isCircle = true;
      return this.#inCircle;
    }
    this.#path.add(id);
    const value = look();
    this.#path.delete(id);
    this.#found.set(id, { value });
    this.#since.push(id);
    if (this.#path.size === 0) this.#leave();
    return value;
  }

  /** What was found on the way round a circle holds for whoever began there, and for nobody else. */
  #leave(): void {
    if (this.#isCircle) for (const id of this.#since) this.#found.delete(id);
    this.#since = [];
    this.#isCircle = false;
  }
}

/** What is known of the services of one view, for as long as that stays as it is: made for one answer or one state of a draft, and handed down. */
export class Known {
  /** `restartedSinceMs` by service. */
  readonly restartedSince = new Findings(0);
  /** `failureOf` by service. */
  readonly failures = new Findings<string | undefined>(undefined);
}
