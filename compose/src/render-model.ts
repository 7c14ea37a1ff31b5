import { escapeTemplate } from './interpolate.ts';
import { renderYaml } from './render-yaml.ts';
import type { Json } from './tree.ts';

export type ModelFormat = 'yaml' | 'json';

export interface RenderOptions {
  /** Write `$` as `$$`, so that reading the result again gives the same model. Default true; false for a model that was not interpolated. */
  readonly escapeDollars?: boolean;
}

const escaped = (value: Json): Json => {
  if (typeof value === 'string') return escapeTemplate(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => escaped(item));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
};

// In these mappings the keys are the user's own, and one that starts with x- is no extension.
const freeMappings = new Set(
  'environment labels annotations sysctls args driver_opts options storage_opt aux_addresses additional_contexts'.split(' '),
);

// Here they are names of services, networks and the like.
const namedMappings = new Set('services networks volumes configs secrets models depends_on'.split(' '));

/** An extension that nothing of ours acts on. */
const isForeign = (key: string): boolean => key.startsWith('x-') && !key.startsWith('x-tso-');

const withoutNestedExtensions = (value: Json): Json => {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json) => withoutNestedExtensions(item));
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (isForeign(key) ? [] : [[key, inside(key, item)] as const])));
};

/** What a key holds: the user's own mapping as it is, one of names with every name kept, anything else without extensions but ours. */
const inside = (key: string, item: Json): Json => {
  if (freeMappings.has(key)) return item;
  if (!namedMappings.has(key) || item === null || typeof item !== 'object' || Array.isArray(item)) return withoutNestedExtensions(item);
  return Object.fromEntries(Object.entries(item).map(([name, named]) => [name, withoutNestedExtensions(named)]));
};

/** Extensions stay where they stand alone, at the top. */
const topOnly = (value: Json): Json =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key.startsWith('x-') ? item : inside(key, item)]));

/** The model as text that ends with a newline. JSON leaves `x-` keys below the top out, as `docker compose config` does, but for ours. */
export const renderModel = (model: Json, format: ModelFormat, options: RenderOptions = {}): string => {
  const safe = options.escapeDollars === false ? model : escaped(model);
  if (format === 'yaml') return renderYaml(safe);
  return `${JSON.stringify(topOnly(safe), null, 2)}\n`;
};
