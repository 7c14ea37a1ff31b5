import { TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { IssuingQueue } from './issuing-queue.ts';

const alive = new AbortController().signal;

test('one is made after the other, and one that fails holds nobody up', async (t) => {
  const queue = new IssuingQueue();
  const said: string[] = [];
  const make = (name: string) => async () => {
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  };
  const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.turn(alive, make(name))));
  t.deepEqual(said, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  t.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('for a caller that went away nothing is made', async (t) => {
  const queue = new IssuingQueue();
  const gone = new AbortController();
  const first = queue.turn(alive, () => Promise.resolve('first'));
  const second = queue.turn(gone.signal, () => Promise.resolve(t.fail('it was made')));
  gone.abort();
  t.is(await first, 'first');
  await t.throwsAsync(second, { code: 'CANCELLED' });
});

test('when too many wait the next is told when to come back', async (t) => {
  const queue = new IssuingQueue();
  const hold = Promise.withResolvers<void>();
  const held = Array.from({ length: limits.certificatesWaiting }, () => queue.turn(alive, () => hold.promise));
  const refusal = await t.throwsAsync(
    queue.turn(alive, () => hold.promise),
    { instanceOf: TsoError, code: 'RESOURCE_EXHAUSTED' },
  );
  t.is(refusal.details.retryAfterMs, limits.certificatesAgainMs);
  hold.resolve();
  await Promise.all(held);
  t.is(await queue.turn(alive, () => Promise.resolve('again')), 'again');
});
