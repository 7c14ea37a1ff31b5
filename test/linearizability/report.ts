import { initialValue, type Operation } from './history.ts';
import type { Verdict, Window } from './verdict.ts';

const did = ({ action, returnedAt }: Operation): string => {
  const what =
    action.f === 'read' ? `read ${action.value}` : action.f === 'write' ? `write ${action.value}` : `cas ${action.from} -> ${action.to}`;
  return returnedAt === Number.POSITIVE_INFINITY ? `${what} (timed out)` : what;
};

const linesOf = ({ lines: [invoked, answered], returnedAt }: Operation): string =>
  `${invoked}-${returnedAt === Number.POSITIVE_INFINITY ? '' : (answered ?? '')}`;

/** A bar per operation over the window's events, so that one sees what overlaps. */
const bars = ({ operations, culprit }: Window): ReadonlyMap<Operation, string> => {
  const instants = [...new Set(operations.flatMap((operation) => [operation.invokedAt, operation.returnedAt]))]
    .filter((at) => at <= culprit.returnedAt)
    .sort((a, b) => a - b);
  const columnOf = new Map(instants.map((at, column) => [at, column]));
  return new Map(
    operations.map((operation) => {
      const begin = columnOf.get(operation.invokedAt) ?? 0;
      const end = columnOf.get(operation.returnedAt);
      const bar = `${' '.repeat(begin)}|${'-'.repeat(Math.max(0, (end ?? instants.length) - begin - 1))}${end === undefined ? '>' : '|'}`;
      return [operation, bar];
    }),
  );
};

const reason = ({ culprit, before, operations }: Window): string => {
  const { action } = culprit;
  if (action.f === 'write') return 'no order of these operations explains what was read';
  const needed = action.f === 'read' ? action.value : action.from;
  const leaves = operations.some(
    ({ action: other }) => (other.f === 'write' ? other.value : other.f === 'cas' ? other.to : undefined) === needed,
  );
  if (needed !== initialValue && !leaves && !before.includes(needed)) return `nobody had begun to write ${needed} by then`;
  return 'no order of these operations explains what was read';
};

const windowText = (window: Window): string => {
  const bar = bars(window);
  const widest = Math.max(...[...bar.values()].map((text) => text.length));
  const rows = window.operations.map((operation) => {
    const mark = operation === window.culprit ? '   <- here no order is left' : '';
    return `  ${linesOf(operation).padStart(11)}  process ${String(operation.process).padEnd(4)} ${(bar.get(operation) ?? '').padEnd(widest)}  ${did(operation)}${mark}`;
  });
  const held = window.before.length === 1 ? `it held ${window.before[0]} before` : 'whatever it held before';
  return [`key ${window.key}: not linearizable (${held}): ${reason(window)}`, '        lines', ...rows].join('\n');
};

/** What a person reads: one line, or for each broken key the smallest stretch that no order explains. */
export const verdictText = (operations: readonly Operation[], verdict: Verdict): string => {
  const keys = new Set(operations.map((operation) => operation.key)).size;
  if (verdict.linearizable) return `linearizable: ${operations.length} operations on ${keys} ${keys === 1 ? 'key' : 'keys'}`;
  const smallest = verdict.windows.toSorted((a, b) => a.operations.length - b.operations.length);
  return smallest.map(windowText).join('\n\n');
};
