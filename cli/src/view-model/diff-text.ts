import type { ObjectChange, PlannedTask, PlanPreview } from '@tso/proto';
import { type Colors, noColors } from '../output/color.ts';
import { renderTable } from '../output/table.ts';
import { oneLine } from './task-text.ts';

/** What a dry run answers. */
export interface DiffReply {
  readonly changes: readonly ObjectChange[];
  readonly preview?: PlanPreview | null | undefined;
}

interface Sign {
  readonly mark: string;
  readonly color: 'green' | 'yellow' | 'red' | 'dim';
}

const signs: Readonly<Record<string, Sign>> = {
  create: { mark: '+', color: 'green' },
  update: { mark: '~', color: 'yellow' },
  remove: { mark: '-', color: 'red' },
  none: { mark: '=', color: 'dim' },
};

/** Whether anything would change. */
export const isDifferent = (changes: readonly ObjectChange[]): boolean => changes.some(({ action }) => action !== 'none');

const valueText = (value: string): string => (value === '' ? '(none)' : oneLine(value));

const changeLines = ({ kind, name, action, changes, effect }: ObjectChange, colors: Colors): readonly string[] => {
  const { mark, color } = signs[action] ?? { mark: '?', color: 'dim' };
  const why = effect === undefined || effect === null || effect === '' ? '' : ` (${oneLine(effect)})`;
  return [
    `${colors[color](`${mark} ${action} ${kind} ${oneLine(name)}`)}${why}`,
    ...changes.map(({ path, from, to }) => `    ${oneLine(path)}: ${valueText(from)} -> ${valueText(to)}`),
  ];
};

/** One line per object that would change with what that means for its tasks, its fields below it; a sentence when nothing would. */
export const changesText = (changes: readonly ObjectChange[], colors: Colors = noColors): string => {
  const real = changes.filter(({ action }) => action !== 'none');
  if (real.length === 0) return 'Nothing would change.\n';
  return real
    .flatMap((change) => changeLines(change, colors))
    .map((line) => `${line}\n`)
    .join('');
};

const placeText = ({ service, slot }: PlannedTask): string => (slot === 0 ? service : `${service}.${slot}`);

const plannedColumns = [{ title: 'TASK' }, { title: 'WOULD' }, { title: 'NODE' }, { title: 'WHY', wrap: true }] as const;

/** `start`, or `wait` for one that no node takes. */
const actionText = ({ action, node }: PlannedTask): string => (node === '' && action !== 'stop' ? 'wait' : action);

const plannedCells = (task: PlannedTask): readonly string[] => [placeText(task), actionText(task), task.node, task.reason];

/** What would change, and what the planner would do then, task by task. `width`: columns of the terminal. */
export const diffText = ({ changes, preview }: DiffReply, width: number | undefined, colors: Colors = noColors): string => {
  const tasks = preview?.tasks ?? [];
  const text = changesText(changes, colors);
  return tasks.length === 0 ? text : `${text}\n${renderTable(plannedColumns, tasks.map(plannedCells), width)}`;
};

export interface DiffEntry {
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[];
  /** What it means for tasks, one sentence; null: nothing is said. */
  readonly effect: string | null;
  /** Of a service: what would be started, stopped and replaced. */
  readonly tasks: readonly { readonly slot: number; readonly action: string; readonly node: string; readonly reason: string }[];
}

const taskEntries = (tasks: readonly PlannedTask[], name: string): DiffEntry['tasks'] =>
  tasks.filter(({ service }) => service === name).map(({ slot, action, node, reason }) => ({ slot, action, node, reason }));

/** The same as `--format json` shows it. A service that is moved by others' changes is there too, with action `none`. */
export const diffDocument = ({ changes, preview }: DiffReply): readonly DiffEntry[] => {
  const tasks = preview?.tasks ?? [];
  const told = new Set(changes.filter(({ kind }) => kind === 'service').map(({ name }) => name));
  const others = [...new Set(tasks.map(({ service }) => service))].filter((name) => !told.has(name));
  return [
    ...changes.map(({ kind, name, action, changes: fields, effect }) => ({
      kind,
      name,
      action,
      changes: fields,
      effect: effect ?? null,
      tasks: kind === 'service' ? taskEntries(tasks, name) : [],
    })),
    ...others.map((name) => ({ kind: 'service', name, action: 'none', changes: [], effect: null, tasks: taskEntries(tasks, name) })),
  ];
};
