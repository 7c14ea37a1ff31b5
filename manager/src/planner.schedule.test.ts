import {
  ConcurrencyPolicy,
  NodeAvailability,
  NodeState,
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
import test from 'ava';
import { stackView } from './api/stack-view.ts';
import { runNow } from './rules/schedule.ts';
import { started, stopped } from './rules/stop-service.ts';
import { isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const never = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
const onFailure = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 1, windowMs: 0 };
const minuteMs = 60_000;

const each5Minutes: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: '',
  concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
  successfulHistory: 3,
  failedHistory: 1,
  startingDeadlineMs: 0,
};

type JobChange = Parameters<typeof serviceSpec>[1];

const report = (schedule: Partial<ScheduleSpec> = {}, change: JobChange = {}): ServiceSpec =>
  serviceSpec('report', {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    job: { totalCompletions: 1, maxConcurrent: 0 },
    schedule: { ...each5Minutes, ...schedule },
    ...change,
    task: { restart: never, ...change.task },
  });
const { job: _completions, ...everywhere } = report({}, { mode: ServiceMode.GLOBAL_JOB });
const shop = (...services: ServiceSpec[]) => stackSpec('shop', services);

const job = (world: World, name = 'report'): Service =>
  present(
    world.tables.services().find(({ spec }) => spec.name === name),
    name,
  );

const clock = (atMs: number): string => (atMs === 0 ? 'by hand' : new Date(atMs).toISOString().slice(11, 19));
const stateText: Readonly<Record<RunState, string>> = {
  [RunState.RUN_UNDER_WAY]: 'under way',
  [RunState.RUN_SUCCEEDED]: 'succeeded',
  [RunState.RUN_FAILED]: 'failed',
  [RunState.RUN_SKIPPED]: 'skipped',
  [RunState.RUN_REPLACED]: 'replaced',
};

/** `2 22:20:00 under way`, newest first. */
const runs = (world: World): readonly string[] =>
  job(world).runs.map(({ iteration, scheduledAtMs, state, message }) => {
    const why = message === '' ? '' : `: ${message}`;
    return `${iteration} ${clock(scheduledAtMs)} ${stateText[state]}${why}`;
  });

/** `1.2 running`: the task of slot 2 in the first run. */
const tasks = (world: World): readonly string[] =>
  [...world.tables.tasks()]
    .sort((a, b) => a.jobIteration - b.jobIteration || a.slot - b.slot)
    .map(({ jobIteration, slot, status, desiredState }) => {
      const wished = desiredState === TaskState.RUNNING ? '' : ', leaving';
      return `${jobIteration}.${slot} ${taskStateName(status.state)}${wished}`;
    });

const taskOf = (world: World, run: number, slot = 1): Task =>
  present(
    world.tables.tasks().find((task) => task.jobIteration === run && task.slot === slot && isLive(task)),
    `${run}.${slot}`,
  );
const complete = (world: World, run: number, slot = 1): void =>
  world.report(taskOf(world, run, slot), { state: TaskState.COMPLETE, exitCode: 0 });
const fail = (world: World, run: number, slot = 1): void =>
  world.report(taskOf(world, run, slot), { state: TaskState.FAILED, exitCode: 3, error: 'exit code 3' });

const view = (world: World, name = 'report') =>
  present(
    stackView(world.tables, 'shop').services.find(({ service }) => service.spec.name === name),
    name,
  );

/** Until the instant it is due next, and its tasks as far as they get. */
const untilDue = (world: World): void => {
  const before = job(world).scheduledAtMs;
  for (let wakes = 0; job(world).scheduledAtMs === before; wakes += 1) {
    if (wakes > 20 || world.sleep() === 0) throw new Error('it is not due again');
  }
  world.run();
};

/** A world at 22:14:20 with the job applied. */
const applied = (...services: ServiceSpec[]): World => {
  const world = new World();
  world.now += 59_000;
  world.up(shop(...services));
  world.run();
  return world;
};

