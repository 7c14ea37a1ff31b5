import test from 'ava';
import fc from 'fast-check';
import { ChannelQueue } from './channel-queue.ts';

const collect = async <T>(queue: ChannelQueue<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
};

test('items arrive in order, those pushed before the reading and those after', async (t) => {
  const queue = new ChannelQueue<number>(10);
  queue.push(1);
  queue.push(2);
  const reading = collect(queue);
  await null;
  queue.push(3);
  queue.end();
  t.deepEqual(await reading, [1, 2, 3]);
});

test('a push beyond the limit is refused and does not displace anything', async (t) => {
  const queue = new ChannelQueue<number>(2);
  t.true(queue.push(1));
  t.true(queue.push(2));
  t.false(queue.push(3));
  t.is(queue.size, 2);
  queue.end();
  t.deepEqual(await collect(queue), [1, 2]);
});

test('what is queued is delivered before the error', async (t) => {
  const queue = new ChannelQueue<number>(10);
  queue.push(1);
  queue.end(new Error('gone'));
  const seen: number[] = [];
  const error = await t.throwsAsync(async () => {
    for await (const item of queue) seen.push(item);
  });
  t.is(error.message, 'gone');
  t.deepEqual(seen, [1]);
});

test('after the end nothing more is taken, and the first end counts', async (t) => {
  const queue = new ChannelQueue<number>(10);
  queue.end();
  queue.end(new Error('late'));
  t.false(queue.push(1));
  t.deepEqual(await collect(queue), []);
});

test('an item that is undefined is delivered like another', async (t) => {
  const queue = new ChannelQueue<number | undefined>(10);
  queue.push(undefined);
  queue.push(1);
  queue.end();
  t.deepEqual(await collect(queue), [undefined, 1]);
});

test('whatever the order of pushing and reading, nothing is lost or doubled', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async (steps) => {
      const queue = new ChannelQueue<number>(100);
      const reader = queue[Symbol.asyncIterator]();
      const read: Promise<IteratorResult<number>>[] = [];
      let pushed = 0;
      for (const push of steps) {
        if (push) queue.push(pushed++);
        else read.push(reader.next());
        await null;
      }
      queue.end();
      while (read.length <= pushed) read.push(reader.next());
      const values = (await Promise.all(read)).filter((result) => result.done !== true).map((result) => result.value);
      t.deepEqual(
        values,
        Array.from({ length: pushed }, (_, index) => index),
      );
    }),
  );
});
