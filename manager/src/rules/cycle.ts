/**
 * One circle among things that lead to others, its first one named again at the end; undefined: there is none. Without recursion, so that a chain of
 * ten thousand costs no more than its length.
 * @param next where each leads; what is no key leads nowhere
 */
export const cycleIn = (next: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  for (const start of next.keys()) {
    if (done.has(start)) continue;
    const path: string[] = [start];
    const onPath = new Set(path);
    const ahead: string[][] = [[...(next.get(start) ?? [])]];
    while (path.length > 0) {
      const to = ahead.at(-1)?.shift();
      if (to === undefined) {
        const left = path.pop() ?? '';
        ahead.pop();
        onPath.delete(left);
        done.add(left);
      } else if (onPath.has(to)) return [...path.slice(path.indexOf(to)), to];
      else if (!done.has(to)) {
        path.push(to);
        onPath.add(to);
        ahead.push([...(next.get(to) ?? [])]);
      }
    }
  }
  return undefined;
};
