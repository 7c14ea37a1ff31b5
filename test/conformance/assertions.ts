import type { Assertion, Json } from './cases.ts';

/** The comparison that the cases are written for: what their README calls equality, path and op. */

const missing = Symbol('missing');
type Found = Json | typeof missing;

const trueUnlessSaid = new Set(['create_host_path', 'required']);

export interface CompareContext {
  /** The case's folder on disk; `@WD@` stands for it. */
  readonly folder?: string;
  readonly relativePathsOk?: boolean;
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const isEmpty = (value: Json): boolean => {
  if (value === null || value === '' || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every((item) => isEmpty(item));
};

const relative = (text: string, context: CompareContext): string => {
  let path = text;
  const { folder } = context;
  if (folder !== undefined && path === folder) path = '.';
  else if (folder !== undefined && path.startsWith(`${folder}/`)) path = path.slice(folder.length + 1);
  else if (folder !== undefined) {
    const above = folder.slice(0, folder.lastIndexOf('/'));
    if (path.startsWith(`${above}/`)) path = `..${path.slice(above.length)}`;
  }
  if (path.startsWith('~/')) path = `/home/user${path.slice(1)}`;
  while (path.startsWith('./') && path.length > 2) path = path.slice(2);
  return path;
};

const sameText = (expected: string, actual: string, context: CompareContext): boolean => {
  const wanted = context.folder === undefined ? expected : expected.replaceAll('@WD@', context.folder);
  return wanted === actual || (context.relativePathsOk === true && relative(wanted, context) === relative(actual, context));
};

const sameObject = (expected: Readonly<Record<string, Json>>, actual: Readonly<Record<string, Json>>, context: CompareContext): boolean => {
  for (const [key, value] of Object.entries(expected)) {
    const got = actual[key];
    if (got === undefined) {
      if (value === null || !isEmpty(value) || (trueUnlessSaid.has(key) && value === false)) return false;
    } else if (!same(value, got, context)) return false;
  }
  return Object.entries(actual).every(
    ([key, value]) => Object.hasOwn(expected, key) || isEmpty(value) || (trueUnlessSaid.has(key) && value === true),
  );
};

export const same = (expected: Json, actual: Json, context: CompareContext): boolean => {
  if (expected === null || actual === null) return isEmpty(expected) && isEmpty(actual);
  if (isObject(expected) && isObject(actual)) return sameObject(expected, actual, context);
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return expected.length === actual.length && expected.every((item: Json, index) => same(item, actual[index] as Json, context));
  }
  if (typeof expected === 'number' && typeof actual === 'number') return Math.abs(expected - actual) < 1e-6;
  if (typeof expected === 'string' && typeof actual === 'string') return sameText(expected, actual, context);
  if (typeof expected !== 'object' && typeof actual !== 'object') return String(expected) === String(actual);
  return isObject(expected) && Object.keys(expected).length === 0 && Array.isArray(actual) && actual.length === 0;
};

const inList = (items: readonly Json[], key: string): Found => {
  let hit: Found = missing;
  for (const item of items) {
    if (typeof item !== 'string') continue;
    if (item === key) hit = '';
    const separator = [': ', '=', ':'].find((text) => item.startsWith(key + text));
    if (separator !== undefined) hit = item.slice(key.length + separator.length);
  }
  return hit;
};

const step = (value: Found, key: string | number): readonly Found[] => {
  if (value === missing || value === null || typeof value !== 'object') return [missing];
  if (key === '*') return Array.isArray(value) ? value : Object.values(value);
  if (Array.isArray(value)) {
    if (typeof key === 'string') return [inList(value, key)];
    const item: Json | undefined = value.at(key);
    return [item === undefined ? missing : item];
  }
  const found = (value as Readonly<Record<string, Json>>)[String(key)];
  return [found === undefined ? missing : found];
};

const sizeOf = (value: Json): number =>
  value === null
    ? 0
    : typeof value === 'string' || Array.isArray(value)
      ? value.length
      : typeof value === 'object'
        ? Object.keys(value).length
        : 0;

const keysOf = (value: Json): readonly string[] =>
  value === null || typeof value !== 'object' ? [] : Array.isArray(value) ? value.map(String) : Object.keys(value);

const holdsFor = (assertion: Assertion, found: Found, context: CompareContext): boolean => {
  const expected = assertion.value ?? null;
  const value = found === missing ? null : found;
  switch (assertion.op) {
    case 'present':
      return found !== missing;
    case 'absent':
      return found === missing;
    case 'nil':
      return isEmpty(value);
    case 'not_nil':
      return value !== null;
    case 'eq':
      if (found === missing && expected === true && trueUnlessSaid.has(String(assertion.path.at(-1)))) return true;
      if (assertion.zero === true && isEmpty(value)) return true;
      return found === missing ? isEmpty(expected) : same(expected, value, context);
    case 'ne':
      return !same(expected, value, context);
    case 'len':
      return sizeOf(value) === expected;
    case 'keys':
      return JSON.stringify(keysOf(value).toSorted()) === JSON.stringify(keysOf(expected).toSorted());
    case 'no_keys':
      return !keysOf(expected).some((key) => keysOf(value).includes(key));
    case 'contains':
      return Array.isArray(value)
        ? value.some((item: Json) => same(expected, item, context))
        : typeof value === 'string' && value.includes(String(expected));
    case 'is_abs':
      return typeof value === 'string' && value.startsWith('/');
    case 'prefix':
      return typeof value === 'string' && value.startsWith(String(expected));
    case 'suffix':
      return typeof value === 'string' && value.endsWith(String(expected));
    default:
      throw new Error(`the cases use an op this runner does not know: ${assertion.op}`);
  }
};

/** Undefined when the assertion holds of the document, else what was found instead. */
export const failureOf = (assertion: Assertion, document: Json, context: CompareContext = {}): string | undefined => {
  let values: readonly Found[] = [document];
  for (const key of assertion.path) values = values.flatMap((value) => step(value, key));
  if (values.length > 0 && values.every((value) => holdsFor(assertion, value, context))) return undefined;
  const got = JSON.stringify(values.map((value) => (value === missing ? 'nothing' : value)));
  return `${assertion.path.join('.')} ${assertion.op} ${JSON.stringify(assertion.value)?.slice(0, 300)}, found ${got?.slice(0, 600)}`;
};
