import type { GenericResource } from '@tso/proto';

/** What tasks have been given of one kind: with the ids that are theirs, and how many of those that have none. */
export interface Claimed {
  readonly ids: ReadonlySet<string>;
  readonly nameless: number;
}

export type ClaimedByKind = ReadonlyMap<string, Claimed>;

export const nothingClaimed: ClaimedByKind = new Map();

/** Sums of what is asked for, by kind in the order of names; what asks for none of a kind is left out. */
export const asked = (generic: readonly GenericResource[]): readonly GenericResource[] => {
  if (generic.length === 0) return generic;
  const sums = new Map<string, number>();
  for (const { kind, count } of generic) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return [...sums]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => ({ kind, count, ids: [] }));
};

/** The same with what one more task was given. */
export const withClaim = (claimed: ClaimedByKind, given: readonly GenericResource[]): ClaimedByKind => {
  if (given.length === 0) return claimed;
  const next = new Map(claimed);
  for (const { kind, count, ids } of given) {
    const { ids: taken = [], nameless = 0 } = next.get(kind) ?? {};
    next.set(kind, { ids: new Set([...taken, ...ids]), nameless: nameless + Math.max(0, count - ids.length) });
  }
  return next;
};

/** Those of a kind with ids that nobody has, in the order in which the node names them. */
const unclaimedIds = ({ ids }: GenericResource, claimed: Claimed | undefined): readonly string[] =>
  claimed === undefined ? ids : ids.filter((id) => !claimed.ids.has(id));

/** How many of the kind the node has left; what was claimed before its owner named them is held back all the same. */
export const leftOf = (has: readonly GenericResource[], claimed: ClaimedByKind, kind: string): number => {
  const own = has.find((each) => each.kind === kind);
  if (own === undefined) return 0;
  const taken = claimed.get(kind);
  if (own.ids.length > 0) return Math.max(0, unclaimedIds(own, taken).length - (taken?.nameless ?? 0));
  return Math.max(0, own.count - (taken?.nameless ?? 0) - (taken?.ids.size ?? 0));
};

/** What a task that asks for that is given, the first ids that nobody has; it must fit. */
export const claim = (
  has: readonly GenericResource[],
  claimed: ClaimedByKind,
  wanted: readonly GenericResource[],
): readonly GenericResource[] =>
  wanted.map(({ kind, count }) => {
    const own = has.find((each) => each.kind === kind);
    return { kind, count, ids: own === undefined ? [] : unclaimedIds(own, claimed.get(kind)).slice(0, count) };
  });
