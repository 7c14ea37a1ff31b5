import test from 'ava';
import fc from 'fast-check';
import { Admission, type AdmissionOptions } from './admission.ts';

const options: AdmissionOptions = { atOnce: 4, perSecond: 10, burst: 4, shortestWaitMs: 100, longestWaitMs: 10_000 };

test('a few at once are taken in, the next is asked to come back', (t) => {
  const admission = new Admission(options, 0);
  for (let one = 0; one < 4; one += 1) t.deepEqual(admission.enter(0), { admitted: true });
  t.deepEqual(admission.enter(0), { admitted: false, retryAfterMs: 100 });
});

test('while as many are worked on as may be, nobody is taken in, however long ago they came', (t) => {
  const admission = new Admission(options, 0);
  for (let one = 0; one < 4; one += 1) admission.enter(0);
  t.false(admission.enter(60_000).admitted);
  admission.done();
  t.true(admission.enter(60_000).admitted);
});

test('those that are sent away are told one instant after the other', (t) => {
  const admission = new Admission(options, 0);
  for (let one = 0; one < 4; one += 1) admission.enter(0);
  const waits = Array.from({ length: 5 }, () => admission.enter(0)).map((it) => (it.admitted ? 0 : it.retryAfterMs));
  t.deepEqual(waits, [100, 200, 300, 400, 500]);
});

test('nobody is asked to stay away longer than the longest wait', (t) => {
  const admission = new Admission({ ...options, longestWaitMs: 1_000 }, 0);
  for (let one = 0; one < 4; one += 1) admission.enter(0);
  for (let one = 0; one < 100; one += 1) {
    const it = admission.enter(0);
    t.true(!it.admitted && it.retryAfterMs >= 100 && it.retryAfterMs <= 1_000);
  }
});

test('two thousand that come in one moment, and come back as told, are all in within a time that the pace explains', (t) => {
  const pace: AdmissionOptions = { atOnce: 64, perSecond: 500, burst: 128, shortestWaitMs: 100, longestWaitMs: 10_000 };
  const admission = new Admission(pace, 0);
  const agenda = Array.from({ length: 2_000 }, (_, id) => ({ atMs: id % 50, id }));
  let [now, refused, inOneSecond, second] = [0, 0, 0, 0];
  const working: number[] = [];
  while (agenda.length > 0) {
    agenda.sort((a, b) => a.atMs - b.atMs);
    const next = agenda.shift();
    if (next === undefined) break;
    now = next.atMs;
    while ((working[0] ?? Number.POSITIVE_INFINITY) <= now) {
      working.shift();
      admission.done();
    }
    if (Math.floor(now / 1_000) !== second) [second, inOneSecond] = [Math.floor(now / 1_000), 0];
    const it = admission.enter(now);
    if (it.admitted) {
      working.push(now + 20);
      inOneSecond += 1;
      t.true(inOneSecond <= pace.perSecond + pace.burst);
    } else {
      refused += 1;
      agenda.push({ atMs: now + it.retryAfterMs, id: next.id });
    }
  }
  t.true(now < 6_000, `the last one was in after ${now} ms`);
  t.true(refused < 6_000, `${refused} were sent away`);
});

test('never more are worked on at once, nor taken in over any time, than was said', (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ afterMs: fc.nat(300), done: fc.boolean() }), { maxLength: 200 }), (steps) => {
      const admission = new Admission(options, 0);
      let [now, inWork, taken] = [0, 0, 0];
      for (const { afterMs, done } of steps) {
        now += afterMs;
        if (done && inWork > 0) {
          admission.done();
          inWork -= 1;
        }
        if (admission.enter(now).admitted) {
          inWork += 1;
          taken += 1;
        }
        if (inWork > options.atOnce || taken > options.burst + (now * options.perSecond) / 1_000) return false;
      }
      return true;
    }),
  );
  t.pass();
});
