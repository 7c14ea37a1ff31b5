import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { type ContextBundle, formatBundle, parseBundle, parseHosts, readBundle, writeBundle } from './context-bundle.ts';
import { UsageError } from './exit-codes.ts';

const bundle: ContextBundle = { name: 'alice', hosts: ['10.0.0.1:2478', '[fd00::2]:99'], ca: 'CA\n', cert: 'CERT\n', key: 'SECRET-KEY\n' };

const directory = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-bundle-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
};

test('what is written is read again, and only its owner can', async (t) => {
  const dir = await directory(t);
  await writeBundle(dir, 'alice.tso', bundle);
  t.is((await stat(join(dir, 'alice.tso'))).mode & 0o777, 0o600);
  t.deepEqual(await readBundle(join(dir, 'alice.tso')), bundle);
});

test('a bundle that others can read is refused', async (t) => {
  const dir = await directory(t);
  const file = join(dir, 'b');
  await writeBundle(dir, file, bundle);
  await chmod(file, 0o640);
  const error = await t.throwsAsync(() => readBundle(file), { instanceOf: TsoError });
  t.is(error.code, 'FAILED_PRECONDITION');
  t.is(error.hint, `chmod 600 ${file}`);
});

test('a file that is not there is NOT_FOUND', async (t) => {
  t.is((await t.throwsAsync(() => readBundle('/nowhere/b'), { instanceOf: TsoError })).code, 'NOT_FOUND');
});

const whole = JSON.parse(formatBundle(bundle)) as Record<string, unknown>;
const broken: readonly [string, RegExp, string][] = [
  ['no JSON', /it is no JSON/, 'SECRET-KEY{'],
  ['another JSON', /its kind is not/, JSON.stringify({ key: 'SECRET-KEY' })],
  ['null', /its kind is not/, 'null'],
  ['a later version', /its version is 2/, JSON.stringify({ ...whole, version: 2 })],
  ['no hosts', /it names no hosts/, JSON.stringify({ ...whole, hosts: [] })],
  ['hosts that are none', /it names no hosts/, JSON.stringify({ ...whole, hosts: [1] })],
  ['no key', /it lacks/, JSON.stringify({ ...whole, key: '' })],
  ['no certificate', /it lacks/, JSON.stringify({ ...whole, cert: 3 })],
];
for (const [what, message, content] of broken) {
  test(`${what} is no bundle, and what it holds is not quoted`, (t) => {
    const error = t.throws(() => parseBundle(content, 'f'), { instanceOf: TsoError });
    t.regex(error?.message ?? '', message);
    t.false(`${error?.sentence} ${JSON.stringify(error?.details)} ${String(error?.cause)}`.includes('SECRET'));
  });
}

test('hosts may be written with and without their scheme and port', (t) => {
  t.deepEqual(parseHosts('tcp://a,b:1, tcp://[::1]:2'), ['a:2478', 'b:1', '[::1]:2']);
  for (const wrong of ['', 'tcp://', 'http://a', 'tcp://a,,b']) t.throws(() => parseHosts(wrong), { instanceOf: UsageError });
});

test('a bundle that somebody has damaged on disk says which file', async (t) => {
  const file = join(await directory(t), 'b');
  await writeFile(file, (await readFile(import.meta.filename)).subarray(0, 100), { mode: 0o600 });
  const error = await t.throwsAsync(() => readBundle(file), { instanceOf: TsoError });
  t.true(error.message.startsWith(file));
});