test('a scheduled job does nothing when it is applied and has converged as it is; at the instant that it is due it runs', (t) => {
  const world = applied(report());
  t.deepEqual([tasks(world), runs(world)], [[], []]);
  t.is(view(world).converged, true);
  t.is(clock(world.wakeAtMs ?? 0), '22:15:00');
  world.advance(39_999);
  t.deepEqual(runs(world), []);
  t.is(world.sleep(), 1);
  world.run();
  t.deepEqual(runs(world), ['1 22:15:00 under way']);
  t.deepEqual(tasks(world), ['1.1 running']);
  t.is(view(world).converged, true);
  complete(world, 1);
  t.deepEqual(runs(world), ['1 22:15:00 succeeded']);
  t.is(clock(world.wakeAtMs ?? 0), '22:20:00');
  t.is(world.settle(), 0);
});

for (const concurrency of [ConcurrencyPolicy.CONCURRENCY_FORBID, ConcurrencyPolicy.CONCURRENCY_REPLACE])
  test(`a run that is seen to be done when the next one is due has succeeded, and hinders nothing (${concurrency === ConcurrencyPolicy.CONCURRENCY_FORBID ? 'forbid' : 'replace'})`, (t) => {
    const world = applied(report({ concurrency }));
    untilDue(world);
    world.now = job(world).scheduledAtMs + 5 * minuteMs;
    complete(world, 1);
    t.deepEqual(runs(world), ['2 22:20:00 under way', '1 22:15:00 succeeded']);
    t.is(view(world).converged, true);
  });

test('a run whose last place is seen to be done when the job is stopped has succeeded', (t) => {
  const world = applied(report());
  untilDue(world);
  const task = taskOf(world, 1);
  world.commit([
    { putTask: { ...task, status: { ...task.status, state: TaskState.COMPLETE, exitCode: 0 } } },
    { putService: stopped(job(world)) },
  ]);
  world.settle();
  t.deepEqual(runs(world), ['1 22:15:00 succeeded']);
});

test('each run does all the completions anew, no more at once than the job allows', (t) => {
  const world = applied(report({}, { job: { totalCompletions: 3, maxConcurrent: 2 } }));
  untilDue(world);
  t.deepEqual(tasks(world), ['1.1 running', '1.2 running']);
  for (const slot of [1, 2]) complete(world, 1, slot);
  world.run();
  complete(world, 1, 3);
  t.deepEqual(runs(world), ['1 22:15:00 succeeded']);
  untilDue(world);
  t.deepEqual(runs(world), ['2 22:20:00 under way', '1 22:15:00 succeeded']);
  t.deepEqual(
    tasks(world).filter((line) => line.startsWith('2.')),
    ['2.1 running', '2.2 running'],
  );
  t.deepEqual([view(world).completed, view(world).desired], [0, 3]);
});

test('runs go on side by side where the policy allows it, each with its own attempts', (t) => {
  const world = applied(report({}, { task: { restart: onFailure } }));
  untilDue(world);
  untilDue(world);
  t.deepEqual(tasks(world), ['1.1 running', '2.1 running']);
  fail(world, 1);
  world.advance(1_000);
  world.run();
  t.deepEqual(tasks(world), ['1.1 failed, leaving', '1.1 running', '2.1 running']);
  fail(world, 1);
  t.deepEqual(runs(world), [
    '2 22:20:00 under way',
    '1 22:15:00 failed: report.1 failed and its one restart attempt is used up: exit code 3',
  ]);
  fail(world, 2);
  world.advance(1_000);
  world.run();
  complete(world, 2);
  t.is(runs(world)[0], '2 22:20:00 succeeded');
});

test('no more than ten runs go on side by side: one more is left out, and says why', (t) => {
  const world = applied(report());
  for (let run = 1; run <= 11; run += 1) untilDue(world);
  t.is(runs(world).length, 11);
  t.is(runs(world)[0], '0 23:05:00 skipped: 10 runs were still under way, and no more go on at once');
  t.is(tasks(world).length, 10);
});

