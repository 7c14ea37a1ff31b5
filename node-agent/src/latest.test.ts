import test from 'ava';
import { Latest } from './latest.ts';

test('requests during a run share the one run after it', async (t) => {
  let runs = 0;
  const gates: (() => void)[] = [];
  const latest = new Latest(async () => {
    runs += 1;
    await new Promise<void>((resolve) => gates.push(resolve));
  });
  const first = latest.request();
  const others = [latest.request(), latest.request(), latest.request()];
  gates[0]?.();
  await first;
  await new Promise(setImmediate);
  gates[1]?.();
  await Promise.all(others);
  t.is(runs, 2);
});

test('a run that fails does not stop the next one', async (t) => {
  let runs = 0;
  const latest = new Latest(async () => {
    runs += 1;
    if (runs === 1) throw new Error('no');
  });
  const first = latest.request();
  const second = latest.request();
  await t.throwsAsync(first, { message: 'no' });
  await second;
  t.is(runs, 2);
});
