import { type FieldChange, FileKind, type Stack, type StackSpec, TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { fieldChanges } from './spec-diff.ts';

/** How many of the other's changes are shown, and how much of each value. */
const maxShown = 20;
const maxValueLength = 200;
/** In the sentence, of both values together. */
const maxTextLength = 80;

const byName = <T extends { readonly name: string }>(items: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(items.map((item) => [item.name, item]));

const bounded = (text: string): string => (text.length <= maxValueLength ? text : `${text.slice(0, maxValueLength)}…`);

/** What two specs of a stack differ in, by path: `services.web.replicas`. */
export const stackSpecChanges = (from: StackSpec, to: StackSpec): readonly FieldChange[] => {
  const named = ({ services, networks, volumes, files }: StackSpec) => ({
    services: byName(services),
    networks: byName(networks),
    volumes: byName(volumes),
    configs: byName(files.filter(({ kind }) => kind === FileKind.CONFIG_FILE)),
    secrets: byName(files.filter(({ kind }) => kind === FileKind.SECRET_FILE)),
  });
  return fieldChanges(named(from), named(to)).map((change) => ({ ...change, from: bounded(change.from), to: bounded(change.to) }));
};

const changeText = ({ path, from, to }: FieldChange): string => {
  if (from === '') return `${path} (new)`;
  if (to === '') return `${path} (taken out)`;
  return from.length + to.length > maxTextLength ? path : `${path} from ${from} to ${to}`;
};

const whatText = (changes: readonly FieldChange[]): string => {
  const shown = changes.slice(0, 3).map(changeText).join(', ');
  return changes.length > 3 ? `${shown} and ${changes.length - 3} more` : shown;
};

const refusal = (message: string, details: Readonly<Record<string, unknown>>): TsoError =>
  new TsoError('CONFLICT', message, {
    hint: 'See what your file would change now (tso up --dry-run), bring it up to date and apply it again',
    details: { ...details, outcome: 'refused' },
  });

const sinceText = (stack: Stack, expected: number, changes: readonly FieldChange[]): string => {
  const who = stack.changedBy === '' ? 'somebody' : stack.changedBy;
  if (changes.length === 0) return `${who} ${stack.previousSpec === undefined ? 'made it' : 'changed it'}`;
  const last = expected === stack.previousVersion ? '' : 'last ';
  return `${who} ${last}changed ${whatText(changes)}`;
};

/**
 * Why a stack is not changed for who expects it at that version (0: that there is none): it is another one now, with who changed it and
 * what, as far as the last change goes. Undefined: it is that one, or none was expected.
 */
export const stackConflict = (view: View, name: string, expected: number | undefined): TsoError | undefined => {
  const stack = view.stackByName(name);
  const actual = stack?.meta.version ?? 0;
  if (expected === undefined || expected === actual) return undefined;
  if (stack === undefined) return refusal(`stack ${name} is not there any more: version ${expected} was expected`, { expected, actual });
  const changes = stack.previousSpec === undefined ? [] : stackSpecChanges(stack.previousSpec, stack.spec);
  const wished = expected === 0 ? 'it was not to exist yet' : `not at ${expected}`;
  return refusal(`stack ${name} is at version ${actual}, ${wished}: ${sinceText(stack, expected, changes)}`, {
    expected,
    actual,
    changedBy: stack.changedBy,
    changedAtMs: stack.meta.updatedAtMs,
    previousVersion: stack.previousVersion,
    changes: changes.slice(0, maxShown),
  });
};
