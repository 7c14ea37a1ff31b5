import { TsoError } from '@tso/proto';

/** Reading JSON that someone else wrote: every value is checked, every failure names its place. All fail with DATA_LOSS. */

export type JsonObject = Readonly<Record<string, unknown>>;

const wrong = (what: string, why: string): TsoError =>
  new TsoError('DATA_LOSS', `${what} is not valid: ${why}`, { hint: 'Push or save the image again' });

export const parseJson = (bytes: Uint8Array, what: string): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new TsoError('DATA_LOSS', `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

export const jsonObject = (value: unknown, what: string): JsonObject => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, 'an object is needed');
  return value as JsonObject;
};

export const jsonArray = (value: unknown, what: string, maxLength: number): readonly unknown[] => {
  if (!Array.isArray(value)) throw wrong(what, 'a list is needed');
  if (value.length > maxLength) throw wrong(what, `it has ${value.length} entries, more than ${maxLength}`);
  return value;
};

/** The text; the fallback where it is absent or null, DATA_LOSS where there is no fallback. */
export const jsonString = (value: unknown, what: string, fallback?: string): string => {
  if (typeof value === 'string') return value;
  if ((value === undefined || value === null) && fallback !== undefined) return fallback;
  throw wrong(what, 'a text is needed');
};

/** A whole number from 0 to 2^53-1. */
export const jsonWhole = (value: unknown, what: string): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(what, 'a whole number of 0 or more is needed');
  return value;
};

/** Empty where it is absent or null: Go writes null for an empty list. */
export const jsonStrings = (value: unknown, what: string, maxLength = 10_000): readonly string[] =>
  value === undefined || value === null ? [] : jsonArray(value, what, maxLength).map((item, n) => jsonString(item, `${what}[${n}]`));

export const jsonRecord = (value: unknown, what: string): Readonly<Record<string, string>> =>
  value === undefined || value === null
    ? {}
    : Object.fromEntries(Object.entries(jsonObject(value, what)).map(([key, item]) => [key, jsonString(item, `${what}.${key}`)]));

/** The keys of a Go set (`map[string]struct{}`), in order. */
export const jsonKeys = (value: unknown, what: string): readonly string[] =>
  value === undefined || value === null ? [] : Object.keys(jsonObject(value, what));
