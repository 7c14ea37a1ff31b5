import test from 'ava';
import { StepSlots } from './step-slots.ts';

const never = new AbortController().signal;

test('so many run at once, the others in their order', async (t) => {
  const slots = new StepSlots(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = gates.map(({ promise }, index) =>
    slots.use(never, async () => {
      begun.push(index);
      await promise;
    }),
  );
  await new Promise(setImmediate);
  t.deepEqual(begun, [0, 1]);
  gates[1]?.resolve();
  await new Promise(setImmediate);
  t.deepEqual(begun, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all(all);
  t.deepEqual(begun, [0, 1, 2, 3, 4]);
});

test('who is cancelled before its turn never begins and keeps nobody waiting', async (t) => {
  const slots = new StepSlots(1);
  const gate = Promise.withResolvers<void>();
  const first = slots.use(never, () => gate.promise);
  const controller = new AbortController();
  const second = slots.use(controller.signal, async () => t.fail());
  const third = slots.use(never, async () => 'third');
  controller.abort();
  await t.throwsAsync(second, { code: 'CANCELLED' });
  gate.resolve();
  await first;
  t.is(await third, 'third');
  await t.throwsAsync(
    slots.use(controller.signal, async () => t.fail()),
    { code: 'CANCELLED' },
  );
  t.is(await slots.use(never, async () => 'free'), 'free');
});

test('a step that fails gives its place back', async (t) => {
  const slots = new StepSlots(1);
  await t.throwsAsync(slots.use(never, () => Promise.reject(new Error('no'))));
  t.is(await slots.use(never, async () => 'free'), 'free');
});
