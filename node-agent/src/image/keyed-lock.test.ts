import test from 'ava';
import { inParallel } from './in-parallel.ts';
import { KeyedLock } from './keyed-lock.ts';

test('work of one key runs in order, also after a failure, and other keys do not wait', async (t) => {
  const lock = new KeyedLock();
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const first = lock.run('a', async () => {
    await gate.promise;
    seen.push('first');
    throw new Error('no');
  });
  const second = lock.run('a', async () => seen.push('second'));
  await lock.run('b', async () => seen.push('other'));
  gate.resolve();
  await t.throwsAsync(first);
  await second;
  t.deepEqual(seen, ['other', 'first', 'second']);
});

test('items are worked through in order, never more than the limit at a time', async (t) => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, undefined, async (item) => {
    begun.push(item);
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
  });
  t.deepEqual(begun, [1, 2, 3, 4, 5, 6, 7]);
  t.is(most, 3);
});

test('the first failure stops the rest and is thrown once all have ended', async (t) => {
  const ended: number[] = [];
  const work = inParallel([1, 2, 3, 4], 2, undefined, async (item, _index, signal) => {
    if (item === 1) throw new Error('first');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    ended.push(item);
    throw new Error('later');
  });
  await t.throwsAsync(work, { message: 'first' });
  t.deepEqual(ended, [2]);
});

test('an aborted signal ends the work with its reason', async (t) => {
  const error = await t.throwsAsync(inParallel([1], 1, AbortSignal.abort(new Error('enough')), async () => undefined));
  t.is(error.message, 'enough');
});
