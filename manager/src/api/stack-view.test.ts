import { HealthState, RestartCondition, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { clusterInfo } from './cluster-info.ts';
import { listStacks, listTasks, stackView } from './stack-view.ts';

const web = (image = 'web:1', replicas = 2) => stackSpec('shop', [serviceSpec('web', { replicas, task: { container: { image } } })]);
const summary = (world: World, service = 0) => {
  const view = stackView(world.tables, 'shop').services[service];
  return view === undefined
    ? 'gone'
    : `${view.running}/${view.desired} running, ${view.healthy} healthy${view.converged ? ', converged' : ''}${view.failed ? ', failed' : ''}${view.waitingReason === '' ? '' : `: ${view.waitingReason}`}`;
};

test('a service converges when all its tasks run and are well', (t) => {
  const world = new World();
  world.up(web());
  t.is(summary(world), '0/2 running, 0 healthy');
  world.report(world.task('web.1'), { state: TaskState.RUNNING });
  world.report(world.task('web.2'), { state: TaskState.RUNNING, health: HealthState.HEALTH_STARTING });
  t.is(summary(world), '2/2 running, 1 healthy');
  world.report(world.task('web.2'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.is(summary(world), '2/2 running, 2 healthy, converged');
});

test('a stack shows at which version its spec is, whatever happens to its tasks; 0 once it has none', (t) => {
  const world = new World();
  const version = () => stackView(world.tables, 'shop').stackVersion;
  t.is(version(), 0);
  world.up(web());
  const first = version();
  t.is(first, world.tables.stackByName('shop')?.meta.version);
  world.run();
  t.is(version(), first);
  world.up(web('web:2'));
  t.true((version() ?? 0) > (first ?? 0));
  world.down('shop');
  t.is(version(), 0);
});

test('an update is not converged while anything of the old spec is left', (t) => {
  const world = new World();
  world.up(web('web:1', 1));
  world.run();
  world.up(web('web:2', 1));
  t.is(summary(world), '1/1 running, 1 healthy');
  world.agentsStep();
  t.is(summary(world), '0/1 running, 0 healthy');
  world.run();
  t.is(summary(world), '1/1 running, 1 healthy, converged');
});

test('a job that completed and is not to run again counts', (t) => {
  const restart = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('job', { task: { restart } })]));
  world.run();
  world.report(world.task('job.1'), { state: TaskState.COMPLETE, exitCode: 0 });
  t.is(summary(world), '0/1 running, 0 healthy, converged');
});

test('a task that failed for good fails the service; one that is tried again says why', (t) => {
  const restart = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web', { task: { restart } })]));
  world.reject('web.1', 'image web:1 is not here');
  t.is(summary(world), '0/1 running, 0 healthy, failed: web.1 was rejected and its restart policy is "none": image web:1 is not here');
  const retrying = new World();
  retrying.up(web('web:1', 1));
  retrying.reject('web.1', 'image web:1 is not here');
  t.is(summary(retrying), '0/1 running, 0 healthy: web.1: starts again 5 s after it ended (attempt 2): image web:1 is not here');
  retrying.sleep();
  t.is(summary(retrying), '0/1 running, 0 healthy: web.1 was rejected: image web:1 is not here; it is tried again');
});

test('used up attempts and a paused update are failures', (t) => {
  const restart = { condition: RestartCondition.RESTART_ANY, delayMs: 0, maxAttempts: 1, windowMs: 0 };
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web', { task: { restart } })]));
  world.fail('web.1', 'boom');
  world.fail('web.1', 'boom');
  t.is(summary(world), '0/1 running, 0 healthy, failed: web.1 failed and its one restart attempt is used up: boom');
  const paused = new World();
  paused.up(web());
  paused.run();
  paused.up(web('web:2'));
  paused.reject('web.1', 'no such image');
  paused.run();
  t.is(
    summary(paused),
    '2/2 running, 2 healthy, failed: the update is paused after 1 of 2 replacements failed: web.1 failed: no such image',
  );
});

