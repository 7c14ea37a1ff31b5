// Is there an order of these operations on one register, each between its invocation and its answer, that explains what was read?
//
// Wing and Gong's search with memoisation, in Lowe's just-in-time form: events are taken in their order, and what is kept between two
// events is the set of different configurations that some order leads to. An operation is put in order only when its answer is due, or
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

const isSubset = (a: ReadonlySet<Operation>, b: ReadonlySet<Operation>): boolean =>
  a.size <= b.size && [...a].every((operation) => b.has(operation));

/** What is open at one event, and the moves that it allows. */
class Open {
  readonly operations = new Set<Operation>();

  #observed(value: ValueText, placed: ReadonlySet<Operation>, but: Operation): boolean {
    for (const other of this.operations) if (other !== but && !placed.has(other) && needs(other.action) === value) return true;
    return false;
  }

  /** The lowest of equal timeouts stands for all of them. */
  #hasTwinBefore(operation: Operation, placed: ReadonlySet<Operation>): boolean {
    for (const other of this.operations) {
      if (other === operation) return false;
      if (isOptional(other) && !placed.has(other) && sameAction(other.action, operation.action)) return true;
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
      if (isOptional(operation) && this.#hasTwinBefore(operation, placed)) continue;
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

  /** Equal configurations once, and none that has used more timeouts than another one that is otherwise equal. */
  distinct(configurations: Iterable<Configuration>): readonly Configuration[] {
    const groups = new Map<string, { readonly configuration: Configuration; readonly used: ReadonlySet<Operation> }[]>();
    for (const raw of configurations) {
      const configuration = { ...raw, writtenAt: this.#rounded(raw) };
      const key = `${setKey([...raw.placed].filter((operation) => !isOptional(operation)))}|${configuration.writtenAt}|${raw.value}`;
      const used = new Set([...raw.placed].filter(isOptional));
      const group = groups.get(key) ?? [];
      if (group.some((other) => isSubset(other.used, used))) continue;
      groups.set(key, [...group.filter((other) => !isSubset(used, other.used)), { configuration, used }]);
    }
    return [...groups.values()].flat().map(({ configuration }) => configuration);
  }
}

/** Every configuration in which the operation has its place, as soon as it has it. */
const placements = (open: Open, from: Configuration, due: Operation): readonly Configuration[] => {
  const found: Configuration[] = [];
  const seen = new Set<string>();
  const search = (configuration: Configuration): void => {
    const key = `${setKey(configuration.placed)}|${configuration.value}|${configuration.writtenAt}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (configuration.placed.has(due)) {
      found.push(configuration);
      return;
    }
    if (due.action.f === 'write') {
      if (due.invokedAt < configuration.writtenAt) found.push(configuration);
      found.push(open.place(configuration, due, due.returnedAt));
    }
    for (const operation of open.moves(configuration)) search(open.place(configuration, operation, due.returnedAt));
  };
  search(from);
  return found;
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

/**
 * The operation at whose answer no order is left, or undefined when all of them (of one key) can be explained.
 * `startValues`: what the register may hold at the beginning.
 */
export const firstInexplicable = (
  operations: readonly Operation[],
  startValues: Iterable<ValueText> = [initialValue],
): Operation | undefined => {
  const events = withoutUnobserved(operations)
    .flatMap((operation) => [
      { at: operation.invokedAt, operation, due: false },
      ...(isOptional(operation) ? [] : [{ at: operation.returnedAt, operation, due: true }]),
    ])
    .sort((a, b) => a.at - b.at);
  const open = new Open();
  let configurations: readonly Configuration[] = [...startValues].map((value) => ({
    value,
    placed: new Set<Operation>(),
    writtenAt: never,
  }));
  for (const { operation, due } of events) {
    if (!due) {
      open.operations.add(operation);
      if (operation.action.f === 'read') configurations = configurations.map((configuration) => open.readsPlaced(configuration));
      continue;
    }
    const next = configurations.flatMap((configuration) => placements(open, configuration, operation));
    if (next.length === 0) return operation;
    open.operations.delete(operation);
    configurations = open.distinct(next.map((configuration) => without(configuration, operation)));
  }
  return undefined;
};
