import test from 'ava';
import type { Schema } from '../schema/build.ts';
import { composeSchema } from '../schema/compose.schema.ts';
import { catalogue } from './catalogue.ts';

const keyed = (schema: Schema): readonly (readonly [string, Schema])[] => Object.entries(schema.properties ?? {});
const named = (schema: Schema): Schema | undefined =>
  Object.entries(schema.patternProperties ?? {}).flatMap(([pattern, value]) =>
    pattern !== '^x-' && typeof value === 'object' ? [value] : [],
  )[0];

/** Every attribute that the schema knows, in the words of the catalogue. */
const pathsOf = (schema: Schema, path: string): readonly string[] => {
  const join = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const own = keyed(schema).flatMap(([key, value]) => [join(key), ...pathsOf(value, join(key))]);
  const inNamed = named(schema);
  return [
    ...own,
    ...(inNamed === undefined ? [] : pathsOf(inNamed, join('*'))),
    ...(schema.items === undefined ? [] : pathsOf(schema.items, `${path}[]`)),
  ];
};

/** The old form of `external`, which is taken as its new one. */
const oldForms = ['networks.*.external.name', 'volumes.*.external.name', 'secrets.*.external.name', 'configs.*.external.name'];

test('the catalogue has every attribute that the schema knows, each once, and no other', (t) => {
  const paths = catalogue.map(({ path }) => path);
  t.deepEqual(
    paths.filter((path, index) => paths.indexOf(path) !== index),
    [],
    'twice',
  );
  const known = new Set([...pathsOf(composeSchema, '')].filter((path) => !oldForms.includes(path)));
  t.true(known.size > 250, 'the schema was read');
  t.deepEqual(
    [...known].filter((path) => !paths.includes(path)),
    [],
    'missing in the catalogue',
  );
  t.deepEqual(
    paths.filter((path) => !known.has(path) && !/\.x-/.test(path)),
    [],
    'unknown to the schema',
  );
});

test('what does not act says why and what to do instead, what acts says what it means', (t) => {
  for (const { path, becomes, meaning, instead, notes } of catalogue) {
    t.true(meaning.length > 0 && !meaning.endsWith('.'), path);
    t.is(instead === undefined, becomes === 'acts', path);
    for (const note of notes) t.regex(note, /^(?!.*\.$).+/, path);
  }
});
