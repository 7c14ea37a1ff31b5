export type Attributes = Readonly<Record<string, string>>;

/** What happened to one object: `create`, `update`, `remove`, or the state that it has come to. */
export interface Happening {
  readonly action: string;
  readonly attributes?: Attributes;
}

/** The word for a value of an enumeration: `ready` for NODE_READY. */
export const wordOf = (names: Readonly<Record<string, number>>, value: number): string => {
  const name = Object.keys(names).find((key) => names[key] === value) ?? String(value);
  return name.toLowerCase().replace(/^(?:node|update|health|run)_/, '');
};

/** The fields that differ, as `from -> to`. */
export const differences = <T>(before: T, after: T, fields: Readonly<Record<string, (object: T) => string>>): Attributes =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([name, of]) => [name, of(before), of(after)] as const)
      .filter(([, from, to]) => from !== to)
      .map(([name, from, to]) => [name, `${from} -> ${to}`]),
  );

/** An update with these attributes; nothing where none differs. */
export const updateOf = (changed: Attributes): readonly Happening[] =>
  Object.keys(changed).length === 0 ? [] : [{ action: 'update', attributes: changed }];
