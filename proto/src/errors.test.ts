import { readFileSync } from 'node:fs';
import test from 'ava';
import { AssertionError, assert, present, unreachable } from './assert.ts';
import { sentenceOf, TsoError, toTsoError } from './errors.ts';
import { version } from './version.ts';

test('a sentence says what failed and what to do', (t) => {
  t.is(
    new TsoError('NOT_FOUND', 'stack shop: there is none', { hint: 'List them: tso ls' }).sentence,
    'stack shop: there is none. List them: tso ls',
  );
  t.is(new TsoError('NOT_FOUND', 'stack shop: there is none').sentence, 'stack shop: there is none');
  t.is(sentenceOf(new Error('plain')), 'plain');
  t.is(sentenceOf('text'), 'text');
});

test('what was thrown keeps its meaning and its cause', (t) => {
  const original = new TsoError('CONFLICT', 'taken');
  t.is(toTsoError(original), original);
  const plain = new Error('disk full');
  t.is(toTsoError(plain).code, 'INTERNAL');
  t.is(toTsoError(plain, 'UNAVAILABLE').code, 'UNAVAILABLE');
  t.is(toTsoError(plain).cause, plain);
  t.is(toTsoError(new DOMException('stopped', 'AbortError')).code, 'CANCELLED');
  t.is(toTsoError('text').message, 'text');
});

test('details are an empty object unless there are some', (t) => {
  t.deepEqual(new TsoError('INTERNAL', 'a').details, {});
  t.deepEqual(new TsoError('INTERNAL', 'a', { details: { port: 80 } }).details, { port: 80 });
});

test('a broken invariant is an AssertionError, never a failure that someone handles', (t) => {
  t.throws(() => assert(false, 'one leader per term'), { instanceOf: AssertionError, message: 'one leader per term' });
  t.throws(() => present(undefined, 'the task'), { instanceOf: AssertionError, message: 'the task must be there' });
  t.throws(() => unreachable('x' as never), { instanceOf: AssertionError });
  t.is(present(0, 'zero'), 0);
  t.notThrows(() => assert(1, 'truth'));
});

test('the version is the one of the packages', (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  t.is(version, manifest.version);
});
