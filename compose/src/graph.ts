/** Walks over who needs whom, without recursion: a file may have chains of many thousand services. */

export interface Walked {
  /** Everyone reachable, each behind all that it leads to (but for those of a circle). */
  readonly order: readonly string[];
  /** The first circle met, its first member named again at the end; undefined: there is none. */
  readonly circle: readonly string[] | undefined;
}

/** Depth first from each of the starts in their order, by what `next` gives in its order. */
export const walk = (starts: Iterable<string>, next: (name: string) => readonly string[]): Walked => {
  const order: string[] = [];
  const done = new Set<string>();
  let circle: readonly string[] | undefined;
  for (const start of starts) {
    if (done.has(start)) continue;
    // A Map keeps its order: it is the path so far, with what is still ahead of each.
    const path = new Map<string, Iterator<string>>([[start, next(start).values()]]);
    const names = [start];
    for (let at = names.at(-1); at !== undefined; at = names.at(-1)) {
      const step = path.get(at)?.next();
      if (step === undefined || step.done === true) {
        names.pop();
        path.delete(at);
        done.add(at);
        order.push(at);
      } else if (path.has(step.value)) {
        circle ??= [...names.slice(names.indexOf(step.value)), step.value];
      } else if (!done.has(step.value)) {
        path.set(step.value, next(step.value).values());
        names.push(step.value);
      }
    }
  }
  return { order, circle };
};
