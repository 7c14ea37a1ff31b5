import test from 'ava';
import fc from 'fast-check';
import { escapeTemplate, parseExpression, substitute, TemplateError } from './interpolate.ts';
import { saidOf } from './testing/memory-files.ts';
import { oneService } from './testing/spec-parts.ts';

const env: Readonly<Record<string, string>> = { FULL: 'value', EMPTY: '', JSON: '{"a":1}' };
const lookup = (name: string): string | undefined => env[name];

test('a plain and a braced name give the value, and text around them stays', (t) => {
  t.is(substitute('a $FULL-b ${FULL}c', lookup), 'a value-b valuec');
});

test('each operator treats unset, empty and full as the specification says', (t) => {
  const table: readonly (readonly [string, string, string, string])[] = [
    [':-', 'alt', 'alt', 'value'],
    ['-', 'alt', '', 'value'],
    [':+', '', '', 'alt'],
    ['+', '', 'alt', 'alt'],
  ];
  for (const [operator, unset, empty, full] of table) {
    t.is(substitute(`\${NONE${operator}alt}`, lookup), unset, `unset ${operator}`);
    t.is(substitute(`\${EMPTY${operator}alt}`, lookup), empty, `empty ${operator}`);
    t.is(substitute(`\${FULL${operator}alt}`, lookup), full, `full ${operator}`);
  }
});

test('a required variable without a value is an error that carries the text', (t) => {
  const error = t.throws(() => substitute('${NONE:?set NONE to ${FULL}}', lookup), { instanceOf: TemplateError });
  t.is(error.kind, 'required');
  t.is(error.message, 'required variable NONE is missing a value: set NONE to value');
  t.is(substitute('${EMPTY?not needed}', lookup), '');
  t.throws(() => substitute('${EMPTY:?needed}', lookup));
});

test('defaults nest, and braces in them are counted', (t) => {
  t.is(substitute('${A:-${B:-${FULL}}}', lookup), 'value');
  t.is(substitute('${NONE:-{"json":{"a":1}}}', lookup), '{"json":{"a":1}}');
});

test('only the operand that is used is looked at', (t) => {
  const unset: string[] = [];
  substitute('${FULL:-$NONE}', lookup, (name) => unset.push(name));
  t.deepEqual(unset, []);
  substitute('${NONE:-$OTHER}', lookup, (name) => unset.push(name));
  t.deepEqual(unset, ['OTHER']);
});

test('the operator is the one directly after the name', (t) => {
  t.deepEqual(parseExpression('NAME-a:?b'), { name: 'NAME', operator: '-', operand: 'a:?b' });
  t.is(parseExpression('1NAME'), undefined);
  t.is(parseExpression('NAME!'), undefined);
});

test('an expression that does not close or has no name is an error', (t) => {
  for (const text of ['${', '${}', '${ FULL}', '${FULL }', '${FULL!}', '${1}'])
    t.throws(() => substitute(text, lookup), { instanceOf: TemplateError }, text);
});

test('a dollar sign before anything but a name or a brace is text', (t) => {
  t.is(substitute('$(date) $1 5$', lookup), '$(date) $1 5$');
  t.is(substitute('$$FULL $${FULL}', lookup), '$FULL ${FULL}');
});

test('property: escaped text substitutes to itself, whatever it holds', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('$', '{', '}', ':', '-', 'A', 'é', '\n') }),
      (text) => substitute(escapeTemplate(text), lookup) === text,
    ),
  );
  t.pass();
});

test('property: a default is taken exactly when the variable is unset or empty', (t) => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
  const value = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(name, value, fc.stringMatching(/^[a-z ./]*$/), (key, held, fallback) => {
      const result = substitute(`<\${${key}:-${fallback}}>`, (asked) => (asked === key ? held : undefined));
      return result === `<${held === undefined || held === '' ? fallback : held}>`;
    }),
  );
  t.pass();
});

test('expressions inside one another are read to a bound, and no message repeats a whole file', (t) => {
  const nested = (depth: number): string => `${'${A:-'.repeat(depth)}x${'}'.repeat(depth)}`;
  t.is(
    substitute(nested(50), () => undefined),
    'x',
  );
  t.throws(() => substitute(nested(52), () => undefined), { message: /more than 50 expressions inside one another/ });
  const error = t.throws(() => substitute('${A '.repeat(10_000), () => undefined));
  t.true(error.message.length < 300);
});

test('a text whose variables cannot be put in is told of once: what it comes to nobody knows', (t) => {
  const told = (lines: string): readonly string[] => saidOf(oneService(lines)).map(({ code }) => code);
  const required = ['cpuset: "${T:?t}"', 'pid: "${T:?t}"', 'mem_limit: "${T:?t}"', 'devices: ["${T:?t}"]', 'ports: ["${T:?t}:80"]'];
  for (const line of required) t.deepEqual(told(line), ['E121'], line);
  t.deepEqual(told('stop_signal: "${T"'), ['E120']);
  t.deepEqual(told('pid: "${T:?t}"\nipc: other'), ['E121', 'E401'], 'what is wrong elsewhere');
});
