import test from 'ava';
import { Forwarded } from './forwarded.ts';

const never = new Promise<never>(() => undefined);

test('what a former leader still answers within the grace is its answer', async (t) => {
  const forwarded = new Forwarded(10);
  const { promise, resolve } = Promise.withResolvers<string>();
  const waiting = forwarded.during(1, promise);
  forwarded.expire(100, 2);
  forwarded.expire(109, 2);
  resolve('made');
  t.is(await waiting, 'made');
});

test('it is given up once another has led for as long as the grace, not while nobody does or the same one leads again', async (t) => {
  const forwarded = new Forwarded(10);
  const waiting = forwarded.during(1, never);
  forwarded.expire(100, 0);
  forwarded.expire(150, 0);
  forwarded.expire(151, 2);
  forwarded.expire(155, 1);
  forwarded.expire(170, 1);
  forwarded.expire(171, 3);
  forwarded.expire(180, 3);
  let settled = false;
  waiting.catch(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  t.false(settled);
  forwarded.expire(181, 3);
  await t.throwsAsync(waiting, { code: 'UNAVAILABLE', message: /manager 1, which led and has vanished.*manager 3 leads now/ });
});
