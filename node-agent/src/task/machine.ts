import { HealthState, isTerminal, TaskState, type TaskStatus } from '@tso/proto';
import { limits } from '../limits.ts';
import type { TaskRecord } from '../local-state.ts';
import type { ContainerExit, ContainerObservation } from '../runtime/types.ts';

/** The steps that prepare a task, in the order of their needs; each has a do() and an idempotent undo(). */
export const stepNames = ['image', 'rootfs', 'volumes', 'files', 'network', 'ports', 'container', 'hooks'] as const;
export type StepName = (typeof stepNames)[number];

/** What must be done before a step; what does not need one another is done side by side. */
const needs: Readonly<Record<StepName, readonly StepName[]>> = {
  image: [],
  rootfs: ['image'],
  volumes: ['rootfs'],
  files: ['image'],
  network: ['image'],
  ports: ['image'],
  container: ['rootfs', 'volumes', 'files', 'network', 'ports'],
  hooks: ['container'],
};

/** All that decides what a task needs next. Values only. */
export interface Situation {
  readonly record: TaskRecord;
  /** Steps done since this agent started; doing one again is harmless. */
  readonly done: ReadonlySet<StepName>;
  /** What the task had on this host was removed, or cannot be removed now. */
  readonly cleaned: boolean;
  /** Its hooks before the start have all succeeded. */
  readonly preStarted: boolean;
  /** Whose processes or IPC it shares, when that has ended: a word for it; empty: it has not, or it shares none. */
  readonly lenderEnded: string;
  /** When to try again to remove what could not be; undefined: nothing is left. */
  readonly cleanAgainAtMs: number | undefined;
  readonly observed: ContainerObservation;
  readonly health: { readonly state: HealthState; readonly failure: string };
  readonly now: number;
}