test('a run that is due while another one goes on is left out where the policy forbids it, and the next one comes', (t) => {
  const world = applied(report({ concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID }));
  untilDue(world);
  untilDue(world);
  t.deepEqual(runs(world), ['0 22:20:00 skipped: run 1 was still under way', '1 22:15:00 under way']);
  complete(world, 1);
  untilDue(world);
  t.deepEqual(runs(world), ['2 22:25:00 under way', '0 22:20:00 skipped: run 1 was still under way', '1 22:15:00 succeeded']);
});

test('a run that is due takes the place of the one under way where the policy says so, and begins once that has ended', (t) => {
  const world = applied(report({ concurrency: ConcurrencyPolicy.CONCURRENCY_REPLACE }));
  untilDue(world);
  world.sleep();
  t.deepEqual(runs(world), [
    '2 22:20:00 under way: waits for what still runs of the run before to end',
    '1 22:15:00 replaced: run 2 took its place',
  ]);
  t.deepEqual(tasks(world), ['1.1 running, leaving']);
  t.is(world.tables.tasks()[0]?.retiredBecause, 'its run is over: run 2 took its place');
  world.run();
  t.deepEqual(tasks(world), ['1.1 shutdown, leaving', '2.1 running']);
  t.is(runs(world)[0], '2 22:20:00 under way');
});

test('of the runs that ended as many are kept as the history says, with their tasks, successes and failures apart', (t) => {
  const world = applied(report({ successfulHistory: 2, failedHistory: 1 }));
  for (let run = 1; run <= 6; run += 1) {
    untilDue(world);
    if (run % 3 === 0) fail(world, run);
    else complete(world, run);
  }
  t.deepEqual(runs(world), [
    '6 22:40:00 failed: report.1 failed and its restart policy is "none": exit code 3',
    '5 22:35:00 succeeded',
    '4 22:30:00 succeeded',
  ]);
  t.deepEqual(tasks(world), ['4.1 complete, leaving', '5.1 complete, leaving', '6.1 failed']);
});

test('a history of none keeps the last run to be seen, without its tasks', (t) => {
  const world = applied(report({ successfulHistory: 0, failedHistory: 0 }));
  untilDue(world);
  complete(world, 1);
  t.deepEqual([runs(world), tasks(world)], [['1 22:15:00 succeeded'], []]);
  untilDue(world);
  fail(world, 2);
  t.deepEqual([runs(world).length, tasks(world)], [1, []]);
});

test('attempts that are kept of one run are limited as those of a service are', (t) => {
  const world = applied(report({ cron: '0 0 * * *' }, { task: { restart: { ...onFailure, maxAttempts: 0 } } }));
  untilDue(world);
  for (let attempt = 0; attempt < 9; attempt += 1) {
    fail(world, 1);
    world.sleep();
    world.run();
  }
  t.is(tasks(world).filter((line) => line.includes('failed')).length, 5);
  t.is(runs(world)[0], '1 00:00:00 under way');
});

test('what was missed is not made up for but for the last one', (t) => {
  const world = applied(report());
  world.now += 23 * minuteMs;
  world.run();
  t.deepEqual(runs(world), ['1 22:35:00 under way']);
  t.is(clock(world.wakeAtMs ?? 0), '22:40:00');
});

test('what was missed for longer than the deadline is left out, and says so', (t) => {
  const world = applied(report({ startingDeadlineMs: minuteMs }));
  world.now += 23 * minuteMs;
  world.run();
  t.deepEqual(runs(world), ['0 22:35:00 skipped: it could be begun 2.3 min after it was due, and 1 min are the most']);
  untilDue(world);
  t.is(runs(world)[0], '1 22:40:00 under way');
});

