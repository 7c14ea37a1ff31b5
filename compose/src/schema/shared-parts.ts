import type { Schema } from './build.ts';

/** A schema whose compound parts stand under `$defs`, each once, however often they are used. */
export interface SharedSchema extends Record<string, unknown> {
  readonly $defs: Readonly<Record<string, unknown>>;
}

const isCompound = (schema: Schema): boolean =>
  schema.properties !== undefined ||
  schema.patternProperties !== undefined ||
  schema.items !== undefined ||
  typeof schema.additionalProperties === 'object';

/**
 * The same schema with each compound part said once. A validator made of it has one function for each part, of which an engine reads
 * only those that a file needs; made of the whole it is four times as long and one function.
 */
export const withSharedParts = (whole: Schema): SharedSchema => {
  const parts: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const shared = (schema: Schema | boolean): unknown => {
    if (typeof schema === 'boolean' || !isCompound(schema)) return schema;
    const inside = withShared(schema);
    const key = JSON.stringify(inside);
    const name = names.get(key) ?? `part${names.size}`;
    names.set(key, name);
    parts[name] = inside;
    return { $ref: `#/$defs/${name}` };
  };
  const each = (named: Readonly<Record<string, Schema | boolean>> | undefined, key: string): Readonly<Record<string, unknown>> =>
    named === undefined ? {} : { [key]: Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, shared(schema)])) };
  const withShared = (schema: Schema): Readonly<Record<string, unknown>> => ({
    ...schema,
    ...each(schema.properties, 'properties'),
    ...each(schema.patternProperties, 'patternProperties'),
    ...(schema.items === undefined ? {} : { items: shared(schema.items) }),
    ...(typeof schema.additionalProperties === 'object' ? { additionalProperties: shared(schema.additionalProperties) } : {}),
  });
  return { ...withShared(whole), $defs: parts };
};

const within = (schema: Schema | boolean | undefined, step: string | number): Schema | boolean | undefined => {
  if (typeof schema !== 'object') return undefined;
  if (typeof step === 'number') return schema.items;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, step)) return schema.properties[step];
  const pattern = Object.keys(schema.patternProperties ?? {}).find((one) => new RegExp(one, 'u').test(step));
  return pattern === undefined ? schema.additionalProperties : schema.patternProperties?.[pattern];
};

/** The part of a schema that judges the value at this path; an empty one when none does. */
export const schemaAt = (whole: Schema, path: readonly (string | number)[]): Schema => {
  let schema: Schema | boolean | undefined = whole;
  for (const step of path) schema = within(schema, step);
  return typeof schema === 'object' ? schema : {};
};
