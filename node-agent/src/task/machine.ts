import { HealthState, isTerminal, TaskState, type TaskStatus } from '@tso/proto';
import { limits } from '../limits.ts';
import type { TaskRecord } from '../local-state.ts';
import type { ContainerExit, ContainerObservation } from '../runtime/types.ts';

/** The steps that prepare a task, in order; each has a do() and an idempotent undo(). */
export const stepNames = ['image', 'rootfs', 'volumes', 'network', 'ports', 'container'] as const;
export type StepName = (typeof stepNames)[number];

/** All that decides what a task needs next. Values only. */
export interface Situation {
  readonly record: TaskRecord;
  /** Steps done since this agent started; doing one again is harmless. */
  readonly done: ReadonlySet<StepName>;
  /** Everything the task had on this host was removed. */
  readonly cleaned: boolean;
  readonly observed: ContainerObservation;
  readonly health: { readonly state: HealthState; readonly failure: string };
  /** The image's stop signal, once the image is known. */
  readonly imageStopSignal: string;
  readonly now: number;
}

export type Operation =
  | { readonly kind: 'report'; readonly status: TaskStatus }
  | { readonly kind: 'step'; readonly step: StepName }
  | { readonly kind: 'start' }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'kill' }
  /** Remember how it ended, before anything is cleaned up. */
  | { readonly kind: 'end'; readonly status: TaskStatus }
  | { readonly kind: 'clean' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'wait'; readonly untilMs: number | undefined };

const wait = (untilMs?: number): Operation => ({ kind: 'wait', untilMs });

const statusWith = (situation: Situation, state: TaskState, message: string, extra: Partial<TaskStatus> = {}): TaskStatus => ({
  ...situation.record.status,
  state,
  message,
  atMs: situation.now,
  ...extra,
});

const report = (situation: Situation, state: TaskState, message: string, extra: Partial<TaskStatus> = {}): Operation => ({
  kind: 'report',
  status: statusWith(situation, state, message, extra),
});

/** The status of a task whose work ended with an error: REJECTED before it was started, FAILED from then on (SwarmKit task model). */
export const failure = (situation: Situation, error: string, extra: Partial<TaskStatus> = {}): Operation => {
  const state = situation.record.status.state < TaskState.STARTING ? TaskState.REJECTED : TaskState.FAILED;
  return { kind: 'end', status: statusWith(situation, state, '', { error, finishedAtMs: situation.now, ...extra }) };
};

const signalNames: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

const exitSentence = (exit: ContainerExit, memoryBytes: number): string => {
  if (exit.oomKilled) {
    const limit = memoryBytes > 0 ? ` of ${Math.round(memoryBytes / 1024 / 1024)} MiB` : '';
    return `the kernel killed it: it needed more memory than its limit${limit}. Raise deploy.resources.limits.memory or mem_limit`;
  }
  const signal = exit.exitCode > 128 ? signalNames[exit.exitCode - 128] : undefined;
  return signal === undefined
    ? `its command exited with code ${exit.exitCode}`
    : `its command was ended by ${signal} (code ${exit.exitCode})`;
};

const endOfExit = (situation: Situation, exit: ContainerExit): Operation => {
  const extra = { exitCode: exit.exitCode, finishedAtMs: exit.atMs };
  if (exit.exitCode === 0 && !exit.oomKilled)
    return { kind: 'end', status: statusWith(situation, TaskState.COMPLETE, 'ended by itself', extra) };
  return failure(situation, exitSentence(exit, situation.record.task.spec.limits.memoryBytes), extra);
};

const stop = (situation: Situation): Operation => {
  const { record, observed, now } = situation;
  switch (observed.state) {
    case 'running': {
      const spec = record.task.spec.container;
      if (record.stopSentAtMs === 0) return { kind: 'signal', signal: spec.stopSignal || situation.imageStopSignal || 'SIGTERM' };
      const killAtMs = record.stopSentAtMs + (spec.stopGracePeriodMs || limits.stopGraceMs);
      return now >= killAtMs ? { kind: 'kill' } : wait(killAtMs);
    }
    case 'exited':
      return {
        kind: 'end',
        status: statusWith(situation, TaskState.SHUTDOWN, 'stopped', {
          exitCode: observed.exit.exitCode,
          finishedAtMs: observed.exit.atMs,
        }),
      };
    case 'none':
    case 'created':
    case 'lost':
      return { kind: 'end', status: statusWith(situation, TaskState.SHUTDOWN, 'stopped', { finishedAtMs: now }) };
    default:
      return observed satisfies never;
  }
};

const prepare = (situation: Situation): Operation => {
  const step = stepNames.find((name) => !situation.done.has(name));
  return step === undefined ? report(situation, TaskState.READY, 'ready') : { kind: 'step', step };
};

const lost = (situation: Situation): Operation =>
  failure(
    situation,
    situation.observed.state === 'lost'
      ? situation.observed.reason
      : 'its container is gone: the host restarted or the run directory was removed',
  );

const begin = (situation: Situation): Operation => {
  const { record, now } = situation;
  if (situation.observed.state !== 'created') return lost(situation);
  if (now < record.task.notBeforeMs) return wait(record.task.notBeforeMs);
  return record.task.desiredState < TaskState.RUNNING ? wait() : report(situation, TaskState.STARTING, 'starting');
};

const startOrWatch = (situation: Situation): Operation => {
  const { observed, health, record } = situation;
  switch (observed.state) {
    case 'created':
      return { kind: 'start' };
    case 'exited':
      return endOfExit(situation, observed.exit);
    case 'none':
    case 'lost':
      return lost(situation);
    case 'running': {
      const process = { pid: observed.process.pid, containerId: record.task.id, health: health.state };
      if (health.state === HealthState.UNHEALTHY) return failure(situation, `its health check failed: ${health.failure}`, process);
      if (health.state === HealthState.HEALTH_STARTING) {
        return record.status.health === health.state
          ? wait()
          : report(situation, TaskState.STARTING, 'waiting for its health check', process);
      }
      return report(situation, TaskState.RUNNING, 'running', { ...process, startedAtMs: situation.now });
    }
    default:
      return observed satisfies never;
  }
};

const watch = (situation: Situation): Operation => {
  const { observed, health, record } = situation;
  switch (observed.state) {
    case 'running':
      if (health.state === HealthState.UNHEALTHY) {
        return failure(situation, `its health check failed: ${health.failure}`, { health: health.state });
      }
      return record.status.health === health.state ? wait() : report(situation, TaskState.RUNNING, 'running', { health: health.state });
    case 'exited':
      return endOfExit(situation, observed.exit);
    case 'created':
    case 'none':
    case 'lost':
      return lost(situation);
    default:
      return observed satisfies never;
  }
};

/**
 * The one next thing to do for a task, from what is wished and what is seen. Asked again after each operation; `wait` ends
 * the questions until something changes or the instant comes.
 */
export const nextOperation = (situation: Situation): Operation => {
  const { record } = situation;
  const { state } = record.status;
  if (isTerminal(state)) return record.unassigned ? { kind: 'forget' } : wait();
  if (record.end !== undefined) return situation.cleaned ? { kind: 'report', status: record.end } : { kind: 'clean' };
  if (record.unassigned || record.task.desiredState > TaskState.RUNNING) return stop(situation);
  if (state < TaskState.PREPARING) return report(situation, TaskState.PREPARING, 'preparing');
  if (state === TaskState.PREPARING) return prepare(situation);
  if (state === TaskState.READY) return begin(situation);
  return state === TaskState.STARTING ? startOrWatch(situation) : watch(situation);
};
