import { ConcurrencyPolicy, TaskState } from '@tso/proto';
import test from 'ava';
import { stopped } from './rules/stop-service.ts';
import {
  applied,
  clock,
  complete,
  each5Minutes,
  fail,
  job,
  minuteMs,
  onFailure,
  report,
  runs,
  shop,
  taskOf,
  tasks,
  untilDue,
  view,
} from './testing/scheduled-jobs.ts';

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
