import {
  ConcurrencyPolicy,
  present,
  RestartCondition,
  RunState,
  type ScheduleSpec,
  type Service,
  ServiceMode,
  type ServiceSpec,
  type Task,
  TaskState,
  taskStateName,
} from '@tso/proto';
import { stackView } from '../api/stack-view.ts';
import { isLive } from '../rules/task-facts.ts';
import { serviceSpec, stackSpec } from './specs.ts';
import { World } from './world.ts';

/** Scheduled jobs and what becomes of them, for tests. */

export const never = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
export const onFailure = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 1, windowMs: 0 };
export const minuteMs = 60_000;

export const each5Minutes: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: '',
  concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
  successfulHistory: 3,
  failedHistory: 1,
  startingDeadlineMs: 0,
};

type JobChange = Parameters<typeof serviceSpec>[1];

export const report = (schedule: Partial<ScheduleSpec> = {}, change: JobChange = {}): ServiceSpec =>
  serviceSpec('report', {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    job: { totalCompletions: 1, maxConcurrent: 0 },
    schedule: { ...each5Minutes, ...schedule },
    ...change,
    task: { restart: never, ...change.task },
  });
export const { job: _completions, ...everywhere } = report({}, { mode: ServiceMode.GLOBAL_JOB });
export const shop = (...services: ServiceSpec[]) => stackSpec('shop', services);

export const job = (world: World, name = 'report'): Service =>
  present(
    world.tables.services().find(({ spec }) => spec.name === name),
    name,
  );

export const clock = (atMs: number): string => (atMs === 0 ? 'by hand' : new Date(atMs).toISOString().slice(11, 19));
export const stateText: Readonly<Record<RunState, string>> = {
  [RunState.RUN_UNDER_WAY]: 'under way',
  [RunState.RUN_SUCCEEDED]: 'succeeded',
  [RunState.RUN_FAILED]: 'failed',
  [RunState.RUN_SKIPPED]: 'skipped',
  [RunState.RUN_REPLACED]: 'replaced',
};

/** `2 22:20:00 under way`, newest first. */
export const runs = (world: World): readonly string[] =>
  job(world).runs.map(({ iteration, scheduledAtMs, state, message }) => {
    const why = message === '' ? '' : `: ${message}`;
    return `${iteration} ${clock(scheduledAtMs)} ${stateText[state]}${why}`;
  });

/** `1.2 running`: the task of slot 2 in the first run. */
export const tasks = (world: World): readonly string[] =>
  [...world.tables.tasks()]
    .sort((a, b) => a.jobIteration - b.jobIteration || a.slot - b.slot)
    .map(({ jobIteration, slot, status, desiredState }) => {
      const wished = desiredState === TaskState.RUNNING ? '' : ', leaving';
      return `${jobIteration}.${slot} ${taskStateName(status.state)}${wished}`;
    });

export const taskOf = (world: World, run: number, slot = 1): Task =>
  present(
    world.tables.tasks().find((task) => task.jobIteration === run && task.slot === slot && isLive(task)),
    `${run}.${slot}`,
  );
export const complete = (world: World, run: number, slot = 1): void =>
  world.report(taskOf(world, run, slot), { state: TaskState.COMPLETE, exitCode: 0 });
export const fail = (world: World, run: number, slot = 1): void =>
  world.report(taskOf(world, run, slot), { state: TaskState.FAILED, exitCode: 3, error: 'exit code 3' });

export const view = (world: World, name = 'report') =>
  present(
    stackView(world.tables, 'shop').services.find(({ service }) => service.spec.name === name),
    name,
  );

/** Until the instant it is due next, and its tasks as far as they get. */
export const untilDue = (world: World): void => {
  const before = job(world).scheduledAtMs;
  for (let wakes = 0; job(world).scheduledAtMs === before; wakes += 1) {
    if (wakes > 20 || world.sleep() === 0) throw new Error('it is not due again');
  }
  world.run();
};

/** A world at 22:14:20 with the job applied. */
export const applied = (...services: ServiceSpec[]): World => {
  const world = new World();
  world.now += 59_000;
  world.up(shop(...services));
  world.run();
  return world;
};
