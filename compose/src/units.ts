/** Sizes, durations and numbers as compose files write them. Source: compose-spec 11-extension, "Specifying byte values/durations". */

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes of `512`, `512b`, `64k`, `64kb`, `1.5g`, `1GiB` (units of 1024, any case); undefined when it is no size. -1 means unlimited. */
export const parseBytes = (text: string): number | undefined => {
  const match = /^(-?\d+(?:\.\d+)?)\s*(?:([bkmgtp])(?:i?b)?)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, amount, unit] = match;
  const power = powers[(unit ?? '').toLowerCase()];
  if (amount === undefined || power === undefined) return undefined;
  const bytes = Math.trunc(Number(amount) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

const nanosPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
  w: 7 * 86400e9,
};

/** Nanoseconds of `1h5m30s20ms`, `1.5h`, `90s`, `0`, `2d`; undefined when it is no duration. */
export const parseDuration = (text: string): number | undefined => {
  const trimmed = text.trim();
  if (/^[-+]?0$/.test(trimmed)) return 0;
  const whole = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|μs|ms|s|m|h|d|w))+)$/.exec(trimmed);
  if (whole === null) return undefined;
  let nanos = 0;
  for (const [, amount, unit] of (whole[2] ?? '').matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h|d|w)/g)) {
    nanos += Number(amount) * (nanosPerUnit[unit ?? ''] ?? 0);
  }
  const signed = Math.round(whole[1] === '-' ? -nanos : nanos);
  return Number.isFinite(signed) ? signed : undefined;
};

export const durationMs = (nanos: number): number => Math.round(nanos / 1e6);

const trimZeros = (value: number): string => String(Number(value.toFixed(9)));

/** The duration as Go writes it: `1m30s`, `1.5s`, `250ms`, `0s`. */
export const formatDuration = (nanos: number): string => {
  if (nanos === 0) return '0s';
  const sign = nanos < 0 ? '-' : '';
  const size = Math.abs(nanos);
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${trimZeros(size / 1e3)}µs`;
  if (size < 1e9) return `${sign}${trimZeros(size / 1e6)}ms`;
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = trimZeros((size % 60e9) / 1e9);
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
};

/** True and false as YAML 1.1 and compose write them; undefined for anything else. */
export const parseBoolean = (text: string): boolean | undefined => {
  const lower = text.toLowerCase();
  if (['true', 'yes', 'y', 'on', '1', 't'].includes(lower)) return true;
  if (['false', 'no', 'n', 'off', '0', 'f'].includes(lower)) return false;
  return undefined;
};

/** A decimal number; undefined when it is none. */
export const parseNumber = (text: string): number | undefined =>
  /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text.trim()) ? Number(text) : undefined;
