// Is there an order of these operations on one register, each between its invocation and its answer, that explains what was read?
//
// Wing and Gong's search with memoisation, in Lowe's just-in-time form: answers are taken in their order, and what was tried at each is
// remembered as a configuration, never to be tried again. An operation is put in order only when its answer is due, or
// when another operation needs the value it leaves. Three rules of registers keep the set small:
//   - a read that fits the value of now is put in order at once: it changes nothing and is never needed later;
//   - a write that nobody observes can hide just before any other write that comes after its invocation;
//   - a timeout is put in order only when its value is observed; of equal ones any does; having used fewer of them is never worse.
import { type Action, initialValue, type Operation, type ValueText } from './history.ts';

interface Configuration {
  readonly value: ValueText;
  /** Open operations that already have their place; those answered have left it. */
  readonly placed: ReadonlySet<Operation>;
  /** When a write was last put in order: open writes invoked before may hide in front of it. */
  readonly writtenAt: number;
}

const never = -1;

const isOptional = (operation: Operation): boolean => operation.returnedAt === Number.POSITIVE_INFINITY;
const leaves = (action: Action): ValueText | undefined =>
  action.f === 'read' ? undefined : action.f === 'write' ? action.value : action.to;
const needs = (action: Action): ValueText | undefined =>
  action.f === 'write' ? undefined : action.f === 'read' ? action.value : action.from;
const sameAction = (a: Action, b: Action): boolean => a.f === b.f && leaves(a) === leaves(b) && needs(a) === needs(b);

const serials = new WeakMap<Operation, number>();
let nextSerial = 0;
const serialOf = (operation: Operation): number => {
  const known = serials.get(operation);
  if (known !== undefined) return known;
  nextSerial += 1;
  serials.set(operation, nextSerial);
  return nextSerial;
};
const setKey = (operations: Iterable<Operation>): string =>
  [...operations]
    .map(serialOf)
    .sort((a, b) => a - b)
    .join();

/**
 * Whether having used these timeouts leaves at least as much open as having used those: they are among those, but that a cas may
 * stand for a write of the same value, which would have fitted wherever the cas does.
 */
const leavesMore = (these: ReadonlySet<Operation>, those: ReadonlySet<Operation>): boolean => {
  if (these.size > those.size) return false;
  let unmatched: Operation[] | undefined;
  for (const operation of these) {
    if (those.has(operation)) continue;
    if (operation.action.f !== 'cas') return false;
    unmatched ??= [...those].filter((other) => other.action.f === 'write' && !these.has(other));
    const match = unmatched.findIndex((other) => leaves(other.action) === leaves(operation.action));
    if (match === -1) return false;
    unmatched.splice(match, 1);
  }
  return true;
};

/** Configurations, none of which has used more timeouts than another one that is otherwise equal. */
class Frontier {
  readonly #groups = new Map<string, { readonly configuration: Configuration; readonly used: ReadonlySet<Operation> }[]>();

  /** False when there is one already that is at least as good. */
  add(configuration: Configuration): boolean {
    const fixed: Operation[] = [];
    const used = new Set<Operation>();
    for (const operation of configuration.placed) {
      if (isOptional(operation)) used.add(operation);
      else fixed.push(operation);
    }
    const key = `${setKey(fixed)}|${configuration.writtenAt}|${configuration.value}`;
    const group = this.#groups.get(key) ?? [];
    if (group.some((other) => leavesMore(other.used, used))) return false;
    this.#groups.set(key, [...group.filter((other) => !leavesMore(used, other.used)), { configuration, used }]);
    return true;
  }
}

/** What is open at one event, and the moves that it allows. */
class Open {
  readonly operations: ReadonlySet<Operation>;

  constructor(operations: ReadonlySet<Operation>) {
    this.operations = operations;
  }

