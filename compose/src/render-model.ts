import { stringify } from 'yaml';
import { escapeTemplate } from './interpolate.ts';
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

const isExtension = (key: string): boolean => key.startsWith('x-');

/** The model as text that ends with a newline. JSON leaves the top's `x-` keys out, as `docker compose config` does. */
export const renderModel = (model: Json, format: ModelFormat, options: RenderOptions = {}): string => {
  const safe = options.escapeDollars === false ? model : escaped(model);
  if (format === 'yaml') return stringify(safe, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  const plain =
    safe !== null && typeof safe === 'object' && !Array.isArray(safe)
      ? Object.fromEntries(Object.entries(safe).filter(([key]) => !isExtension(key)))
      : safe;
  return `${JSON.stringify(plain, null, 2)}\n`;
};
