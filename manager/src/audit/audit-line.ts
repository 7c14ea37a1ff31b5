import type { Applied } from '../store/applied.ts';
import type { Change } from '../store/apply.ts';

/** More objects than that are counted only. */
const maxNamed = 200;

/** What everybody's wish puts beside its own objects: the order of wishes, and what the request was answered with. */
const isBeside = ({ kind }: Change): boolean => kind === 'cluster' || kind === 'request';

const nameOf = (change: Change): string => {
  switch (change.kind) {
    case 'stack':
    case 'config':
    case 'secret':
    case 'fileVersion':
      return (change.after ?? change.before)?.name ?? '';
    case 'service':
    case 'network':
    case 'volume':
      return (change.after ?? change.before)?.spec.name ?? '';
    case 'node':
      return (change.after ?? change.before)?.description.hostname ?? '';
    case 'task': {
      const task = change.after ?? change.before;
      return task === undefined ? '' : `${task.serviceName}.${task.slot}`;
    }
    case 'cluster':
    case 'manager':
    case 'authority':
    case 'request':
      return '';
    default:
      return change satisfies never;
  }
};

const actionOf = ({ before, after }: Change): string => {
  if (before === undefined) return 'create';
  return after === undefined ? 'remove' : 'update';
};

const changed = (change: Change): object => ({ kind: change.kind, id: change.id, name: nameOf(change), action: actionOf(change) });

/**
 * One applied transaction that somebody asked for, as a line of JSON with its newline: who, from where, what about, and which objects were
 * made, changed or removed; never what is in them, which may be secret. Undefined: nobody asked for it.
 * @param at the instant of the transaction, for people
 */
export const auditLine = ({ index, atMs, audit, changes }: Applied, at: string): string | undefined => {
  if (audit === undefined) return undefined;
  const { actor, role, source, manager, method, target, requestId } = audit;
  const named = changes.filter((change) => !isBeside(change));
  const more = named.length > maxNamed ? { moreChanges: named.length - maxNamed } : {};
  const line = {
    at,
    atMs,
    index,
    actor,
    role,
    source,
    manager,
    method,
    target,
    requestId,
    changes: named.slice(0, maxNamed).map(changed),
    ...more,
  };
  return `${JSON.stringify(line)}\n`;
};

/** Says that the lines of these entries are missing here. */
export const missedLine = (from: number, to: number, at: string, why: string): string =>
  `${JSON.stringify({ at, index: to, missed: { from, to }, why })}\n`;

/** The end of a log: the index in its last whole line, and how many bytes behind that line are of one that was cut off. */
export interface LogEnd {
  /** 0: there is no whole line. */
  readonly index: number;
  readonly tornBytes: number;
}

const indexIn = (line: string): number | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    const index = typeof value === 'object' && value !== null && 'index' in value ? value.index : undefined;
    return typeof index === 'number' ? index : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Where a log ends, by its last bytes. Lines that are none, though they end as lines do, are passed over: a disk may have left them. */
export const endOfLog = (tail: Uint8Array): LogEnd => {
  const newline = tail.lastIndexOf(0x0a);
  const lines = new TextDecoder().decode(tail.subarray(0, newline + 1)).split('\n');
  const index = lines.toReversed().reduce<number | undefined>((found, line) => found ?? indexIn(line), undefined);
  return { index: index ?? 0, tornBytes: tail.length - newline - 1 };
};
