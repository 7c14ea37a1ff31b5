import type { Clock, Logger } from '@tso/proto';
import test from 'ava';
import { RepairLoop } from './repair-loop.ts';

interface World {
  readonly loop: RepairLoop;
  /** Lets the time until the next round pass, and the round come to its end. */
  readonly round: () => Promise<void>;
  readonly said: string[];
  readonly isWaiting: () => boolean;
}

const worldOf = (mend: () => Promise<readonly string[]>): World => {
  let due: (() => void) | undefined;
  const said: string[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer: (_, callback) => {
      due = callback;
      return () => {
        due = undefined;
      };
    },
  };
  const log = (_: unknown, message: string): void => void said.push(message);
  const logger = { trace: log, debug: log, info: log, warn: log, error: log, fatal: log, child: () => logger } as unknown as Logger;
  const round = async (): Promise<void> => {
    const callback = due;
    due = undefined;
    callback?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { loop: new RepairLoop({ clock, logger, mend }), round, said, isWaiting: () => due !== undefined };
};

test('nothing is said as long as nothing is mended, and what was mended is said in one sentence', async (t) => {
  const answers = [[], ['gateway g of network n'], []];
  const world = worldOf(async () => answers.shift() ?? []);
  world.loop.start();
  for (let count = 0; count < 3; count += 1) await world.round();
  t.deepEqual(world.said, ['put right what was changed on this host: gateway g of network n']);
  await world.loop.stop();
});

test('of very much only some is named', async (t) => {
  const world = worldOf(async () => Array.from({ length: 20 }, (_, index) => `device ${index}`));
  world.loop.start();
  await world.round();
  t.regex(world.said[0] ?? '', /device 0, .*device 7, and 12 more$/);
  await world.loop.stop();
});

test('a round that fails is told once, and the next ones come', async (t) => {
  let rounds = 0;
  const world = worldOf(async () => {
    rounds += 1;
    throw new Error('ip is not there');
  });
  world.loop.start();
  for (let count = 0; count < 3; count += 1) await world.round();
  t.is(rounds, 3);
  t.is(world.said.length, 1);
  await world.loop.stop();
});

test('after its stop no round begins', async (t) => {
  let rounds = 0;
  const world = worldOf(async () => {
    rounds += 1;
    return [];
  });
  world.loop.start();
  await world.round();
  await world.loop.stop();
  t.false(world.isWaiting());
  await world.round();
  t.is(rounds, 1);
});
