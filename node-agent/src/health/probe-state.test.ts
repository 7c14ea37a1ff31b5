import { HealthState } from '@tso/proto';
import test from 'ava';
import { afterProbe, firstProbeState, healthSettings, nextProbeInMs } from './probe-state.ts';

const check = { test: ['CMD', 'true'], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0, startIntervalMs: 0 };
const settings = (change: Partial<typeof check> = {}) => {
  const found = healthSettings({ ...check, ...change });
  if (found === undefined) throw new Error('no settings');
  return found;
};
const good = { ok: true, output: '' };
const bad = { ok: false, output: 'refused' };

test('the defaults are those of the field', (t) => {
  const { intervalMs, timeoutMs, retries, startIntervalMs } = settings();
  t.deepEqual(
    { intervalMs, timeoutMs, retries, startIntervalMs },
    { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startIntervalMs: 5_000 },
  );
});

test('a check of NONE, or none at all, is no check', (t) => {
  t.is(healthSettings(undefined), undefined);
  t.is(healthSettings({ ...check, test: ['NONE'] }), undefined);
});

test('CMD-SHELL runs in the shell of the container', (t) => {
  t.deepEqual(settings({ test: ['CMD-SHELL', 'exit 0'] }).command, ['/bin/sh', '-c', 'exit 0']);
});

test('as many failures in a row as retries make it unhealthy, a success begins anew', (t) => {
  const rules = settings();
  let probe = firstProbeState(0);
  for (const result of [bad, bad, good, bad, bad]) probe = afterProbe(probe, rules, result, 1);
  t.is(probe.state, HealthState.HEALTHY);
  t.is(afterProbe(probe, rules, bad, 1).state, HealthState.UNHEALTHY);
});

test('failures in the start period do not count, and it is asked more often then', (t) => {
  const rules = settings({ startPeriodMs: 60_000 });
  let probe = firstProbeState(0);
  for (let turn = 0; turn < 10; turn += 1) probe = afterProbe(probe, rules, bad, 30_000);
  t.is(probe.state, HealthState.HEALTH_STARTING);
  t.is(nextProbeInMs(probe, rules, 30_000), 5_000);
  t.is(nextProbeInMs(probe, rules, 61_000), 30_000);
});
