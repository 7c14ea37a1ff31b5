import type { Clock } from '@tso/proto';
import test from 'ava';
import { silentLogger } from '../testing/ports.ts';
import { KeyRotation, keyLifeMs } from './key-rotation.ts';

test('the key is new at the start and after each day, until it is stopped', async (t) => {
  const timers: { readonly delayMs: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer: (delayMs, callback) => {
      const timer = { delayMs, callback };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  };
  let keys = 0;
  const rotation = new KeyRotation({ disk: { rotateKey: async () => void keys++ }, clock, logger: silentLogger });
  await rotation.start();
  t.is(keys, 1);
  timers.shift()?.callback();
  await new Promise((resolve) => setImmediate(resolve));
  t.is(keys, 2);
  t.deepEqual(
    timers.map(({ delayMs }) => delayMs),
    [keyLifeMs],
  );
  await rotation.stop();
  t.deepEqual(timers, []);
});
