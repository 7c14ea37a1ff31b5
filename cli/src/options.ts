import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/;

/** Milliseconds of `10m`, `1h30m`, `1.5s`; undefined when it is no duration. */
export const parseDuration = (text: string): number | undefined => {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) total += Number(count) * (unitMs[unit ?? ''] ?? 0);
  return total;
};

/** RFC 3339 date and time, or a date alone; without an offset it is the local zone's, as in `docker logs`. */
const instantPattern = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$/;

/** Epoch milliseconds of an RFC 3339 instant, of unix seconds (`1753000000.5`), or of a duration ago (`10m`). */
export const parseInstant = (text: string, nowMs: number): number => {
  const ago = parseDuration(text);
  if (ago !== undefined) return Math.round(nowMs - ago);
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (instantPattern.test(text)) {
    // A date alone means its local midnight, where Date.parse would take UTC.
    const atMs = Date.parse(text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T').toUpperCase());
    if (!Number.isNaN(atMs)) return atMs;
  }
  throw new InvalidArgumentError('It is neither an instant (2026-01-31T10:00:00Z), nor unix seconds, nor a duration (10m).');
};

const naturalPattern = /^\d+$/;

/** A whole number from 0. */
export const parseCount = (text: string): number => {
  const value = Number(text);
  if (!naturalPattern.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It is not a whole number.');
  return value;
};

/** Lines to show: a number, or `all` (undefined is never given back, -1 means all). */
export const parseTail = (text: string): number => (text === 'all' ? -1 : parseCount(text));

/** Seconds, or a duration with units; the result is in milliseconds. */
export const parseTimeout = (text: string): number => {
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It is neither seconds (90) nor a duration (2m).');
  return Math.round(ms);
};

export interface Scale {
  readonly service: string;
  readonly replicas: number;
}

/** `web=5`. */
export const parseScale = (text: string): Scale => {
  const match = /^([a-zA-Z0-9._-]+)=(\d+)$/.exec(text);
  const replicas = Number(match?.[2]);
  if (match?.[1] === undefined || replicas > 1_000_000)
    throw new InvalidArgumentError(`Write SERVICE=COUNT, such as web=5, not "${text}".`);
  return { service: match[1], replicas };
};

/** `NAME=VALUE`, or a bare NAME, whose value is empty. */
export const parseLabel = (text: string): readonly [name: string, value: string] => {
  const [, name, value = ''] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write NAME=VALUE, such as disk=ssd.');
  return [name, value];
};

/** For options that may be given several times. */
export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] | undefined): readonly T[] => [...(before ?? []), parse(text)];

export const asText = (text: string): string => text;

/** `KEY=value`, or a bare KEY, which takes the value from our own environment. */
export const environmentEntry = (text: string, env: Readonly<Record<string, string | undefined>>): readonly string[] => {
  if (text.includes('=')) return [text];
  const value = env[text];
  return value === undefined ? [] : [`${text}=${value}`];
};
