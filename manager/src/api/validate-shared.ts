import type { FieldChange, NetworkSpec, ServiceSpec, VolumeSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { fieldChanges } from './spec-diff.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export const invalid = (message: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', message, hint === undefined ? {} : { hint });

/** What becomes of services of the stack that its spec does not have. */
export interface Absent {
  /** Whether those that are not declared either are taken down with this. */
  readonly removeOrphans: boolean;
  /** Those that the files name all the same: they stay as they are. */
  readonly declared: readonly string[];
}

/** Of a file's mode: what chmod can set. */
export const permissionBits = 0o7777;

/** What names and values take at the most. Three bytes for a UTF-16 unit is the most that UTF-8 takes: nothing is encoded only to be bounded. */
export const textBytes = (texts: Readonly<Record<string, string>>): number => {
  let bytes = 0;
  for (const key in texts) bytes += 3 * (key.length + (texts[key]?.length ?? 0));
  return bytes;
};

/** Names that occur more than once, each once; a stack may bring a great many. */
export const duplicates = (names: readonly string[]): readonly string[] => {
  const seen = new Set<string>();
  const isAgain = (name: string): boolean => seen.size === seen.add(name).size;
  return [...new Set(names.filter((name) => name !== '' && isAgain(name)))];
};

/** Why a network, volume, secret or config cannot have a name of that length, or undefined. To be asked before any pattern is. */
export const longName = (kind: string, name: string): TsoError | undefined => {
  const { nameLength } = limits.files;
  if (name.length <= nameLength) return undefined;
  return invalid(`the name of a ${kind} has ${name.length} characters, it may have ${nameLength}`, 'Choose a shorter name');
};

/** Why a network, volume, secret or config cannot have that name, or undefined. */
export const badName = (kind: string, name: string): TsoError | undefined =>
  longName(kind, name) ??
  (namePattern.test(name)
    ? undefined
    : invalid(
        `"${name}" cannot be the name of a ${kind}`,
        'Use letters, digits, dots, dashes and underscores, beginning with a letter or digit',
      ));

/** CONFLICT: another stack, or somebody by hand, made it. */
export const takenByOther = (kind: string, name: string, owner: string): TsoError =>
  new TsoError('CONFLICT', `${kind} ${name} belongs to ${owner === '' ? 'no stack' : `stack ${owner}`} already`, {
    hint: `Mark it external: true to use it, or give this one another name`,
    details: { name, owner },
  });

/** NOT_FOUND: it was to be there. */
export const notThere = (kind: string, name: string): TsoError =>
  new TsoError('NOT_FOUND', `external ${kind} ${name} does not exist`, {
    hint: `Apply the stack first that makes this ${kind}, or leave external out to have this one make it`,
    details: { name },
  });

const shownChanges = 3;

/** Of a volume the paths alone: what it is mounted with may have a password in it. */
const changesText = (kind: 'network' | 'volume', changes: readonly FieldChange[]): string => {
  const text = ({ path, from, to }: FieldChange): string =>
    kind === 'volume' ? path : `${path} from ${from || 'none'} to ${to || 'none'}`;
  const shown = changes.slice(0, shownChanges).map(text);
  return `${shown.join(', ')}${changes.length > shownChanges ? ` and ${changes.length - shownChanges} more` : ''}`;
};

type Kept = NetworkSpec | VolumeSpec;

/** Why a network or volume that is there cannot become that; undefined: it is that. What may change are its labels, the rest is baked into it. */
export const immutable = (kind: 'network' | 'volume', there: Kept, wished: Kept): TsoError | undefined => {
  const { name } = there;
  const changes = fieldChanges({ ...there, labels: {} }, { ...wished, labels: {} });
  if (changes.length === 0) return undefined;
  const message = `${kind} ${name} exists with other settings (${changesText(kind, changes)}), and these cannot change while it exists`;
  return new TsoError('FAILED_PRECONDITION', message, {
    hint:
      kind === 'volume'
        ? 'Take the stack down with its volumes (tso down -v), or give the volume another name'
        : 'Take the stack down first (tso down)',
    details: kind === 'volume' ? { name } : { name, changes },
  });
};

/** How a service comes to have one task at a time. */
export const asOneTask = ({ autoscale }: Pick<ServiceSpec, 'autoscale'>): string =>
  autoscale === undefined ? 'set replicas to 1' : 'set max of x-tso-autoscale to 1';

/** Whether it counts something: whole, not negative, and no larger than can be told apart. NaN is not. */
export const isCount = (amount: number): boolean => Number.isSafeInteger(amount) && amount >= 0;

/** Whether it is an amount of time in milliseconds, or none. */
export const isDuration = (ms: number): boolean => Number.isFinite(ms) && ms >= 0;