test('another leader begins no run twice, be it before, at or after its instant', (t) => {
  const world = applied(report());
  world.changeLeader();
  world.sleep();
  world.changeLeader();
  world.run();
  world.changeLeader();
  world.advance(1_000);
  t.deepEqual(runs(world), ['1 22:15:00 under way']);
  // The clock of the next one is behind: what was dealt with is not due again.
  world.now -= 2 * minuteMs;
  world.changeLeader();
  world.run();
  t.deepEqual(runs(world), ['1 22:15:00 under way']);
  t.is(clock(world.wakeAtMs ?? 0), '22:20:00');
});

test('a changed job runs no sooner: what goes on goes on, and the next run is of what it is then', (t) => {
  const world = applied(report({}, { task: { restart: onFailure } }));
  untilDue(world);
  world.up(shop(report({}, { task: { restart: onFailure, container: { image: 'report:2' } } })));
  world.run();
  t.deepEqual(tasks(world), ['1.1 running']);
  t.deepEqual(runs(world), ['1 22:15:00 under way']);
  // Another attempt is of what the job is now: so a run that fails can be mended.
  fail(world, 1);
  world.advance(1_000);
  world.run();
  t.is(taskOf(world, 1).spec.container.image, 'report:2');
  complete(world, 1);
  t.is(runs(world)[0], '1 22:15:00 succeeded');
  untilDue(world);
  t.is(taskOf(world, 2).spec.container.image, 'report:2');
});

test('another schedule holds from when it is applied on, and is not due for the time before', (t) => {
  const world = applied(report());
  world.now += 36 * minuteMs;
  world.run();
  complete(world, 1);
  world.up(shop(report({ cron: '0 22 * * *' })));
  t.deepEqual(runs(world), ['1 22:50:00 succeeded']);
  t.is(clock(world.wakeAtMs ?? 0), '22:00:00');
  t.true((world.wakeAtMs ?? 0) > world.now + 23 * 60 * minuteMs);
});

test('the schedule in another zone is due by the clocks there', (t) => {
  const world = applied(report({ cron: '30 23 * * *', timeZone: 'Europe/Berlin' }));
  t.is(clock(world.wakeAtMs ?? 0), '22:30:00');
});

test('a job that is given a schedule goes on with what it is at, and one that loses it runs at once', (t) => {
  const { schedule: _none, ...spec } = report({}, { job: { totalCompletions: 2, maxConcurrent: 0 } });
  const world = applied(spec);
  complete(world, 0, 1);
  t.deepEqual(tasks(world), ['0.1 complete', '0.2 running']);
  world.up(shop({ ...spec, schedule: each5Minutes }));
  world.run();
  t.deepEqual(tasks(world), ['1.1 complete', '1.2 running']);
  t.deepEqual(runs(world), ['1 by hand under way']);
  t.is(view(world).converged, false);
  complete(world, 1, 2);
  t.deepEqual(runs(world), ['1 by hand succeeded']);
  untilDue(world);
  t.is(runs(world)[0], '2 22:15:00 under way');
  world.up(shop(spec));
  world.run();
  t.deepEqual(runs(world), []);
  t.deepEqual(
    tasks(world).filter((line) => line.endsWith('running')),
    ['3.1 running', '3.2 running'],
  );
});

test('asked to run now it does, beside its schedule; its policy holds, and it is waited for', (t) => {
  const world = applied(report({ concurrency: ConcurrencyPolicy.CONCURRENCY_FORBID }));
  const ask = (): void => {
    world.commit([{ putService: runNow(job(world), world.now) }]);
    world.run();
  };
  ask();
  t.deepEqual(runs(world), ['1 by hand under way']);
  t.is(view(world).converged, false);
  ask();
  t.is(runs(world)[0], '0 by hand skipped: run 1 was still under way');
  complete(world, 1);
  t.is(view(world).converged, true);
  untilDue(world);
  t.is(runs(world)[0], '2 22:15:00 under way');
});

