import test from 'ava';
import fc from 'fast-check';
import { EnvFileError, parseEnvFile, parseEnvText, parseRawEnvText } from './env-file.ts';
import { placesOf, saidOf } from './testing/memory-files.ts';

const none = (): undefined => undefined;
const read = (text: string): Readonly<Record<string, string>> => Object.fromEntries(parseEnvText(text, none));

test('quotes, comments, export and a colon are understood', (t) => {
  t.deepEqual(read(`# top\nexport A = 1 # one\nB='$x #y'\nC: "two\\nlines"\nD=\n`), { A: '1', B: '$x #y', C: 'two\nlines', D: '' });
});

test('a hash without a blank before it belongs to the value', (t) => {
  t.deepEqual(read('A=1#2\nB=#none'), { A: '1#2', B: '' });
});

test('a byte order mark and Windows line ends do not matter', (t) => {
  t.deepEqual(read('\uFEFFA=1\r\nB=2\r\n'), { A: '1', B: '2' });
});

test('references see the environment first, then the file', (t) => {
  t.deepEqual(Object.fromEntries(parseEnvText('A=1\nB=$A\nC=$B', (name) => (name === 'A' ? '9' : undefined))), { A: '1', B: '9', C: '9' });
});

test('a key without a value is inherited, or left out', (t) => {
  t.deepEqual(Object.fromEntries(parseEnvText('A\nB', (name) => (name === 'A' ? 'x' : undefined))), { A: 'x' });
});

test('a mistake names its line', (t) => {
  t.is(t.throws(() => read('A=1\nB="open'), { instanceOf: EnvFileError }).line, 2);
  t.regex(t.throws(() => read('A=1\n\nNOT A KEY')).message, /line 3: key cannot contain a space/);
});

test('a file leaves names out that start with a digit', (t) => {
  t.deepEqual([...parseEnvFile('1A=x\nA=y', none).keys()], ['A']);
});

test('raw format keeps quotes, dollars and hashes', (t) => {
  t.deepEqual(Object.fromEntries(parseRawEnvText('A="$x" # y\n# no\n', none)), { A: '"$x" # y' });
});

test('property: single-quoted values come back as they were', (t) => {
  const value = fc.string().filter((text) => !/['\\\r]/.test(text));
  fc.assert(fc.property(value, (text) => read(`KEY='${text}'`)['KEY'] === text));
  t.pass();
});

test('a mistake is told at its line, in a file of any length', (t) => {
  const many = Array.from({ length: 200_000 }, (_, index) => `KEY_${index}="value" # ${index}\n`).join('');
  t.is(parseEnvText(many, () => undefined).size, 200_000);
  for (const [text, line] of [
    ['A=1\n\n# c\nB=${\n', 4],
    ['A=1\nB="x\ny\n', 2],
    ['A=1\nB C=1\n', 2],
    [`${many}B\u00a7=1\n`, 200_001],
  ] as const) {
    const error = t.throws(() => parseEnvText(text, () => undefined), { name: 'EnvFileError' });
    t.regex(error.message, new RegExp(`^line ${line}: `));
  }
});

test('every mistake of a file is told, of a file that is no env file the first ones', (t) => {
  const text = 'A B=1\nGOOD=1\nC§=2\nD=${\nE="x\nF G=1\n';
  const project = { '/project/compose.yaml': 'services: {a: {image: i}}', '/project/.env': text };
  t.deepEqual(placesOf(project), ['1:1 E130', '3:1 E130', '4:1 E130', '5:1 E130']);
  t.is(placesOf({ ...project, '/project/.env': 'A B\n'.repeat(1000) }).length, 20);
  const own = (format: string) => ({
    '/project/compose.yaml': `services: {a: {image: i, env_file: [{path: own.env${format}}]}}`,
    '/project/own.env': 'A B=1\nGOOD=1\nC D=2\n',
  });
  for (const format of ['', ', format: raw']) t.deepEqual(placesOf(own(format)), ['1:1 E130', '3:1 E130'], format);
});

test('variables of an env file that is missing or wrong are not also said to be unset', (t) => {
  const project = { '/project/compose.yaml': 'services: {a: {image: "i:$TAG", hostname: $NAME}}' };
  const codes = (texts: Readonly<Record<string, string>>, envFiles?: readonly string[]) =>
    saidOf(texts, envFiles === undefined ? {} : { envFiles }).map(({ code }) => code);
  t.deepEqual(codes(project, ['nope.env']), ['E101']);
  t.deepEqual(codes({ ...project, '/project/.env': 'A B\n' }), ['E130']);
});
