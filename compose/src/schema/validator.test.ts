import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import test from 'ava';
import fc from 'fast-check';
import { validatorSource } from '../../scripts/validator.ts';
import { validate } from '../gen/compose-validator.js';
import { composeSchema } from './compose.schema.ts';
import { schemaAt, withSharedParts } from './shared-parts.ts';

test('the validator that ships is the one the schema gives', (t) => {
  const shipped = readFileSync(join(import.meta.dirname, '../gen/compose-validator.js'), 'utf8');
  t.true(shipped === validatorSource(), 'src/gen is out of date: npm run generate');
});

test('property: a schema with shared parts judges as the whole one does', (t) => {
  const whole = new Ajv({ allErrors: true, strict: false }).compile({ ...composeSchema });
  const leaf = fc.constantFrom<unknown>('a', 1, true, null, 'x=y', 1.5);
  const key = fc.constantFrom(
    'image',
    'build',
    'args',
    'ports',
    'target',
    'deploy',
    'resources',
    'limits',
    'cpus',
    'networks',
    'x-a',
    'labels',
    'test',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(key, tie('value'), { maxKeys: 3 })),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 5 }), value, (service, other) => {
      const file = { services: { a: service }, networks: other };
      whole(file);
      validate(file);
      const places = (errors: readonly { readonly instancePath: string; readonly keyword: string }[] | null | undefined) =>
        (errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`).toSorted();
      t.deepEqual(places(validate.errors), places(whole.errors));
    }),
  );
});

test('each compound part of a schema is said once', (t) => {
  const names = { type: 'array', items: { type: 'string' } } as const;
  const shared = withSharedParts({ type: 'object', properties: { a: names, b: names, c: { type: 'string' } } });
  t.deepEqual(shared, {
    type: 'object',
    properties: { a: { $ref: '#/$defs/part0' }, b: { $ref: '#/$defs/part0' }, c: { type: 'string' } },
    $defs: { part0: { type: 'array', items: { type: 'string' } } },
  });
});

test('the part that judges a value is found by its path', (t) => {
  t.true(Object.keys(schemaAt(composeSchema, ['services', 'web', 'build']).properties ?? {}).includes('dockerfile'));
  t.deepEqual(schemaAt(composeSchema, ['services', 'web', 'volumes', 0, 'type']).enum?.slice(0, 2), ['bind', 'volume']);
  t.deepEqual(schemaAt(composeSchema, ['services', '__proto__', 'constructor', 'x']), {});
});
