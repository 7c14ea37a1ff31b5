import type { FieldChange } from '@tso/proto';
import { sameData } from '../store/equal.ts';

const text = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const step = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
};

/** Every part in which two specs differ, by path (`task.container.image`), in the order of the message's fields. Lists of unequal length differ as a whole. */
export const fieldChanges = (from: unknown, to: unknown, path = ''): readonly FieldChange[] => {
  if (sameData(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, index) => fieldChanges(item, to[index], step(path, index)));
  }
  if (isObject(from) && isObject(to) && !Array.isArray(from) && !Array.isArray(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => fieldChanges(from[key], to[key], step(path, key)));
  }
  return [{ path, from: text(from), to: text(to) }];
};
