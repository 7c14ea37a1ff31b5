import { initialValue, type Operation, type ValueText } from './history.ts';
import { firstInexplicable } from './register.ts';

/** A stretch of one key's history that no order explains, whatever came before it. */
export interface Window {
  readonly key: string;
  /** By invocation; the ones that timed out only when their value matters here. */
  readonly operations: readonly Operation[];
  /** The one whose answer leaves no order. */
  readonly culprit: Operation;
  /** What the key may have held at the beginning of the stretch; undefined when that is any value written before. */
  readonly before: readonly ValueText[];
}

export type Verdict = { readonly linearizable: true } | { readonly linearizable: false; readonly windows: readonly Window[] };

const wrote = ({ action }: Operation): readonly ValueText[] =>
  action.f === 'read' ? [] : [action.f === 'write' ? action.value : action.to];

/** The stretch from an event to the culprit: what began before and may have happened before is free to happen or not. */
const stretch = (operations: readonly Operation[], from: number, culprit: Operation) => {
  const inside = operations
    .filter((operation) => operation.returnedAt >= from && operation.invokedAt < culprit.returnedAt)
    .filter((operation) => operation.invokedAt >= from || operation.action.f !== 'read')
    .map((operation) =>
      operation.invokedAt < from || operation.returnedAt > culprit.returnedAt
        ? { ...operation, returnedAt: Number.POSITIVE_INFINITY }
        : operation,
    )
    .filter((operation) => operation.action.f !== 'read' || operation.returnedAt !== Number.POSITIVE_INFINITY);
  const before = new Set<ValueText>([initialValue]);
  for (const operation of operations) if (operation.invokedAt < from) for (const value of wrote(operation)) before.add(value);
  return { inside, before };
};

const smallestWindow = (key: string, operations: readonly Operation[], culprit: Operation): Window => {
  const starts = operations.map((operation) => operation.invokedAt).filter((at) => at <= culprit.invokedAt);
  const broken = (index: number): boolean => {
    const { inside, before } = stretch(operations, starts[index] ?? 0, culprit);
    return firstInexplicable(inside, before) !== undefined;
  };
  // From the culprit backwards in doubling steps, then the latest start in between at which the stretch is still inexplicable.
  let good = starts.length;
  let bad = starts.length - 1;
  while (bad > 0 && !broken(bad)) {
    good = bad;
    bad = Math.max(0, bad - 2 * (starts.length - bad));
  }
  while (good - bad > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (broken(middle)) bad = middle;
    else good = middle;
  }
  const from = starts[bad] ?? 0;
  const { before } = stretch(operations, from, culprit);
  const shown = operations.filter((operation) => operation.returnedAt >= from && operation.invokedAt < culprit.returnedAt);
  const needed = new Set(shown.flatMap(({ action }) => (action.f === 'read' ? [action.value] : action.f === 'cas' ? [action.from] : [])));
  return {
    key,
    operations: shown.filter(
      (operation) =>
        operation.returnedAt !== Number.POSITIVE_INFINITY ||
        operation.invokedAt >= from ||
        wrote(operation).some((value) => needed.has(value)),
    ),
    culprit,
    before: [...before],
  };
};

/** Each key is a register of its own: a history is linearizable when every key's is (Herlihy and Wing 1990, locality). */
export const checkHistory = (operations: readonly Operation[]): Verdict => {
  const windows = [...Map.groupBy(operations, (operation) => operation.key)].flatMap(([key, ofKey]): Window[] => {
    const culprit = firstInexplicable(ofKey);
    return culprit === undefined ? [] : [smallestWindow(key, ofKey, culprit)];
  });
  return windows.length === 0 ? { linearizable: true } : { linearizable: false, windows };
};
