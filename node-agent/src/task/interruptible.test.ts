import test from 'ava';
import { Interruptible } from './interruptible.ts';

test('work goes on while it is what is to be done, or nobody knows, and is cut short then', async (t) => {
  const answers = [async () => true, () => Promise.reject(new Error('cannot look')), async () => false];
  let asked = 0;
  const isStill = (): Promise<boolean> => answers[asked++]?.() ?? Promise.resolve(true);
  const interruptible = new Interruptible();
  const { promise, resolve } = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  const running = interruptible.run(isStill, (its) => {
    signal = its;
    its.addEventListener('abort', () => resolve());
    return promise;
  });
  t.is(asked, 1);
  interruptible.look();
  t.is(asked, 2);
  t.false(signal?.aborted);
  interruptible.look();
  await running;
  t.true(signal?.aborted);
  interruptible.look();
  t.is(asked, 3);
});
