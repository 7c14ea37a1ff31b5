import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { renderDiagnostic } from './diagnostics.ts';
import { loadFrom } from './load.ts';
import { renderModel } from './render-model.ts';
import { composeSchema } from './schema/compose.schema.ts';
import { memoryFiles } from './testing/memory-files.ts';

const keysOf = (schema: unknown, found: Set<string> = new Set()): Set<string> => {
  if (typeof schema !== 'object' || schema === null) return found;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) found.add(name);
    keysOf(value, found);
  }
  return found;
};

const words = [
  '',
  'a',
  'b',
  '1',
  '80:80',
  './x:/y',
  'A=1',
  '1m',
  '5s',
  'true',
  '$A',
  '${A:-b}',
  '${',
  '-1',
  '~',
  'service:a',
  '9-8:1',
  '[::1]:1:2',
  'x:y:z:w',
];
const leaf = fc.oneof(
  fc.constantFrom(...words),
  fc.integer({ min: -5, max: 70_000 }),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true }),
);
const known = fc.constantFrom(...keysOf(composeSchema), 'a', 'b', 'x-a', '__proto__', 'constructor');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(known, tie('value'), { maxKeys: 4 })),
}));
const service = fc.dictionary(known, value, { maxKeys: 6 });
const project = fc.record(
  { services: fc.dictionary(fc.constantFrom('a', 'b'), service), networks: value, volumes: value, include: value },
  { requiredKeys: ['services'] },
);

const load = (text: string, interpolate: boolean) =>
  loadFrom({ files: [], cwd: '/project', env: { HOME: '/home/me' }, interpolate }, memoryFiles({ '/project/compose.yaml': text }));

test('property: whatever stands in a file, loading it ends with a spec or with messages that can be shown', (t) => {
  fc.assert(
    fc.property(project, fc.boolean(), (tree, interpolate) => {
      const result = load(stringify(tree), interpolate);
      for (const found of result.ok ? result.warnings : result.diagnostics) renderDiagnostic(found, { color: true });
      return result.ok || result.diagnostics.some((found) => found.severity === 'error');
    }),
    { numRuns: 400 },
  );
  t.pass();
});

test('property: text that is hardly YAML is refused or taken, never thrown over', (t) => {
  const text = fc.string({
    unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', '{', '}', ']', '&', '*', '<', '!', '"', "'", '\t', '#', '|'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, (noise) => typeof load(noise, true).ok === 'boolean'),
    { numRuns: 400 },
  );
  t.pass();
});

test('nesting thousands of levels deep is refused', (t) => {
  const result = load('['.repeat(50_000), true);
  t.false(result.ok);
});

test('a model that was printed reads back as the same model, in both formats', (t) => {
  const first = load(
    'services: {a: {image: i, command: "echo $$HOME", ports: ["80:80"], labels: {on: "yes", n: "0440"}, volumes: ["d:/d", "./x:/x"], depends_on: [b]}, b: {image: i}}\nvolumes: {d: {}}',
    true,
  );
  t.true(first.ok);
  if (!first.ok) return;
  for (const format of ['yaml', 'json'] as const) {
    const second = load(renderModel(first.model, format), true);
    t.true(second.ok, JSON.stringify(second));
    if (second.ok) t.deepEqual(second.model, first.model);
  }
});
