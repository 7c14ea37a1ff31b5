import type { Service } from '@tso/proto';

/**
 * The longest way from service to service, none of them known: only those that stand in a circle or lead to one are not known ahead, and what
 * lies further is taken for a part of it. Each step is a few frames of the stack, which is to hold them all.
 */
const longestWay = 500;

/**
 * What was found of services that lead to one another, each looked into once rather than by every way that leads to it: of a view that does not
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

  /**
   * What is found of a service, now or before.
   * @param next services whose findings `look` asks for; those are looked into first, the farthest before all others, so that a long chain is no deep one
   */
  of(service: Service, next: (service: Service) => readonly Service[], look: (service: Service) => T): T {
    if (this.#path.size === 0) this.#lookAhead(service, next, look);
    return this.#one(service, look);
  }

  #lookAhead(start: Service, next: (service: Service) => readonly Service[], look: (service: Service) => T): void {
    const begun = new Set<string>();
    const ahead: { readonly service: Service; readonly isLast: boolean }[] = [{ service: start, isLast: false }];
    for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
      const { service, isLast } = at;
      if (isLast) {
        this.#one(service, look);
        // It stands in a circle or leads to one: nothing that leads to it can be known ahead either.
        if (!this.#found.has(service.id)) return;
      } else if (!begun.has(service.id) && !this.#found.has(service.id)) {
        begun.add(service.id);
        ahead.push({ service, isLast: true });
        for (const each of next(service)) ahead.push({ service: each, isLast: false });
      }
    }
  }

  #one(service: Service, look: (service: Service) => T): T {
    const { id } = service;
    const found = this.#found.get(id);
    if (found !== undefined) return found.value;
    if (this.#path.has(id) || this.#path.size >= longestWay) {
      this.#isCircle = true;
      return this.#inCircle;
    }
    this.#path.add(id);
    const value = look(service);
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
  readonly failures: Findings<string | undefined>;

  /** @param failures those found before, where it does not matter that they may be over */
  constructor(failures = new Findings<string | undefined>(undefined)) {
    this.failures = failures;
  }
}

/** What is known of a draft as it is now: nothing any more of what it was before its last change. */
export class KnownNow {
  readonly #draft: { readonly revision: number };
  readonly #make: () => Known;
  #known: Known;
  #at = -1;

  constructor(draft: { readonly revision: number }, make = () => new Known()) {
    this.#draft = draft;
    this.#make = make;
    this.#known = make();
  }

  get known(): Known {
    if (this.#at !== this.#draft.revision) this.#known = this.#make();
    this.#at = this.#draft.revision;
    return this.#known;
  }
}
