import { type HealthCheck, HealthState, type Task } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import type { ExecProcess } from '../runtime/types.ts';
import { taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeProcess } from '../testing/fake-process.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { HealthMonitor } from './monitor.ts';

const intervalMs = 10_000;
const timeoutMs = 3_000;

const checked = (change: Partial<HealthCheck> = {}): Task => {
  const task = taskNamed('web');
  const healthCheck = { test: ['CMD', 'true'], intervalMs, timeoutMs, retries: 1, startPeriodMs: 0, startIntervalMs: 0, ...change };
  return { ...task, spec: { ...task.spec, container: { ...task.spec.container, healthCheck } } };
};

/** A monitor whose probes are these processes, one after the other. */
const monitorOf = (...probes: readonly (ExecProcess | Promise<ExecProcess>)[]) => {
  const clock = new ManualClock();
  const waiting = [...probes];
  const asked: string[] = [];
  const exec = async (id: string): Promise<ExecProcess> => {
    asked.push(id);
    const probe = waiting.shift();
    if (probe === undefined) throw new Error('not running');
    return probe;
  };
  return { clock, asked, monitor: new HealthMonitor({ containers: { exec }, clock }) };
};

const ended = (code: number, text = ''): FakeProcess => {
  const process = new FakeProcess();
  process.say(text);
  process.exit(code);
  return process;
};

test('the state follows the probes, and each change is told once', async (t) => {
  const { clock, monitor } = monitorOf(ended(0), ended(0), ended(1, 'refused'));
  const task = checked();
  let changes = 0;
  monitor.watch(task, () => {
    changes += 1;
  });
  t.is(monitor.stateOf(task.id).state, HealthState.HEALTH_STARTING);
  for (const [state, told] of [
    [HealthState.HEALTHY, 1],
    [HealthState.HEALTHY, 1],
    [HealthState.UNHEALTHY, 2],
  ] as const) {
    clock.advance(intervalMs);
    await eventually('it is asked again', () => clock.pending === 1 && changes === told);
    t.is(monitor.stateOf(task.id).state, state);
  }
  t.is(monitor.stateOf(task.id).failure, 'refused');
});

test('a probe that takes too long is killed and has failed', async (t) => {
  const slow = new FakeProcess();
  const { clock, monitor } = monitorOf(slow);
  const task = checked();
  monitor.watch(task, () => undefined);
  clock.advance(intervalMs);
  await new Promise(setImmediate);
  clock.advance(timeoutMs);
  await eventually('it is unhealthy', () => monitor.stateOf(task.id).state === HealthState.UNHEALTHY);
  t.deepEqual(slow.signals, ['SIGKILL']);
  t.is(monitor.stateOf(task.id).failure, 'no answer within 3000 ms');
});

test('neither a probe that cannot be killed nor one that cannot begin ends the probing', async (t) => {
  const { clock, asked, monitor } = monitorOf(new FakeProcess([]), new Promise<ExecProcess>(() => undefined), ended(0));
  const task = checked({ retries: 9 });
  monitor.watch(task, () => undefined);
  for (const count of [1, 2]) {
    clock.advance(intervalMs);
    await eventually('it is asked', () => asked.length === count);
    clock.advance(timeoutMs + limits.probeKillMs);
    await eventually('it waits for the next', () => clock.pending === 1);
  }
  clock.advance(intervalMs);
  await eventually('it is healthy', () => monitor.stateOf(task.id).state === HealthState.HEALTHY);
  t.is(asked.length, 3);
});

test('a probe that begins too late is killed', async (t) => {
  const begins = Promise.withResolvers<ExecProcess>();
  const { clock, monitor } = monitorOf(begins.promise);
  monitor.watch(checked(), () => undefined);
  clock.advance(intervalMs);
  clock.advance(timeoutMs);
  const process = new FakeProcess();
  begins.resolve(process);
  await eventually('it is killed', () => process.signals.length === 1);
  t.deepEqual(process.signals, ['SIGKILL']);
});

test('after unwatch no timer is left, and what a probe under way still says changes nothing', async (t) => {
  const slow = new FakeProcess();
  const { clock, asked, monitor } = monitorOf(slow);
  const task = checked();
  monitor.watch(task, () => t.fail());
  clock.advance(intervalMs);
  await eventually('it is asked', () => asked.length === 1);
  monitor.unwatch(task.id);
  slow.exit(1);
  await eventually('its timers are gone', () => clock.pending === 0);
  t.is(monitor.stateOf(task.id).state, HealthState.HEALTH_NONE);
});

test('an interval longer than a timer can be is waited for, not spun through', (t) => {
  const { clock, asked, monitor } = monitorOf();
  monitor.watch(checked({ intervalMs: limits.longestTimerMs * 2 }), () => undefined);
  clock.advance(limits.longestTimerMs);
  t.true(clock.delays.every((delay) => delay <= limits.longestTimerMs));
  t.deepEqual(asked, []);
  clock.advance(limits.longestTimerMs);
  t.is(asked.length, 1);
});

test('while its container is paused nothing is asked, and what was under way does not count', async (t) => {
  const slow = new FakeProcess();
  const { clock, asked, monitor } = monitorOf(slow, ended(0));
  const task = checked();
  monitor.watch(task, () => undefined);
  clock.advance(intervalMs);
  await eventually('it is asked', () => asked.length === 1);
  monitor.rest(task.id, true);
  monitor.rest(task.id, true);
  await new Promise(setImmediate);
  clock.advance(timeoutMs);
  await eventually('the probe has ended', () => clock.pending === 0);
  t.deepEqual(slow.signals, ['SIGKILL']);
  t.is(monitor.stateOf(task.id).state, HealthState.HEALTH_STARTING, 'a single failure would have made it unhealthy');
  clock.advance(intervalMs * 10);
  await new Promise(setImmediate);
  t.is(asked.length, 1);
  monitor.rest(task.id, false);
  clock.advance(intervalMs);
  await eventually('it is healthy', () => monitor.stateOf(task.id).state === HealthState.HEALTHY);
  t.is(asked.length, 2);
});

test('a probe that outlives a pause is followed by one other alone', async (t) => {
  const slow = new FakeProcess();
  const { clock, asked, monitor } = monitorOf(slow, ended(0));
  const task = checked();
  monitor.watch(task, () => undefined);
  clock.advance(intervalMs);
  await eventually('it is asked', () => asked.length === 1);
  monitor.rest(task.id, true);
  monitor.rest(task.id, false);
  slow.exit(1);
  await eventually('the next is due', () => clock.pending === 1);
  t.is(monitor.stateOf(task.id).state, HealthState.HEALTH_STARTING);
  clock.advance(intervalMs);
  await eventually('it is healthy', () => monitor.stateOf(task.id).state === HealthState.HEALTHY);
  t.is(asked.length, 2);
});

test('the time of a pause is none of the start period', async (t) => {
  const { clock, asked, monitor } = monitorOf(ended(1), ended(1));
  const task = checked({ startPeriodMs: 15_000, startIntervalMs: 10_000 });
  monitor.watch(task, () => undefined);
  monitor.rest(task.id, true);
  clock.advance(60_000);
  monitor.rest(task.id, false);
  clock.advance(10_000);
  await eventually('it was asked', () => asked.length === 1 && clock.pending === 1);
  t.is(monitor.stateOf(task.id).state, HealthState.HEALTH_STARTING);
  clock.advance(10_000);
  await eventually('it is unhealthy', () => monitor.stateOf(task.id).state === HealthState.UNHEALTHY);
});
