import { type HealthCheck, HealthState } from '@tso/proto';

/** Docker's defaults, which compose files rely on (moby daemon/health.go). */
export interface HealthSettings {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
}

export interface ProbeState {
  readonly state: HealthState;
  readonly failuresInARow: number;
  readonly failure: string;
  readonly startedAtMs: number;
}

/** The settings with defaults, or undefined when the check is off. CMD-SHELL runs in the container's own shell, as the field defines it. */
export const healthSettings = (check: HealthCheck | undefined): HealthSettings | undefined => {
  const [kind, ...rest] = check?.test ?? [];
  if (check === undefined || kind === undefined || kind === 'NONE') return undefined;
  const command =
    kind === 'CMD' ? rest : kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : ['/bin/sh', '-c', [kind, ...rest].join(' ')];
  return {
    command,
    intervalMs: check.intervalMs || 30_000,
    timeoutMs: check.timeoutMs || 30_000,
    retries: check.retries || 3,
    startPeriodMs: check.startPeriodMs,
    startIntervalMs: check.startIntervalMs || 5_000,
  };
};

export const firstProbeState = (now: number): ProbeState => ({
  state: HealthState.HEALTH_STARTING,
  failuresInARow: 0,
  failure: '',
  startedAtMs: now,
});

/** The state after one probe. A failure within the start period does not count before the first success. */
export const afterProbe = (
  probe: ProbeState,
  settings: HealthSettings,
  result: { readonly ok: boolean; readonly output: string },
  now: number,
): ProbeState => {
  if (result.ok) return { ...probe, state: HealthState.HEALTHY, failuresInARow: 0, failure: '' };
  const inStartPeriod = probe.state === HealthState.HEALTH_STARTING && now - probe.startedAtMs < settings.startPeriodMs;
  const failuresInARow = inStartPeriod ? probe.failuresInARow : probe.failuresInARow + 1;
  const state = failuresInARow >= settings.retries ? HealthState.UNHEALTHY : probe.state;
  return { ...probe, state, failuresInARow, failure: result.output };
};

/** Milliseconds until the next probe: the start interval while it starts, the interval from then on. */
export const nextProbeInMs = (probe: ProbeState, settings: HealthSettings, now: number): number =>
  probe.state === HealthState.HEALTH_STARTING && now - probe.startedAtMs < settings.startPeriodMs
    ? settings.startIntervalMs
    : settings.intervalMs;
