import test from 'ava';
import { Report } from './diagnostics.ts';
import { parseText } from './parse.ts';
import { checkLimits, forbiddenCharacter, maxNodes } from './parse-limits.ts';
import { type Json, toPlain } from './tree.ts';

const read = (text: string): Json | string => {
  const report = new Report();
  const tree = parseText(text, 'f', report);
  const [first] = report.all();
  if (tree === undefined) return first === undefined ? 'empty' : `${first.line}:${first.column} ${first.code} ${first.message}`;
  return toPlain(tree);
};

test('one document is read, whatever empty ones stand around it; a second one is refused where it begins', (t) => {
  t.deepEqual(read('---\na: 1\n...\n'), { a: 1 });
  t.deepEqual(read('# only a comment\n---\na: 1\n---\n# nothing more\n'), { a: 1 });
  t.is(read('a: 1\n---\nb: 2\n'), '2:1 E115 a second document begins here, but a compose file is one document');
  t.is(read(''), 'empty');
  t.is(read('# nothing\n---\n'), 'empty');
});

test('characters that no YAML text may hold are told by name and place', (t) => {
  t.is(read('a: 1\nb: "x\0"\n'), '2:6 E110 this is not valid YAML: the character U+0000 may not stand in it');
  t.is(read('a: \u0007\n'), '1:4 E110 this is not valid YAML: the character U+0007 may not stand in it');
  t.is(forbiddenCharacter('tab\t, é, 漢, \u{1F600} and \u0085 may'), undefined);
});

test('a key written twice is refused, with the line of the first', (t) => {
  t.is(read('a: 1\nb: 2\na: 3\n'), '3:1 E111 the key a is written twice in the same mapping, first in line 1');
  t.is(read('{a: 1, "a": 2}'), '1:8 E111 the key a is written twice in the same mapping, first in line 1');
  t.is(read('x: &x {a: 1}\ny: {<<: *x, <<: *x}\n'), '2:13 E111 the key << is written twice in the same mapping, first in line 2');
});

test('an alias stands for the last anchor of its name before it, also inside other aliases', (t) => {
  t.deepEqual(read('a: &v 1\nb: *v\nc: &v 2\nd: *v\n'), { a: 1, b: 1, c: 2, d: 2 });
  t.deepEqual(read('a: &y 1\nb: &x [*y]\nc: &y 2\nd: *x\ne: *y\n'), { a: 1, b: [1], c: 2, d: [1], e: 2 });
  t.is(read('a: *v\nb: &v 1\n'), '1:4 E110 the alias *v names no anchor that stands before it');
  t.regex(String(read('a: &a [*a]\n')), /^1:8 E112 cycle detected/);
});

test('merge keys take mappings and lists of them: own keys win, then the first of the list', (t) => {
  t.deepEqual(read('p: &p {a: 1, b: 1}\nq: &q {b: 2, c: 2}\nr: {<<: [*p, *q], c: 3}\n'), {
    p: { a: 1, b: 1 },
    q: { b: 2, c: 2 },
    r: { c: 3, a: 1, b: 1 },
  });
  t.regex(String(read('a: {<<: 1}\n')), /^1:9 E110/);
});

test('plain values are those of YAML 1.2, with the octal numbers of file modes; nothing is sexagesimal or a yes', (t) => {
  const text = 'a: 22:22\nb: 0440\nc: 0o440\nd: 1_000\ne: yes\nf: on\ng: 0x1f\nh: "0440"\ni: ~\nj: 12e03\nk: 190:20:30\nl: 0b11\n';
  t.deepEqual(read(text), {
    a: '22:22',
    b: 288,
    c: 288,
    d: 1000,
    e: 'yes',
    f: 'on',
    g: 31,
    h: '0440',
    i: null,
    j: 12000,
    k: '190:20:30',
    l: 3,
  });
});

test('keys that are no text are refused with how to write them', (t) => {
  t.is(read('1: a\n'), '1:1 E114 the key 1 at the top level is not text');
  t.regex(String(read('? [a]\n: b\n')), /E114/);
});

test('what holds too much is refused where it becomes too much, what is only long is read', (t) => {
  t.regex(String(read(`x: [${'a,'.repeat(maxNodes + 1)}]`)), /^1:\d+ E112 this file has more than 100000 values$/);
  t.regex(String(read(`x: ${'['.repeat(300)}`)), /E110/);
  t.regex(String(read(`x: ${'['.repeat(300)}1${']'.repeat(300)}`)), /E110 this file is nested more than 200 levels deep/);
  t.notThrows(() => checkLimits(`a: |\n${'  text, - more: text\n'.repeat(60_000)}`));
});

test('an alias of nothing under << is told once', (t) => {
  const report = new Report();
  parseText('a: {<<: *nope}\nb: {<<: 1}\n', 'f', report);
  t.deepEqual(
    report.all().map(({ line, code, message }) => `${line} ${code} ${message.slice(0, 15)}`),
    ['1 E110 the alias *nope', '2 E110 map merge requi'],
  );
});

test('an open quote is told where it opens, bad indentation at the first word of its line', (t) => {
  t.regex(String(read('a:\n  b: "i"\n  c: "j\n  d: x\n')), /^3:6 E110 .*Missing closing "quote/);
  t.regex(String(read("a:\n  b: 'i\n")), /^2:6 E110 /);
  t.regex(String(read('a:\n  b:\n    c: x\n   d: y\n')), /^4:4 E110 /);
});
