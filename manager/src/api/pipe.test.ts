import { TsoError } from '@tso/proto';
import test from 'ava';
import { Pipe } from './pipe.ts';

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
};

test('everything written comes out in order, however small the pipe', async (t) => {
  const pipe = new Pipe<number>(2);
  const write = async (): Promise<void> => {
    for (let at = 0; at < 50; at++) await pipe.write(at);
    pipe.end();
  };
  const [read] = await Promise.all([all(pipe), write()]);
  t.deepEqual(
    read,
    Array.from({ length: 50 }, (_, at) => at),
  );
});

test('a writer waits while it is full', async (t) => {
  const pipe = new Pipe<string>(1);
  await pipe.write('a');
  let written = false;
  const second = pipe.write('b').then(() => {
    written = true;
  });
  await Promise.resolve();
  t.false(written);
  const reader = pipe[Symbol.asyncIterator]();
  t.is((await reader.next()).value, 'a');
  await second;
  t.true(written);
});

test('an end in good order lets the reader have the rest, an error does not', async (t) => {
  const good = new Pipe<string>(5);
  await good.write('a');
  good.end();
  t.deepEqual(await all(good), ['a']);
  const bad = new Pipe<string>(5);
  await bad.write('a');
  bad.end(new TsoError('CANCELLED', 'enough'));
  await t.throwsAsync(all(bad), { message: 'enough' });
  await t.throwsAsync(bad.write('b'), { code: 'UNAVAILABLE' });
});

test('writers learn that the reader went away', async (t) => {
  const pipe = new Pipe<string>(1);
  await pipe.write('a');
  const waiting = pipe.write('b');
  for await (const _ of pipe) break;
  await t.notThrowsAsync(waiting, 'there was room for a moment');
  await t.throwsAsync(pipe.write('c'), { code: 'UNAVAILABLE' });
});