  #observed(value: ValueText, placed: ReadonlySet<Operation>, but: Operation): boolean {
    for (const other of this.operations) if (other !== but && !placed.has(other) && needs(other.action) === value) return true;
    return false;
  }

  /** The first of equal timeouts stands for all of them, and a cas that fits is used up before a write. */
  #hasBetter(operation: Operation, value: ValueText, placed: ReadonlySet<Operation>): boolean {
    let isLater = false;
    for (const other of this.operations) {
      if (other === operation) {
        if (operation.action.f === 'cas') return false;
        isLater = true;
        continue;
      }
      if (!isOptional(other) || placed.has(other)) continue;
      if (!isLater && sameAction(other.action, operation.action)) return true;
      if (
        operation.action.f === 'write' &&
        other.action.f === 'cas' &&
        other.action.from === value &&
        leaves(other.action) === operation.action.value
      )
        return true;
    }
    return false;
  }

  readsPlaced(configuration: Configuration): Configuration {
    let placed: Set<Operation> | undefined;
    for (const operation of this.operations) {
      if (operation.action.f !== 'read' || operation.action.value !== configuration.value || configuration.placed.has(operation)) continue;
      placed ??= new Set(configuration.placed);
      placed.add(operation);
    }
    return placed === undefined ? configuration : { ...configuration, placed };
  }

  place(configuration: Configuration, operation: Operation, at: number): Configuration {
    const value = leaves(operation.action) ?? configuration.value;
    const placed = new Set(configuration.placed).add(operation);
    return this.readsPlaced({ value, placed, writtenAt: operation.action.f === 'write' ? at : configuration.writtenAt });
  }

  /** Operations worth putting in order before the one whose answer is due. */
  *moves({ value, placed }: Configuration): Generator<Operation> {
    for (const operation of this.operations) {
      const { action } = operation;
      if (placed.has(operation) || action.f === 'read' || (action.f === 'cas' && action.from !== value)) continue;
      const mustBePlacedNow = action.f === 'cas' && !isOptional(operation);
      if (!mustBePlacedNow && !this.#observed(leaves(action) ?? value, placed, operation)) continue;
      if (isOptional(operation) && this.#hasBetter(operation, value, placed)) continue;
      yield operation;
    }
  }

  /** Only which open writes may hide matters of the instant of the last write. */
  #rounded(configuration: Configuration): number {
    let rounded = never;
    for (const operation of this.operations)
      if (
        operation.action.f === 'write' &&
        !isOptional(operation) &&
        !configuration.placed.has(operation) &&
        operation.invokedAt < configuration.writtenAt
      )
        rounded = Math.max(rounded, operation.invokedAt + 1);
    return rounded;
  }

  /** With the instant of the last write rounded, so that what does not differ is equal. */
  rounded(configuration: Configuration): Configuration {
    return { ...configuration, writtenAt: this.#rounded(configuration) };
  }
}

/** Adds every configuration in which the operation has its place, as soon as it has it, those that use few timeouts first. */
const place = (open: Open, from: Configuration, due: Operation, found: (configuration: Configuration) => void): void => {
  const seen = new Frontier();
  let layer: readonly Configuration[] = [from];
  while (layer.length > 0) {
    const next: Configuration[] = [];
    for (const configuration of layer) {
      if (configuration.placed.has(due)) {
        found(configuration);
        continue;
      }
      if (due.action.f === 'write') {
        if (due.invokedAt < configuration.writtenAt) found(configuration);
        found(open.place(configuration, due, due.returnedAt));
      }
      for (const operation of open.moves(configuration)) next.push(open.place(configuration, operation, due.returnedAt));
    }
    layer = next.filter((configuration) => seen.add(configuration));
  }
};

const without = (configuration: Configuration, operation: Operation): Configuration => {
  if (!configuration.placed.has(operation)) return configuration;
  const placed = new Set(configuration.placed);
  placed.delete(operation);
  return { ...configuration, placed };
};

/** Timeouts whose value nobody ever needs can as well never happen. */
const withoutUnobserved = (operations: readonly Operation[]): readonly Operation[] => {
  let kept = operations;
  for (;;) {
    const needed = new Map<ValueText, number>();
    for (const { action } of kept) {
      const value = needs(action);
      if (value !== undefined) needed.set(value, (needed.get(value) ?? 0) + 1);
    }
    const next = kept.filter((operation) => !isOptional(operation) || needed.has(leaves(operation.action) ?? ''));
    if (next.length === kept.length) return kept;
    kept = next;
  }
};

/** An answer that is due, what is open then, and what is left open after it. */
interface Stage {
  readonly due: Operation;
  readonly open: Open;
  readonly after: Open;
}

const stagesOf = (operations: readonly Operation[]): readonly Stage[] => {
  const events = operations
    .flatMap((operation) => [
      { at: operation.invokedAt, operation, due: false },
      ...(isOptional(operation) ? [] : [{ at: operation.returnedAt, operation, due: true }]),
    ])
    .sort((a, b) => a.at - b.at);
  const stages: Stage[] = [];
  let open = new Set<Operation>();
  for (const { operation, due } of events) {
    if (!due) {
      open.add(operation);
      continue;
    }
    const after = new Set(open);
    after.delete(operation);
    stages.push({ due: operation, open: new Open(open), after: new Open(after) });
    open = new Set(after);
  }
  return stages;
};

/**
 * The operation at whose answer no order is left, or undefined when all of them (of one key) can be explained.
 * `startValues`: what the register may hold at the beginning.
 */
export const firstInexplicable = (
  operations: readonly Operation[],
  startValues: Iterable<ValueText> = [initialValue],
): Operation | undefined => {
  const stages = stagesOf(withoutUnobserved(operations));
  const seen = stages.map(() => new Frontier());
  // Depth first: a history that can be explained is explained soon, though the set of all configurations may be large.
  const stack: { readonly at: number; readonly configuration: Configuration }[] = [];
  const enter = (at: number, configuration: Configuration): void => {
    if (seen[at]?.add(configuration) === true) stack.push({ at, configuration });
  };
  let furthest = 0;
  if (stages.length === 0) return undefined;
  for (const value of startValues) enter(0, { value, placed: new Set(), writtenAt: never });
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const stage = stages[top.at];
    if (stage === undefined) return undefined;
    furthest = Math.max(furthest, top.at);
    const { open, after, due } = stage;
    const found: Configuration[] = [];
    place(open, open.readsPlaced(top.configuration), due, (it) => found.push(after.rounded(without(it, due))));
    if (found.length > 0 && top.at + 1 === stages.length) return undefined;
    for (const configuration of found.reverse()) enter(top.at + 1, configuration);
  }
  return stages[furthest]?.due;
};