test('a service whose dependency failed for good has failed with it', (t) => {
  const restart = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
  const dependsOn = [{ service: 'migrate', condition: 'service_completed_successfully', required: true, restart: false }];
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('migrate', { task: { restart } }), serviceSpec('web', { dependsOn })]));
  t.is(summary(world, 1), '0/1 running, 0 healthy: web.1: waits for migrate to complete');
  world.run();
  world.fail('migrate.1', 'exit code 3');
  t.regex(summary(world, 1), /failed: it depends on migrate: migrate.1 failed and its restart policy is "none": exit code 3/);
});

test('what keeps a task from a node is the reason of its service', (t) => {
  const world = new World([]);
  world.up(web('web:1', 1));
  t.is(summary(world), '0/1 running, 0 healthy: web.1: no node fits (the cluster has none yet)');
});

test('a global service wishes one task for each node that admits it', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(stackSpec('shop', [serviceSpec('agent', { mode: ServiceMode.GLOBAL })]));
  world.run();
  t.is(summary(world), '2/2 running, 2 healthy, converged');
});

test('a stack exists until the last of it is gone', (t) => {
  const world = new World();
  world.up(web());
  world.run();
  world.down('shop');
  t.true(stackView(world.tables, 'shop').exists);
  world.run();
  t.false(stackView(world.tables, 'shop').exists);
});

test('a list shows what a job has done though not all is asked for, and is told how much is to run still', (t) => {
  const world = new World();
  const job = { totalCompletions: 2, maxConcurrent: 0 };
  world.up(stackSpec('shop', [serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, replicas: 0, job })]));
  world.run();
  world.complete('job.1');
  const shown = listTasks(world.tables, { stack: 'shop', services: [], all: false, node: '' }).tasks;
  t.deepEqual(
    shown.map(({ task }) => [task.slot, task.status.state]),
    [
      [1, TaskState.COMPLETE],
      [2, TaskState.RUNNING],
    ],
  );
  t.deepEqual(listStacks(world.tables).stacks, [{ name: 'shop', services: 1, tasksDesired: 1, tasksRunning: 1 }]);
  world.up(
    stackSpec('shop', [
      serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, replicas: 0, job, task: { container: { image: 'job:2' } } }),
    ]),
  );
  world.run();
  t.deepEqual(
    listTasks(world.tables, { stack: 'shop', services: [], all: false, node: '' }).tasks.map(({ task }) => task.status.state),
    [TaskState.RUNNING, TaskState.RUNNING],
  );
});

test('lists show living tasks by slot with host names, and finished ones when asked', (t) => {
  const world = new World();
  world.up(web());
  world.run();
  world.fail('web.1');
  world.sleep();
  const shown = (all: boolean) =>
    listTasks(world.tables, { stack: '', services: [], all, node: '' }).tasks.map(
      ({ task, node }) => `${task.slot} ${node} ${task.status.state}`,
    );
  t.deepEqual(shown(false), ['1 alpha 192', '2 alpha 512']);
  t.deepEqual(shown(true), ['1 alpha 192', '1 alpha 704', '2 alpha 512']);
  t.deepEqual(listTasks(world.tables, { stack: 'shop', services: ['nope'], all: true, node: '' }).tasks, []);
  t.deepEqual(listStacks(world.tables).stacks, [{ name: 'shop', services: 1, tasksDesired: 2, tasksRunning: 1 }]);
  const tasksOn = (node: string) => listTasks(world.tables, { stack: '', services: [], all: true, node }).tasks.length;
  t.is(tasksOn('alp'), 3);
  t.throws(() => tasksOn('beta'), { message: 'there is no node beta' });
  t.like(clusterInfo(world.tables, { members: [], leader: 0, term: 1, committed: 1, self: 1 }), {
    clusterId: 'cluster',
    nodes: 1,
    nodesReady: 1,
    stacks: 1,
    services: 1,
    tasks: 2,
    tasksRunning: 1,
    engineVersion: '0.1.0',
  });
});
