import type { Clock } from '@tso/proto';
import { ChannelQueue } from '@tso/proto/rpc';
import test from 'ava';
import { HushedLog } from './hushed-log.ts';
import { StreamReader } from './stream-reader.ts';
import { recordingLogger } from './testing/member.ts';

const fakeClock = () => {
  const timers = new Set<() => void>();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    setTimer: (_, callback) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const fire = (): void => {
    for (const callback of [...timers]) callback();
  };
  return { clock, timers, pass, fire };
};

test('what comes is handed on in order, and its timer is taken back', async (t) => {
  const { clock, timers } = fakeClock();
  const queue = new ChannelQueue<number>(10);
  const reader = new StreamReader(queue, clock);
  for (const it of [1, 2]) queue.push(it);
  const within = { ms: 5, failure: () => new Error('late') };
  t.is((await reader.next(within)).value, 1);
  t.is((await reader.next()).value, 2);
  t.is(timers.size, 0);
  queue.end(new Error('broken'));
  await t.throwsAsync(reader.next(within), { message: 'broken' });
  t.is(timers.size, 0);
});

test('a wait is broken off from here, by its time or by an end, and all later ones fail alike', async (t) => {
  const { clock, fire } = fakeClock();
  const late = new StreamReader(new ChannelQueue<number>(1), clock);
  const waiting = late.next({ ms: 5, failure: () => new Error('late') });
  fire();
  await t.throwsAsync(waiting, { message: 'late' });
  await t.throwsAsync(late.next(), { message: 'late' });
  const ended = new StreamReader(new ChannelQueue<number>(1), clock);
  const next = ended.next();
  ended.end(new Error('first'));
  ended.end(new Error('second'));
  await t.throwsAsync(next, { message: 'first' });
  await t.throwsAsync(ended.next(), { message: 'first' });
});

test('a complaint is said once in a while, with how often it was left out, and each matter for itself', (t) => {
  const { clock, pass } = fakeClock();
  const lines: string[] = [];
  const log = new HushedLog(recordingLogger(lines), clock, 1_000);
  for (let time = 0; time < 5; time += 1) log.warn('a', { x: 1 }, 'bad');
  log.warn('b', {}, 'worse');
  pass(1_000);
  log.warn('a', { x: 2 }, 'bad');
  t.deepEqual(lines, ['warn: bad {"x":1}', 'warn: worse {}', 'warn: bad {"x":2,"leftOut":4}']);
});
