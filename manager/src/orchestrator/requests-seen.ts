import type { Request } from '@tso/proto';
import type { View } from '../store/view.ts';

/** Since when the answer to each request is known, epoch milliseconds by its id; in the order in which they were seen. */
export type RequestsSeen = ReadonlyMap<string, number>;

/**
 * Notes when the planner first saw the answer to a request, by the planner's own time: what a request says of its age comes from the
 * clock of the manager that took it, which may be an hour off. A new leader begins to count anew, and so keeps them somewhat longer.
 */
export class RequestWatch {
  readonly #seen = new Map<string, number>();
  #table: unknown;
  #revision = -1;

  /** Of all requests that are there. */
  look(view: View, now: number): RequestsSeen {
    const table = view.table('request');
    if (table === this.#table && table.revision() === this.#revision) return this.#seen;
    this.#table = table;
    this.#revision = table.revision();
    const requests = view.requests();
    // What is new stands at the end of the table: of very many requests those that are known are not looked through for every plan.
    const isKnown = ({ id }: Request): boolean => this.#seen.has(id);
    for (const { id } of requests.slice(requests.findLastIndex(isKnown) + 1)) this.#seen.set(id, now);
    if (this.#seen.size < requests.length) for (const { id } of requests) if (!this.#seen.has(id)) this.#seen.set(id, now);
    if (this.#seen.size > requests.length) {
      const there = new Set(requests.map(({ id }) => id));
      for (const id of this.#seen.keys()) if (!there.has(id)) this.#seen.delete(id);
    }
    return this.#seen;
  }
}
