import test from 'ava';
import { importsOf, readSource } from './source-text.ts';

const code = (text: string): string => readSource(text).code;

test('comments and the contents of strings, templates and regular expressions are blanked', (t) => {
  t.notRegex(code('// any\n/* any\n any */ const a = 1;'), /any/);
  t.notRegex(code(`const a = 'any'; const b = "a\\"any";`), /any/);
  t.notRegex(code('const a = `any ${1} any`;'), /any/);
  t.notRegex(code('const a = /any[/]any/.test(b);'), /any/);
  t.notRegex(code('#!/usr/bin/env any\nconst a = 1;'), /any/);
});

test('code within and after them stays', (t) => {
  t.regex(code('const a = `x ${Date.now()} ${`y ${process.pid}`} z`; setTimeout(b);'), /Date\.now.*process\.pid.*setTimeout/);
  t.regex(code('const a = b / c; const d = any / 2;'), /any/);
  t.regex(code('const a = { b: `${{ c: 1 }.c}` }; any'), /any/);
  t.regex(code("const s = 'it''s'; any"), /any/);
});

test('blanking keeps every character at its place', (t) => {
  const text = 'a /* b\n c */ d `e ${f}\n g` // h\n"i"';
  t.is(code(text).length, text.length);
  t.is(code(text).split('\n').length, text.split('\n').length);
});

test('imports of every form are found, with their names and lines', (t) => {
  const text = [
    "import a from 'one';",
    "import { b, type C as D } from 'two';",
    "import type { E } from './three.ts';",
    "import * as f from 'four';",
    "import 'five';",
    "export * from './six.ts';",
    "export { g } from './seven.ts';",
    "const h = await import('eight');",
    'import {\n  i,\n  j,\n} from "nine";',
  ].join('\n');
  t.deepEqual(importsOf(readSource(text)), [
    { specifier: 'one', names: ['default'], line: 1 },
    { specifier: 'two', names: ['b', 'C'], line: 2 },
    { specifier: './three.ts', names: ['E'], line: 3 },
    { specifier: 'four', names: ['*'], line: 4 },
    { specifier: 'five', names: ['*'], line: 5 },
    { specifier: './six.ts', names: ['*'], line: 6 },
    { specifier: './seven.ts', names: ['g'], line: 7 },
    { specifier: 'eight', names: ['*'], line: 8 },
    { specifier: 'nine', names: ['i', 'j'], line: 9 },
  ]);
});

test('words in strings and comments are no imports', (t) => {
  t.deepEqual(importsOf(readSource(`const a = "import b from 'c'"; // import d from 'e'`)), []);
});
