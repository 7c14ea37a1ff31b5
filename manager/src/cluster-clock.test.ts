import type { Clock } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { ClusterClock, slewRate } from './cluster-clock.ts';

const hourMs = 3_600_000;
const begin = 1_700_000_000_000;

/** A machine whose wall clock may jump; its monotonic one does not. */
class Machine implements Clock {
  wallMs: number;
  monotonicMs = 17.5;
  constructor(wallMs = begin) {
    this.wallMs = wallMs;
  }
  now(): number {
    return this.wallMs;
  }
  monotonic(): number {
    return this.monotonicMs;
  }
  setTimer(): () => void {
    return () => undefined;
  }
  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

/** A new leader that has followed another one, whose clock was right, up to a moment ago. */
const successor = (offMs: number) => {
  const machine = new Machine(begin + offMs);
  const clock = new ClusterClock(machine);
  clock.heard(begin);
  machine.pass(400);
  clock.lead(begin);
  return { machine, clock };
};

for (const [what, offMs] of [
  ['an hour behind', -hourMs],
  ['an hour ahead', hourMs],
  ['right', 0],
] as const) {
  test(`a new leader whose clock is ${what} goes on from the time of the one before it`, (t) => {
    const { machine, clock } = successor(offMs);
    t.is(clock.now(), begin + 400);
    const from = clock.now();
    machine.pass(5_000);
    const passed = clock.now() - from;
    t.true(Math.abs(passed - 5_000) <= 5_000 * slewRate + 1, `a delay of 5 s takes ${passed} ms`);
  });
}

test('who has seen nobody lead never goes behind the store, whatever its wall clock says', (t) => {
  const machine = new Machine(begin - hourMs);
  const clock = new ClusterClock(machine);
  clock.lead(begin);
  t.is(clock.now(), begin);
  machine.pass(10_000);
  t.true(clock.now() >= begin + 9_500);
});

test('who has seen nobody lead counts by its wall clock how long there was no leader', (t) => {
  const clock = new ClusterClock(new Machine(begin + 60_000));
  clock.lead(begin);
  t.is(clock.now(), begin + 60_000);
});

test('a wall clock that is set back while its manager leads changes nothing at once, and cluster time comes near it slowly', (t) => {
  const machine = new Machine();
  const clock = new ClusterClock(machine);
  clock.lead(begin);
  machine.wallMs -= hourMs;
  t.is(clock.now(), begin);
  machine.pass(hourMs);
  t.is(clock.now(), begin + hourMs - hourMs * slewRate);
  machine.pass(30 * hourMs);
  t.is(clock.now(), machine.wallMs, 'and there it stays');
});

test('a wall clock that is set forward, or whose machine slept, is followed at once, but not beyond it', (t) => {
  const machine = new Machine();
  const clock = new ClusterClock(machine);
  clock.lead(begin);
  machine.wallMs += 8 * hourMs;
  t.is(clock.now(), begin + 8 * hourMs);
  machine.wallMs -= hourMs;
  clock.now();
  machine.wallMs += 2 * hourMs;
  t.is(clock.now(), begin + 9 * hourMs);
});

test('a follower takes the word of who leads, also one that is slower for a while', (t) => {
  const machine = new Machine(begin + hourMs);
  const clock = new ClusterClock(machine);
  clock.heard(begin);
  machine.pass(hourMs);
  t.is(clock.now(), begin + hourMs, 'it has no say itself');
  clock.heard(begin + hourMs * (1 - slewRate));
  t.is(clock.now(), begin + hourMs * (1 - slewRate));
});

test('what was held up on its way, as by a cut link, does not turn time back', (t) => {
  const machine = new Machine();
  const clock = new ClusterClock(machine);
  clock.heard(begin);
  machine.pass(60_000);
  clock.heard(begin + 100);
  t.is(clock.now(), begin + 60_000);
  clock.heard(begin + 60_000);
  t.is(clock.now(), begin + 60_000);
});

test('a leader does not hear itself, and one that was deposed does hear its successor', (t) => {
  const clock = new ClusterClock(new Machine());
  clock.lead(begin);
  clock.heard(begin - hourMs);
  t.is(clock.now(), begin);
  clock.follow();
  clock.heard(begin + hourMs);
  t.is(clock.now(), begin + hourMs);
});

const steps = fc.array(
  fc.record({ passMs: fc.double({ min: 0, max: 10_000, noNaN: true }), jumpMs: fc.integer({ min: -hourMs, max: 900 }) }),
);

test('while one leads time never goes back and keeps to the monotonic clock within 5 %, however the wall clock is set back', (t) => {
  fc.assert(
    fc.property(steps, (all) => {
      const machine = new Machine();
      const clock = new ClusterClock(machine);
      clock.lead(begin);
      let [last, passed] = [clock.now(), 0];
      for (const { passMs, jumpMs } of all) {
        machine.pass(passMs);
        machine.wallMs += jumpMs;
        passed += passMs;
        const now = clock.now();
        if (now < last || Math.abs(now - begin - passed) > passed * slewRate + 1) return false;
        last = now;
      }
      return true;
    }),
  );
  t.pass();
});

test('time never goes back, however wall clocks are set and leaders change', (t) => {
  const step = fc.record({
    passMs: fc.nat(10_000),
    jumpMs: fc.integer({ min: -hourMs, max: hourMs }),
    deposed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (all) => {
      const machine = new Machine();
      const clock = new ClusterClock(machine);
      clock.lead(begin);
      let last = clock.now();
      for (const { passMs, jumpMs, deposed } of all) {
        machine.pass(passMs);
        machine.wallMs += jumpMs;
        if (deposed) {
          clock.follow();
          clock.lead(last);
        }
        const now = clock.now();
        if (now < last) return false;
        last = now;
      }
      return true;
    }),
  );
  t.pass();
});
