/** A plain loop: secrets and configs have megabytes, and a call for each byte would hold the event loop for long. */
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
};

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!sameData(a[at], b[at])) return false;
  return true;
};

type Members = Readonly<Record<string, unknown>>;

const sameMembers = (a: Members, b: Members): boolean => {
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  // Most were made alike: then there is nothing in the one that is not in the other, and nobody has to look for it.
  let isMadeAlike = keys.length === others.length;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    const [mine, other] = [a[key], b[key]];
    if (key !== others[at]) isMadeAlike = false;
    if (!Object.is(mine, other) && !sameData(mine, other)) return false;
  }
  if (isMadeAlike) return true;
  for (const key of others) if (b[key] !== undefined && !(key in a)) return false;
  return true;
};

/**
 * Whether two plain data values are the same in every part. An absent member equals an undefined one. In plain loops: of all that is
 * written of tasks most is compared with what it was.
 */
export const sameData = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameItems(a, b);
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && sameBytes(a, b);
  return sameMembers(a as Members, b as Members);
};
