import type { TsoError } from '@tso/proto';
import { invalid } from './validate-shared.ts';

/** What one node may carry: constraints read them, and every manager and every listing has all of them. */
export const maxLabelKeyLength = 128;
export const maxLabelValueLength = 1_024;
export const maxLabels = 100;

/** A placement constraint names a label up to the first space, equals sign or exclamation mark. */
const keyPattern = /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/;
const unreadable = /\p{Cc}/u;

export const labelKeyProblem = (key: string): TsoError | undefined => {
  if (key.length > maxLabelKeyLength)
    return invalid(`the key of a label has ${key.length} characters, it may have ${maxLabelKeyLength}`, 'Choose a shorter one');
  if (keyPattern.test(key)) return undefined;
  return invalid(
    `"${key}" cannot be the key of a label`,
    'Use letters, digits, dots, dashes, slashes and underscores, beginning and ending with a letter or digit',
  );
};

const valueProblem = (key: string, value: string): TsoError | undefined => {
  if (value.length > maxLabelValueLength)
    return invalid(`label ${key} has a value of ${value.length} characters, it may have ${maxLabelValueLength}`, 'Choose a shorter one');
  return unreadable.test(value) ? invalid(`label ${key} has a value with control characters`, 'Write it as plain text') : undefined;
};

/** Why these labels cannot be set and removed on an object that has `present`, or undefined. */
export const labelsProblem = (
  present: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
): TsoError | undefined => {
  for (const [key, value] of Object.entries(set)) {
    const problem = labelKeyProblem(key) ?? valueProblem(key, value);
    if (problem !== undefined) return problem;
    if (remove.includes(key)) return invalid(`label ${key} is to be set and to be removed`, 'Ask for one of the two');
  }
  const missing = remove.find((key) => !Object.hasOwn(present, key));
  if (missing !== undefined) {
    const keys = Object.keys(present).sort();
    return invalid(`there is no label ${missing} to remove`, keys.length === 0 ? 'It has none' : `There are ${keys.join(', ')}`);
  }
  const count = Object.keys({ ...present, ...set }).length - new Set(remove).size;
  return count <= maxLabels ? undefined : invalid(`${count} labels are more than the ${maxLabels} that one node may have`, 'Remove some');
};

export const withLabels = (
  present: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
  remove: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ ...present, ...set })
      .filter(([key]) => !remove.includes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
