import test from 'ava';
import { fakeIo } from './testing/fake-io.ts';
import { unlessGivenUp, whileWanted } from './while-wanted.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

test('Ctrl-C, a wish to end and the end of the terminal break work off, and nobody listens for them afterwards', async (t) => {
  for (const signal of signals) {
    const io = fakeIo();
    const broken = await whileWanted(io, async (wanted) => {
      t.false(wanted.aborted);
      t.true(io.raise(signal), signal);
      return wanted.aborted;
    });
    t.true(broken, signal);
    for (const one of signals) t.false(io.raise(one), one);
  }
});

test('what work fails with is told, unless it was given up', async (t) => {
  const io = fakeIo();
  t.is(await unlessGivenUp(io, async () => 7), 7);
  await t.throwsAsync(
    unlessGivenUp(io, async () => Promise.reject(new Error('the disk is full'))),
    { message: 'the disk is full' },
  );
  const cut = unlessGivenUp(io, async (wanted) => {
    io.raise('SIGHUP');
    wanted.throwIfAborted();
  });
  t.is(await cut, undefined);
  t.false(io.raise('SIGHUP'));
});
