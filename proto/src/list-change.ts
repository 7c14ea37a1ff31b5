/** What a list became: entries that are new or other objects than before, and the keys of those that are gone. */
export interface ListChange<T> {
  readonly put: readonly T[];
  readonly gone: readonly string[];
}

/** Whether two entries say the same; asked only where they are not the same object. */
export type Same = (a: unknown, b: unknown) => boolean;

/** What leads from one list to the next; both are sorted by key. */
export const listChange = <T>(before: readonly T[], after: readonly T[], keyOf: (entry: T) => string, same: Same): ListChange<T> => {
  if (before === after) return { put: [], gone: [] };
  const put: T[] = [];
  const gone: string[] = [];
  let at = 0;
  for (const entry of after) {
    const key = keyOf(entry);
    for (let old = before[at]; old !== undefined && keyOf(old) < key; old = before[at]) {
      gone.push(keyOf(old));
      at += 1;
    }
    const old = before[at];
    const isKnown = old !== undefined && keyOf(old) === key;
    if (isKnown) at += 1;
    if (!isKnown || !(old === entry || same(old, entry))) put.push(entry);
  }
  return { put, gone: [...gone, ...before.slice(at).map(keyOf)] };
};

/** The list after such a change, sorted by key; itself when there was none. */
export const changedList = <T>(
  before: readonly T[],
  put: readonly T[],
  gone: readonly string[],
  keyOf: (entry: T) => string,
): readonly T[] => {
  if (put.length === 0 && gone.length === 0) return before;
  const entries = new Map(before.map((entry) => [keyOf(entry), entry]));
  for (const key of gone) entries.delete(key);
  for (const entry of put) entries.set(keyOf(entry), entry);
  return [...entries.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};
