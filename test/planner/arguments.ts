import { durationMs, parseBytes, parseDuration } from '../../compose/src/units.ts';
import type { Argument } from '../scenario/scenario-file.ts';

/** A command that cannot be carried out as it stands: the transcript is wrong, not the planner. */
export class BadCommand extends Error {
  override readonly name = 'BadCommand';
}

/** The values behind `key=`, none when it is absent. */
export const valuesOf = (args: readonly Argument[], key: string): readonly string[] => args.find((arg) => arg.key === key)?.values ?? [];

/** What stands behind `key=`, words in parentheses as one text. */
export const textOf = (args: readonly Argument[], key: string): string | undefined => {
  const found = args.find((arg) => arg.key === key);
  return found === undefined ? undefined : found.values.join(' ');
};

/** Words that stand alone. */
export const bareWords = (args: readonly Argument[]): readonly string[] =>
  args.filter(({ values }) => values.length === 0).map(({ key }) => key);

/** The first word that stands alone. Errors: BadCommand saying what it should have been. */
export const firstWord = (args: readonly Argument[], what: string): string => {
  const [word] = bareWords(args);
  if (word === undefined) throw new BadCommand(`${what} is missing`);
  return word;
};

/** Refuses words and keys that a command does not know, so that none is passed over. */
export const onlyKeys = (args: readonly Argument[], keys: readonly string[]): void => {
  for (const { key, values } of args) if (values.length > 0 && !keys.includes(key)) throw new BadCommand(`it does not know ${key}=`);
};

/** Errors: BadCommand. */
export const numberIn = (text: string, what: string): number => {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0) throw new BadCommand(`${what} must be a number, not ${text}`);
  return value;
};

/** Milliseconds of `5s`, `1m30s`. Errors: BadCommand. */
export const millisecondsIn = (text: string): number => {
  const nanos = parseDuration(text);
  if (nanos === undefined || nanos < 0) throw new BadCommand(`${text} is no duration; write 5s or 1m30s`);
  return durationMs(nanos);
};

/** Errors: BadCommand. */
export const bytesIn = (text: string): number => {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new BadCommand(`${text} is no size; write 512m or 4g`);
  return bytes;
};

/** Pairs of `a=1,b=2`. */
export const pairsIn = (values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf('=');
      return at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
    }),
  );
