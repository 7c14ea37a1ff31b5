import test from 'ava';
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
