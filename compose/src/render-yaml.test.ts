import test from 'ava';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderYaml } from './render-yaml.ts';
import type { Json } from './tree.ts';

const reads = (value: Json): void => {
  const text = renderYaml(value);
  for (const version of ['1.1', '1.2'] as const) {
    // A duplicate key or an anchor would be an error; an alias would not be there.
    const read = parse(text, { version, maxAliasCount: 0 }) as Json;
    if (JSON.stringify(read) !== JSON.stringify(value)) throw new Error(`YAML ${version} reads ${JSON.stringify(read)} from\n${text}`);
  }
};

test('blocks are indented by two, lists too, and what is empty stands on its line', (t) => {
  const value = { name: 'x', a: { b: [1, 'two', { c: null, d: [] }, ['e', ['f']]], g: {} }, h: true };
  t.is(renderYaml(value), 'name: x\na:\n  b:\n    - 1\n    - two\n    - c: null\n      d: []\n    - - e\n      - - f\n  g: {}\nh: true\n');
});

test('text that would be taken for something else is in quotes, other text only where it must be', (t) => {
  const line = (text: string): string => renderYaml({ k: text }).slice(3, -1);
  for (const text of ['8080', '22:22', 'yes', 'off', 'null', '~', '', '1e3', '0x1f', '.inf', '2026-01-31', '1_000', '-1', '<<'])
    t.is(line(text), `"${text}"`, text);
  for (const text of ['nginx:1.27', '10.0.0.1/24', '127.0.0.1:8080:80', '--flag', '-x', 'a b', 'a#b', 'http://x', '$${A}', 'été'])
    t.is(line(text), text, text);
  t.is(line('*'), "'*'");
  t.is(line("it's: so"), "'it''s: so'");
  t.is(line(' a'), "' a'");
  t.is(line('a\tb\u0007'), '"a\\tb\\u0007"');
});

test('numbers that are none or beyond all are written as YAML has them', (t) => {
  t.is(renderYaml({ a: Number.POSITIVE_INFINITY, b: [Number.NEGATIVE_INFINITY, Number.NaN] }), 'a: .inf\nb:\n  - -.inf\n  - .nan\n');
});

test('lines stay lines', (t) => {
  t.is(renderYaml({ a: 'one\ntwo', b: 'one\n\ntwo\n', c: ['x\n\n'] }), 'a: |-\n  one\n  two\nb: |\n  one\n\n  two\nc:\n  - |+\n    x\n\n');
  t.is(renderYaml({ a: ' one\ntwo' }), 'a: " one\\ntwo"\n');
});

const awkward = fc.constantFrom(
  ...[
    '',
    ' ',
    '\n',
    '-',
    '- a',
    '?',
    '? a',
    ':',
    'a: b',
    'a:',
    ': a',
    '#',
    'a #b',
    '---',
    '...',
    '--- a',
    '|',
    '>',
    '"',
    "'",
    '%',
    '@',
    '`',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '!a',
    '<<',
    '=',
    'a\n',
    '\na',
    'a\n\n',
    'a\n \nb',
    'a\n  b',
    'a\nb \n',
    '\t',
    'a\tb',
    '\ta',
    '\r',
    'a\r\nb',
  ],
  ...[
    '0o7',
    '08',
    '+1',
    '1.',
    '.5',
    '1:30',
    '190:20:30.15',
    '2001-12-14t21:59:43.10-05:00',
    'y',
    'N',
    'True',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u007f',
  ],
  ...['__proto__', 'k'.repeat(1100), '😀', '\ud800'],
);
const text = fc.oneof(
  awkward,
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom('a', ' ', '\n', ':', '#', '-', "'", '"', '\t', '0', '1', '.', '{', '\\')).map((parts) => parts.join('')),
);

test('whatever data there is, readers of YAML 1.1 and 1.2 read the same', (t) => {
  const data = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(
        text,
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__' && !/[\ud800-\udfff]/.test(key)),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).value;
  fc.assert(
    fc.property(data, (value) => reads(value)),
    { numRuns: 1000 },
  );
  t.pass();
});
