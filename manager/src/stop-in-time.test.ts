import type { Logger } from '@tso/proto';
import test from 'ava';
import { limits } from './limits.ts';
import { stopInTime } from './stop-in-time.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { silentLogger } from './testing/ports.ts';

const world = () => {
  const said: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void said.push(message) };
  return { clock: new ManualClock(), logger, said };
};

test('a part that stops costs nothing more, one that fails is said to', async (t) => {
  const { said, ...ports } = world();
  await stopInTime('part', 'log', async () => undefined, ports);
  t.deepEqual([said, ports.clock.pending], [[], 0]);
  await stopInTime('part', 'log', () => Promise.reject(new Error('no')), ports);
  t.deepEqual([said, ports.clock.pending], [['a part did not stop well: no'], 0]);
});

test('a part that hangs holds nobody up for longer than it may', async (t) => {
  const { said, ...ports } = world();
  const stopped = stopInTime('duty', 'planner', () => new Promise(() => undefined), ports);
  ports.clock.advance(limits.stopMs);
  await stopped;
  t.deepEqual(said, [`a duty did not stop within ${limits.stopMs} ms`]);
});
