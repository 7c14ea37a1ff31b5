import type { ContainerSpec, PlacementSpec, ServiceSpec, TaskSpec } from '@tso/proto';

/** Attributes as a compose file has them. */
export interface Attributes {
  readonly [name: string]: unknown;
}

/** What a flag's value is named after in the cluster. */
export type Named = 'network' | 'volume' | 'secret' | 'config';

export interface FlagTools {
  /**
   * What a compose file with these attributes of a service makes of it; `top` are other parts of the file. Fails with a sentence that
   * names the flag when a file could not say so.
   */
  readonly parse: (flag: string, value: string, attributes: Attributes, top?: Attributes) => ServiceSpec;
  /** The name that the cluster knows something by: `visits_data` of `data` in stack visits. */
  readonly fullName: (kind: Named, name: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A flag that changes a service. */
export interface ServiceFlag {
  /** `limit-cpu`. */
  readonly name: string;
  /** `<cpus>`; undefined: a switch, which takes true or, as --no-…, false. */
  readonly value: string | undefined;
  readonly text: string;
  /** The words that it takes, where only some are. */
  readonly choices?: readonly string[];
  /** Whether it is told once, or counts every time. */
  readonly repeatable?: boolean;
  /** The service after it; `values` has one for each time that it is told, the last alone when it is not repeatable. */
  readonly apply: (spec: ServiceSpec, values: readonly string[], tools: FlagTools) => ServiceSpec;
}

/** A flag that cannot be understood; the sentence names it. */
export class FlagProblem extends Error {
  override readonly name = 'FlagProblem';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export const withTask = (spec: ServiceSpec, change: Partial<TaskSpec>): ServiceSpec => ({ ...spec, task: { ...spec.task, ...change } });

export const withContainer = (spec: ServiceSpec, change: Partial<ContainerSpec>): ServiceSpec =>
  withTask(spec, { container: { ...spec.task.container, ...change } });

export const withPlacement = (spec: ServiceSpec, change: Partial<PlacementSpec>): ServiceSpec =>
  withTask(spec, { placement: { ...spec.task.placement, ...change } });

/** The number that it reads as, else the text: what a file takes for a number is written as one. */
export const scalar = (text: string): number | string => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text);

/** The list with these, those of the same key replaced. */
export const put = <T>(list: readonly T[], items: readonly T[], keyOf: (item: T) => string): readonly T[] => {
  const keys = new Set(items.map(keyOf));
  return [...list.filter((item) => !keys.has(keyOf(item))), ...items];
};

/** What was told last: the one thing that counts where only one can be. */
export const last = (values: readonly string[]): string => values.at(-1) ?? '';

/** The list without those that any of the words means; fails when one means nothing. */
export const without = <T>(
  flag: string,
  list: readonly T[],
  words: readonly string[],
  isMeant: (item: T, word: string) => boolean,
  nameOf: (item: T) => string,
): readonly T[] => {
  const unknown = words.find((word) => !list.some((item) => isMeant(item, word)));
  if (unknown !== undefined) {
    const names = [...new Set(list.map(nameOf))];
    throw new FlagProblem(
      `--${flag} ${unknown}: the service has no such thing`,
      names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`,
    );
  }
  return list.filter((item) => !words.some((word) => isMeant(item, word)));
};

const pairOf = (flag: string, text: string): readonly [name: string, value: string] => {
  const at = text.indexOf('=');
  if (at === 0 || text === '') throw new FlagProblem(`--${flag} ${text}: there is no name`, 'Write NAME=VALUE.');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
};

/** The map with these NAME=VALUE. */
export const withPairs = (
  flag: string,
  map: Readonly<Record<string, string>>,
  values: readonly string[],
): Readonly<Record<string, string>> => ({ ...map, ...Object.fromEntries(values.map((text) => pairOf(flag, text))) });

/** The map without these names; fails when it has not one of them. */
export const withoutNames = (
  flag: string,
  map: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    without(
      flag,
      Object.entries(map),
      names,
      ([name], word) => name === word,
      ([name]) => name,
    ),
  );

/** `type=bind,source=/a,ro` as pairs; a bare word means true. A value with a comma stands in double quotes. */
export const fieldsOf = (flag: string, text: string): readonly (readonly [key: string, value: string])[] => {
  const parts = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  // The empty match at the end of the text is none.
  return parts.slice(0, -1).map((part) => {
    const at = part.indexOf('=');
    if (part === '' || at === 0) throw new FlagProblem(`--${flag} ${text}: a part of it is empty`, 'Write KEY=VALUE,KEY=VALUE.');
    return at < 0 ? [part, 'true'] : [part.slice(0, at), part.slice(at + 1)];
  });
};

/** True and false as flags have them. */
export const truth = (flag: string, key: string, value: string): boolean => {
  if (['true', '1'].includes(value)) return true;
  if (['false', '0'].includes(value)) return false;
  throw new FlagProblem(`--${flag}: ${key}=${value} is neither true nor false`);
};
