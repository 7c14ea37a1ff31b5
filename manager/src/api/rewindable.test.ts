import test from 'ava';
import { Pipe } from './pipe.ts';
import { Rewindable } from './rewindable.ts';

const take = async <T>(from: AsyncIterator<T>, count: number): Promise<T[]> => {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = await from.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
};

const counting = async function* (count: number): AsyncIterable<number> {
  for (let each = 1; each <= count; each++) yield each;
};

test('who reads anew gets all of it again, and the one before nothing more', async (t) => {
  const said = new Rewindable(counting(5), 10);
  const first = said.read();
  t.deepEqual(await take(first, 3), [1, 2, 3]);
  t.deepEqual(await take(said.read(), 9), [1, 2, 3, 4, 5]);
  t.deepEqual(await take(first, 1), []);
});

test('what comes in while the first reader waits goes to the second one, once', async (t) => {
  const source = new Pipe<number>(4);
  const said = new Rewindable(source, 10);
  const first = said.read();
  const waiting = first.next();
  const second = take(said.read(), 2);
  await source.write(1);
  await source.write(2);
  t.deepEqual(await second, [1, 2]);
  t.true((await waiting).done);
});

test('once it is heard, or too much to keep, it cannot be said again', async (t) => {
  const heard = new Rewindable(counting(3), 10);
  const reader = heard.read();
  await take(reader, 1);
  t.true(heard.canRewind);
  heard.heard();
  t.deepEqual(await take(reader, 9), [2, 3]);
  t.false(heard.canRewind);
  const much = new Rewindable(counting(4), 2);
  const all = much.read();
  await take(all, 2);
  t.true(much.canRewind);
  t.deepEqual(await take(all, 9), [3, 4]);
  t.false(much.canRewind);
});

test('nothing is read ahead of who reads', async (t) => {
  let asked = 0;
  const source = async function* (): AsyncIterable<number> {
    for (;;) yield ++asked;
  };
  const said = new Rewindable(source(), 10);
  await take(said.read(), 2);
  t.is(asked, 2);
  await take(said.read(), 3);
  t.is(asked, 3);
});

test('a source that breaks breaks its readers, and says why', async (t) => {
  const source = async function* (): AsyncIterable<number> {
    yield 1;
    throw new Error('cut');
  };
  const said = new Rewindable(source(), 10);
  const reader = said.read();
  t.deepEqual(await take(reader, 1), [1]);
  t.is(said.failure, undefined);
  await t.throwsAsync(reader.next(), { message: 'cut' });
  t.is((said.failure as Error).message, 'cut');
  await t.throwsAsync(take(said.read(), 5), { message: 'cut' });
});