test('a stopped job is not due, its run is stopped, and started again it makes up for nothing', (t) => {
  const world = applied(report());
  untilDue(world);
  world.commit([{ putService: stopped(job(world)) }]);
  world.run();
  t.deepEqual(runs(world), ['1 22:15:00 failed: the job was stopped while it was under way']);
  t.deepEqual(tasks(world), ['1.1 shutdown, leaving']);
  t.is(world.wakeAtMs, undefined);
  world.advance(62 * minuteMs);
  world.commit([{ putService: started(job(world), world.now) }]);
  world.run();
  t.is(runs(world).length, 1);
  untilDue(world);
  t.is(runs(world)[0], '2 23:20:00 under way');
});

test('a job on every node runs once on each in each run; one that comes later has its share from the run under way on', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.now += 59_000;
  world.up(shop(everywhere));
  untilDue(world);
  t.deepEqual(tasks(world), ['1.0 running', '1.0 running']);
  world.commit([{ putNode: nodeNamed('gamma') }]);
  world.run();
  t.is(tasks(world).length, 3);
  for (let left = 3; left > 0; left -= 1) complete(world, 1, 0);
  t.deepEqual(runs(world), ['1 22:15:00 succeeded']);
  world.commit([{ putNode: nodeNamed('delta') }]);
  world.run();
  t.is(tasks(world).length, 3);
  untilDue(world);
  t.is(tasks(world).filter((line) => line === '2.0 running').length, 4);
});

test('a run that no node takes a task of is left out', (t) => {
  const world = new World([nodeNamed('alpha', { availability: NodeAvailability.DRAIN })]);
  world.up(shop(everywhere));
  untilDue(world);
  t.deepEqual(runs(world), ['1 22:15:00 skipped: no node takes a task of it']);
});

test('a run whose last node is drained before anything was done has failed, and one of no completions is left out', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(everywhere));
  untilDue(world);
  world.changeNode('alpha', { availability: NodeAvailability.DRAIN });
  t.deepEqual(runs(world), ['1 22:15:00 failed: no node takes a task of it']);
  const none = applied(report({}, { job: { totalCompletions: 0, maxConcurrent: 0 } }));
  untilDue(none);
  t.deepEqual(runs(none), ['1 22:15:00 skipped: no completions are wished of it']);
});

test('a task whose node is lost or drained is run elsewhere in the same run', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(shop(report()));
  untilDue(world);
  const on = taskOf(world, 1).nodeId;
  world.changeNode(on, { state: NodeState.NODE_DOWN });
  world.run();
  t.deepEqual(tasks(world), ['1.1 orphaned, leaving', '1.1 running']);
  complete(world, 1);
  t.is(runs(world)[0], '1 22:15:00 succeeded');
});

test('who waits for a scheduled job to complete waits for its last run to succeed', (t) => {
  const web = serviceSpec('web', {
    replicas: 1,
    dependsOn: [{ service: 'report', condition: 'service_completed_successfully', required: true, restart: false }],
  });
  const world = applied(report(), web);
  const webState = (): string => {
    const found = world.tables.tasks().find(({ serviceName }) => serviceName === 'web');
    return `${taskStateName(present(found, 'web').status.state)} ${found?.pendingReason}`;
  };
  t.is(webState(), 'new waits for report to complete');
  untilDue(world);
  fail(world, 1);
  t.is(webState(), 'new waits for report to complete');
  untilDue(world);
  t.is(webState(), 'new waits for report to complete');
  complete(world, 2);
  world.run();
  t.is(webState(), 'running ');
  // What it was started after does not hold it back once it runs.
  untilDue(world);
  fail(world, 3);
  t.is(webState(), 'running ');
});

test('a removed job is due no more, and goes with its tasks', (t) => {
  const world = applied(report());
  untilDue(world);
  world.down('shop');
  world.run();
  t.deepEqual([tasks(world), world.tables.services().length], [[], 0]);
  t.is(world.wakeAtMs, undefined);
});
