import test from 'ava';
import { Sessions } from './sessions.ts';

const options = { heartbeatMs: 1_000, missedHeartbeats: 3, graceMs: 10_000, tickMs: 500 };

/** Ticks every 500 ms up to the instant; what was declared down, and when. */
const run = (sessions: Sessions, fromMs: number, toMs: number): [string, number][] => {
  const down: [string, number][] = [];
  for (let now = fromMs; now <= toMs; now += 500) for (const id of sessions.tick(now)) down.push([id, now]);
  return down;
};

test('a node that misses three heartbeats is down, once', (t) => {
  const sessions = new Sessions(options, 0);
  sessions.opened('a', 1, 0);
  sessions.heard('a', 1, 1_000);
  t.deepEqual(run(sessions, 500, 10_000), [['a', 4_000]]);
});

test('a node that is heard stays', (t) => {
  const sessions = new Sessions(options, 0);
  sessions.opened('a', 1, 0);
  for (let now = 500; now <= 20_000; now += 500) {
    sessions.heard('a', 1, now);
    t.deepEqual(sessions.tick(now), []);
  }
});

test('a disconnected node is down when its limit has passed, unless it comes back', (t) => {
  const sessions = new Sessions(options, 0);
  sessions.opened('a', 1, 0);
  sessions.opened('b', 2, 0);
  t.true(sessions.closed('a', 1));
  t.true(sessions.closed('b', 2));
  sessions.opened('b', 3, 2_000);
  t.deepEqual(run(sessions, 500, 4_000), [['a', 3_000]]);
});

test('the end of a session that was replaced says nothing about its node', (t) => {
  const sessions = new Sessions(options, 0);
  t.is(sessions.opened('a', 1, 0), undefined);
  t.is(sessions.opened('a', 2, 0), 1);
  t.false(sessions.closed('a', 1));
  sessions.heard('a', 1, 2_900);
  t.deepEqual(run(sessions, 500, 3_000), [['a', 3_000]], 'and its heartbeats count no more');
});

test('a manager that was paused declares nobody down for it', (t) => {
  const sessions = new Sessions(options, 0);
  sessions.opened('a', 1, 0);
  t.deepEqual(sessions.tick(500), []);
  t.deepEqual(sessions.tick(60_000), [], 'a tick of a minute');
  t.deepEqual(run(sessions, 60_500, 70_000), [['a', 62_000]], 'what was left of its limit still counts');
});

test('a node from before the start has the grace time', (t) => {
  const sessions = new Sessions(options, 0);
  sessions.expect('a', 0);
  t.deepEqual(run(sessions, 500, 20_000), [['a', 10_000]]);
});
