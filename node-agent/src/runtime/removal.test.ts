import type { Clock } from '@tso/proto';
import test from 'ava';
import { freezeCgroup } from './removal.ts';

/** Time that passes as soon as somebody waits for it. */
const hastyClock = (): Clock => {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    setTimer: (delayMs, run) => {
      nowMs += delayMs;
      queueMicrotask(run);
      return () => undefined;
    },
  };
};

/** A cgroup that freezes only from that attempt on. */
const stubborn = (yieldsAt: number) => {
  const asked: string[] = [];
  return {
    asked,
    canFreeze: true,
    freeze: () => void asked.push('freeze'),
    thaw: () => void asked.push('thaw'),
    isFrozen: () => asked.filter((word) => word === 'freeze').length >= yieldsAt,
  };
};

test('a cgroup that stays half frozen is let go and frozen again', async (t) => {
  const cgroups = stubborn(3);
  await freezeCgroup(cgroups, '/tso/a', hastyClock());
  t.deepEqual(cgroups.asked, ['freeze', 'thaw', 'freeze', 'thaw', 'freeze']);
});

test('what cannot be frozen is not left half frozen, and is told', async (t) => {
  const cgroups = stubborn(Number.POSITIVE_INFINITY);
  await t.throwsAsync(freezeCgroup(cgroups, '/tso/a', hastyClock()), { code: 'UNAVAILABLE', message: /\/tso\/a could not be paused/ });
  t.is(cgroups.asked.at(-1), 'thaw');
});

test('a host without a freezer says so', async (t) => {
  const cgroups = { ...stubborn(1), canFreeze: false };
  await t.throwsAsync(freezeCgroup(cgroups, '/tso/a', hastyClock()), {
    code: 'FAILED_PRECONDITION',
    message: /no control group that freezes/,
  });
  t.deepEqual(cgroups.asked, []);
});
