import { systemClock } from '@tso/proto/system';
import test from 'ava';
import { BatchProgram } from './batch-program.ts';

// `link show` needs no rights; what it prints is passed over.

test('lines are carried out by one process, call after call', async (t) => {
  const program = new BatchProgram({ program: 'ip' }, { clock: systemClock });
  await Promise.all([program.run(['link show dev lo']), program.run(['link show dev lo', 'link show dev lo'])]);
  await program.run([]);
  program.stop();
  t.pass();
});

test('a line that is refused fails its own call with what the program said, and the next call works', async (t) => {
  const program = new BatchProgram({ program: 'ip' }, { clock: systemClock });
  const [good, bad, next] = await Promise.allSettled([
    program.run(['link show dev lo']),
    program.run(['link show dev lo', 'link show dev nosuch0']),
    program.run(['link show dev lo']),
  ]);
  program.stop();
  t.deepEqual([good.status, bad.status, next.status], ['fulfilled', 'rejected', 'fulfilled']);
  t.is(bad.status === 'rejected' ? String(bad.reason.message) : '', 'ip failed: Device "nosuch0" does not exist.');
});

test('a program that ends over a line is started again', async (t) => {
  const program = new BatchProgram({ program: 'bridge' }, { clock: systemClock });
  await t.throwsAsync(program.run(['fdb nonsense']), { message: /^bridge (failed|ended): / });
  await program.run(['fdb show dev lo']);
  program.stop();
});
