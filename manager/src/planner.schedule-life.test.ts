import { ConcurrencyPolicy, NodeAvailability, NodeState, present, taskStateName } from '@tso/proto';
import test from 'ava';
import { runNow } from './rules/schedule.ts';
import { started, stopped } from './rules/stop-service.ts';
import {
  applied,
  complete,
  everywhere,
  fail,
  job,
  minuteMs,
  report,
  runs,
  shop,
  taskOf,
  tasks,
  untilDue,
  view,
} from './testing/scheduled-jobs.ts';
import { nodeNamed, serviceSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

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