export type Operation =
  | { readonly kind: 'report'; readonly status: TaskStatus }
  /** At least one, side by side; done when all have ended. */
  | { readonly kind: 'steps'; readonly steps: readonly StepName[] }
  /** The hooks before the start, one after the other. */
  | { readonly kind: 'pre-start' }
  | { readonly kind: 'start' }
  /** The hooks after the start. */
  | { readonly kind: 'post-start' }
  /** Its processes are frozen where they are. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'unpause' }
  /** No traffic is to come any more; what came goes on for its drain time. */
  | { readonly kind: 'drain' }
  /** The hooks before the stop signal, for so long at most. */
  | { readonly kind: 'pre-stop'; readonly limitMs: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** Ends it by force; then it has ended like this. */
  | { readonly kind: 'kill'; readonly status: TaskStatus }
  /** Remember how it ended, before anything is cleaned up. */
  | { readonly kind: 'end'; readonly status: TaskStatus }
  | { readonly kind: 'clean' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'wait'; readonly untilMs: number | undefined };

const wait = (untilMs?: number): Operation => ({ kind: 'wait', untilMs });

/** What a status is made from. */
type Known = Pick<Situation, 'record' | 'now'>;

const statusWith = (situation: Known, state: TaskState, message: string, extra: Partial<TaskStatus> = {}): TaskStatus => ({
  ...situation.record.status,
  // What has ended is not paused any more, whatever it was before.
  ...(isTerminal(state) && situation.record.status.paused === true ? { paused: false } : {}),
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
export const failure = (known: Known, error: string, extra: Partial<TaskStatus> = {}): Extract<Operation, { readonly kind: 'end' }> => {
  const state = known.record.status.state < TaskState.STARTING ? TaskState.REJECTED : TaskState.FAILED;
  return { kind: 'end', status: statusWith(known, state, '', { error, finishedAtMs: known.now, ...extra }) };
};

/** The exit code of what SIGKILL ended. */
const killedCode = 137;

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

/** Who shares the namespaces of another task ends with it, and has not failed: it counts for no policy that looks at failures. */
const lenderGone = (situation: Situation, extra: Partial<TaskStatus> = {}): Operation => {
  const error = `${situation.lenderEnded} has ended, and it ends with it`;
  return { kind: 'end', status: statusWith(situation, TaskState.SHUTDOWN, '', { error, finishedAtMs: situation.now, ...extra }) };
};

const endOfExit = (situation: Situation, exit: ContainerExit): Operation => {
  const extra = { exitCode: exit.exitCode, finishedAtMs: exit.atMs };
  // The kernel kills whoever shares a process namespace when its first process ends.
  if (situation.lenderEnded !== '' && exit.exitCode === killedCode && !exit.oomKilled) return lenderGone(situation, extra);
  if (exit.exitCode === 0 && !exit.oomKilled)
    return { kind: 'end', status: statusWith(situation, TaskState.COMPLETE, 'ended by itself', extra) };
  return failure(situation, exitSentence(exit, situation.record.task.spec.limits.memoryBytes), extra);
};

/** Between the stop signal and the kill. Milliseconds. */
export const graceOf = ({ task }: TaskRecord): number => task.spec.container.stopGracePeriodMs || limits.stopGraceMs;

/** When what its grace is for began: its hooks before the stop signal, or that. Of a clock that was set back in between only the latter counts. */
const endBeganAtMs = ({ preStopAtMs, stopSentAtMs }: TaskRecord): number =>
  preStopAtMs > 0 && preStopAtMs <= stopSentAtMs ? preStopAtMs : stopSentAtMs;

/** A signal or a hook is nothing to who is frozen: it goes on first, and has its whole grace then. */
const unpause: Operation = { kind: 'unpause' };

const isFrozen = ({ observed }: Situation): boolean => observed.state === 'running' && observed.paused;

/** Asks what runs to end: its hooks and the signal first, its grace then, which both share, and what is to be done when that is over. */
const askToEnd = ({ record, now }: Situation, overdue: Operation): Operation => {
  const hasHooks = record.task.spec.container.preStop.length > 0;
  if (hasHooks && record.preStopAtMs === 0 && record.stopSentAtMs === 0) return { kind: 'pre-stop', limitMs: graceOf(record) };
  // A clock that was set back in between says nothing of how long it has had: it is asked once more, by the clock as it is now.
  if (record.stopSentAtMs === 0 || now < record.stopSentAtMs)
    return { kind: 'signal', signal: record.task.spec.container.stopSignal || record.stopSignal || 'SIGTERM' };
  const killAtMs = endBeganAtMs(record) + graceOf(record);
  return now >= killAtMs ? overdue : wait(killAtMs);
};

/** It was asked to end, or its hooks before that were begun: it may be half ended, and is not taken back. */
export const wasToldToEnd = ({ stopSentAtMs, preStopAtMs }: TaskRecord): boolean => stopSentAtMs > 0 || preStopAtMs > 0;

/**
 * Until when it goes on after it left all answers and maps: what others sent to it before they heard is still answered. Milliseconds; undefined: it is
 * asked to end at once. Only one that served has anything to wait for; one whose health check failed, whose work is no longer assigned here, or that
 * was asked to end already, waits for nothing. Where the whole service goes the manager says a drain time of 0.
 */
const drainedAtMs = ({ record, health, now }: Situation): number | undefined => {
  const { task, status, unassigned, drainingSinceMs } = record;
  const isEnded = unassigned || wasToldToEnd(record);
  if (isEnded || task.drainMs <= 0 || status.state !== TaskState.RUNNING || health.state === HealthState.UNHEALTHY) return undefined;
  // With a clock that was set back meanwhile nobody knows how long it has waited: it begins anew.
  return drainingSinceMs === 0 || now < drainingSinceMs ? Number.POSITIVE_INFINITY : drainingSinceMs + task.drainMs;
};

const stop = (situation: Situation): Operation => {
  const { record, observed, now } = situation;
  switch (observed.state) {
    case 'running': {
      if (observed.paused) return unpause;
      const drained = drainedAtMs(situation);
      if (drained === Number.POSITIVE_INFINITY) return { kind: 'drain' };
      if (drained !== undefined && now < drained) return wait(drained);
      const message = `killed: it did not stop within ${graceOf(record) / 1_000} s`;
      const status = statusWith(situation, TaskState.SHUTDOWN, message, { exitCode: killedCode, finishedAtMs: now });
      return askToEnd(situation, { kind: 'kill', status });
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
  const { done } = situation;
  const steps = stepNames.filter((name) => !done.has(name) && needs[name].every((need) => done.has(need)));
  return steps.length === 0 ? report(situation, TaskState.READY, 'ready') : { kind: 'steps', steps };
};

const lost = (situation: Situation): Operation =>
  failure(
    situation,
    situation.observed.state === 'lost'
      ? situation.observed.reason
      : 'its container is gone: the host restarted or the run directory was removed',
  );

const begin = (situation: Situation): Operation => {
  const { record } = situation;
  if (situation.observed.state !== 'created') return lost(situation);
  // Its restart delay is over: the manager has waited for that, by its own clock, before it placed the task.
  return record.task.desiredState < TaskState.RUNNING ? wait() : report(situation, TaskState.STARTING, 'starting');
};

/** From what is wished and seen of its being paused: what to do, or to say; undefined: nothing. */
const pauseOrGoOn = (situation: Situation): Operation | undefined => {
  const { task, status } = situation.record;
  const frozen = isFrozen(situation);
  if (frozen !== (task.paused === true)) return frozen ? unpause : { kind: 'pause' };
  if (frozen === (status.paused === true)) return undefined;
  return report(situation, status.state, frozen ? 'paused' : status.state === TaskState.RUNNING ? 'running' : 'starting', {
    paused: frozen,
  });
};

const startOrWatch = (situation: Situation): Operation => {
  const { observed, health, record } = situation;
  switch (observed.state) {
    case 'created':
      if (situation.lenderEnded !== '') return lenderGone(situation);
      return record.task.spec.container.preStart.length > 0 && !situation.preStarted ? { kind: 'pre-start' } : { kind: 'start' };
    case 'exited':
      return endOfExit(situation, observed.exit);
    case 'none':
    case 'lost':
      return lost(situation);
    case 'running': {
      if (situation.lenderEnded !== '') return lenderGone(situation);
      if (record.task.spec.container.postStart.length > 0 && !record.postStarted) return { kind: 'post-start' };
      const pausing = pauseOrGoOn(situation);
      if (pausing !== undefined) return pausing;
      if (observed.paused) return wait();
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
    case 'running': {
      if (situation.lenderEnded !== '') return lenderGone(situation);
      const pausing = pauseOrGoOn(situation);
      if (pausing !== undefined) return pausing;
      if (health.state === HealthState.UNHEALTHY && record.status.health === health.state) {
        return failure(situation, `its health check failed: ${health.failure}`);
      }
      // Said before it is asked to end, which may take its whole grace: no host sends anybody to it meanwhile.
      return record.status.health === health.state ? wait() : report(situation, TaskState.RUNNING, 'running', { health: health.state });
    }
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

/** From the decided end to the clean host: what still runs (its health check failed) is asked to end like any other. */
const conclude = (situation: Situation, end: TaskStatus): Operation => {
  if (situation.cleaned) return { kind: 'report', status: end };
  if (isFrozen(situation)) return unpause;
  return situation.observed.state === 'running' ? askToEnd(situation, { kind: 'clean' }) : { kind: 'clean' };
};

/** After the end: what could not be removed is tried again, and only then the task forgotten. */
const afterEnd = ({ record, cleanAgainAtMs, now }: Situation): Operation => {
  if (cleanAgainAtMs !== undefined) return now >= cleanAgainAtMs ? { kind: 'clean' } : wait(cleanAgainAtMs);
  return record.unassigned ? { kind: 'forget' } : wait();
};

const isToStop = (record: TaskRecord): boolean => record.unassigned || record.task.desiredState > TaskState.RUNNING || wasToldToEnd(record);

/**
 * The one next thing to do for a task, from what is wished and what is seen. Asked again after each operation; `wait` ends
 * the questions until something changes or the instant comes.
 */
export const nextOperation = (situation: Situation): Operation => {
  const { record } = situation;
  const { state } = record.status;
  if (isTerminal(state)) return afterEnd(situation);
  if (record.end !== undefined) return conclude(situation, record.end);
  if (isToStop(record)) return stop(situation);
  if (state < TaskState.PREPARING) return report(situation, TaskState.PREPARING, 'preparing');
  if (state === TaskState.PREPARING) return prepare(situation);
  if (state === TaskState.READY) return begin(situation);
  return state === TaskState.STARTING ? startOrWatch(situation) : watch(situation);
};
