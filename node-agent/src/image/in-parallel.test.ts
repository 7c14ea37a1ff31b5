import test from 'ava';
import { inParallel } from './in-parallel.ts';

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
