import { HealthState, type StackView, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import { aService, aTask, aView } from '../testing/views.ts';
import { type FollowState, failuresInARow, longLifeMs, observe, settleMs, startFollow, tick, waitingText } from './follow.ts';

const start = (services?: readonly string[]) => startFollow({ stack: 'visits', services, goal: 'converged' });
const feed = (state: FollowState, views: readonly StackView[], stepMs = 1_000): FollowState =>
  views.reduce((after, view, index) => observe(after, view, index * stepMs), state);

const preparing = aTask({ state: TaskState.PREPARING, status: { message: 'pulling 3 of 7 layers' } });
const failed = (id: string, change = {}) =>
  aTask({ id, state: TaskState.FAILED, desired: TaskState.SHUTDOWN, status: { error: 'no such file: /nope', exitCode: 127, ...change } });
const next = (id: string) => aTask({ id, state: TaskState.READY });

test('a stack that runs when first seen is done at once', (t) => {
  t.deepEqual(feed(start(), [aView([aService([aTask()])])]).outcome, { kind: 'done' });
});

test('a task seen to begin running is believed only after the settling time', (t) => {
  const state = feed(start(), [aView([aService([preparing])]), aView([aService([{ ...aTask(), id: preparing.id }])])]);
  t.deepEqual(state.outcome, { kind: 'settling', untilMs: 1_000 + settleMs });
  t.is(tick(state, 1_000 + settleMs - 1).outcome.kind, 'settling');
  t.is(tick(state, 1_000 + settleMs).outcome.kind, 'done');
});

test('a healthy task needs no settling, its health check has spoken', (t) => {
  const healthy = aTask({ id: preparing.id, health: HealthState.HEALTHY });
  t.is(feed(start(), [aView([aService([preparing])]), aView([aService([healthy])])]).outcome.kind, 'done');
});

test('of an update that failed it is told what became of it, rather than of the task alone', (t) => {
  const message = 'the update failed in 1 of 3 places, and the service goes back to what it was: web.1 failed: no such file: /nope';
  const service = aService([aTask({ id: 'a1' }), failed('a0')], { failed: true, converged: false });
  const update = { state: UpdateState.ROLLBACK_COMPLETED, startedAtMs: 1, completedAtMs: 2, message };
  const back = { ...service, service: { ...service.service, update } };
  const { outcome } = feed(start(), [aView([aService([next('a0')])]), aView([back])]);
  t.deepEqual(outcome, {
    kind: 'failed',
    failures: [{ service: 'web', task: '', error: `service web is not updated: ${message}`, exitCode: 127 }],
  });
});

test('a service that is not waited for does not hold the others up', (t) => {
  const view = aView([aService([preparing], {}, 'web'), aService([aTask({}, 'cache')], {}, 'cache')]);
  t.is(feed(start(['cache']), [view]).outcome.kind, 'done');
  t.is(feed(start(['cache', 'web']), [view]).outcome.kind, 'waiting');
});

test('a service that was asked for and is not there is waited for', (t) => {
  const state = feed(start(['web']), [aView([])]);
  t.is(state.outcome.kind, 'waiting');
  t.regex(waitingText(state), /^web: /);
});

test('a service whose tasks fail in a row without living long has failed, with the newest error', (t) => {
  const views = [aView([aService([next('a0')])])];
  for (let count = 1; count <= failuresInARow; count += 1) {
    const history = Array.from({ length: count }, (_, index) => failed(`a${count - 1 - index}`));
    views.push(aView([aService([next(`a${count}`), ...history])]));
  }
  t.is(feed(start(), views.slice(0, -1)).outcome.kind, 'waiting');
  t.deepEqual(feed(start(), views).outcome, {
    kind: 'failed',
    failures: [{ service: 'web', task: 'web.1', error: 'no such file: /nope', exitCode: 127 }],
  });
});

test('what could not even be prepared, twice for the same reason, has failed; for two reasons it is waited for', (t) => {
  const rejected = (id: string, error: string) => aTask({ id, state: TaskState.REJECTED, desired: TaskState.SHUTDOWN, status: { error } });
  const views = (first: string, second: string) => [
    aView([aService([next('a0')])]),
    aView([aService([next('a1'), rejected('a0', first)])]),
    aView([aService([next('a2'), rejected('a1', second), rejected('a0', first)])]),
  ];
  t.is(feed(start(), views('no such image', 'no such image').slice(0, -1)).outcome.kind, 'waiting');
  t.is(feed(start(), views('no such image', 'no such image')).outcome.kind, 'failed');
  t.is(feed(start(), views('no answer', 'no such image')).outcome.kind, 'waiting');
});

test('once one service is lost, another that failed and does not run is told with it', (t) => {
  const other = { ...aTask({ state: TaskState.FAILED, status: { error: 'port 80 is taken' } }, 'cache') };
  const cache = aService([other], {}, 'cache');
  const views = [aView([]), ...['a0', 'a1', 'a2'].map((id) => aView([aService([failed(id)]), cache]))];
  const { outcome } = feed(start(), views);
  t.deepEqual(outcome.kind === 'failed' && outcome.failures.map(({ service, error }) => [service, error]), [
    ['web', 'no such file: /nope'],
    ['cache', 'port 80 is taken'],
  ]);
});

test('failures are counted although the cluster forgets old tasks', (t) => {
  const views = [aView([aService([next('a0')])]), ...['a0', 'a1', 'a2'].map((id) => aView([aService([failed(id)])]))];
  t.is(feed(start(), views).outcome.kind, 'failed');
});

test('failures from before the command count for nothing', (t) => {
  const history = ['a2', 'a1', 'a0'].map((id) => failed(id));
  t.is(feed(start(), [aView([aService([next('a3'), ...history])])]).outcome.kind, 'waiting');
});

test('a failure after a long life begins a new count', (t) => {
  const longLived = failed('a2', { startedAtMs: 5_000, finishedAtMs: 5_000 + longLifeMs });
  const views = [aView([aService([next('a0')])]), ...[failed('a0'), failed('a1'), longLived].map((task) => aView([aService([task])]))];
  t.is(feed(start(), views).outcome.kind, 'waiting');
});

test('a service that the cluster gave up on has failed at once', (t) => {
  const outcome = feed(start(), [aView([aService([failed('a0')], { failed: true })])]).outcome;
  t.is(outcome.kind, 'failed');
});

test('why a service waits is told once, in the words of the cluster', (t) => {
  const waiting = aService([], { waitingReason: 'no node fits (1 lacks label disk=ssd)', converged: false });
  const first = feed(start(), [aView([waiting])]);
  t.deepEqual(first.changes, ['web: no node fits (1 lacks label disk=ssd)']);
  t.deepEqual(observe(first, aView([waiting]), 2_000).changes, []);
  t.is(waitingText(first), 'web: no node fits (1 lacks label disk=ssd)');
});

test('each change of a task is one line, and no line when nothing changed', (t) => {
  const first = feed(start(), [aView([aService([preparing])])]);
  t.deepEqual(first.changes, ['web.1: preparing: pulling 3 of 7 layers']);
  const second = observe(first, aView([aService([preparing])]), 1_000);
  t.deepEqual(second.changes, []);
  t.deepEqual(observe(second, aView([aService([{ ...aTask(), id: preparing.id }])]), 2_000).changes, ['web.1: running']);
});

test('control characters of an error do not reach the screen', (t) => {
  const state = feed(start(), [aView([aService([next('a0')])]), aView([aService([failed('a0', { error: 'bad\u001b[2J\nline' })])])]);
  t.deepEqual(state.changes, ['web.1: failed: bad [2J line']);
});

test('a removal is done when nothing of the stack is left', (t) => {
  const gone = startFollow({ stack: 'visits', services: undefined, goal: 'gone' });
  const stopping = aTask({ desired: TaskState.SHUTDOWN });
  const first = observe(gone, aView([aService([stopping])]), 0);
  t.is(first.outcome.kind, 'waiting');
  t.deepEqual(first.changes, ['web.1: stopping']);
  const last = observe(first, aView([], { exists: false }), 1);
  t.is(last.outcome.kind, 'done');
  t.deepEqual(last.changes, ['web.1: removed']);
});
