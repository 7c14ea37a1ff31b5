import { defaultUpdateConfig, NodeAvailability, ServiceMode, ServiceVerb, TaskState, UpdateFailureAction, UpdateState } from '@tso/proto';
import test from 'ava';
import { stackView } from './api/stack-view.ts';
import { isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Spec = Parameters<typeof serviceSpec>[1];

const web = (image: string, change: Spec = {}) => stackSpec('shop', [serviceSpec('web', { task: { container: { image } }, ...change })]);
const only = <T>([first]: readonly T[]): T => {
  if (first === undefined) throw new Error('there is none');
  return first;
};
const service = (world: World) => only(world.tables.services());
const view = (world: World) => only(stackView(world.tables, 'shop').services);
const images = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter(({ status }) => status.state === TaskState.RUNNING)
    .map(({ spec }) => spec.container.image);

/** Agents for so long, who reject web:2 in slot 1 however often it is tried there; or their containers end at once. */
const runWithBadSlot = (world: World, ms: number, end: TaskState = TaskState.REJECTED): void => {
  for (const until = world.now + ms; world.now < until; world.advance(15_000)) {
    for (let moved = true; moved; ) {
      moved = false;
      for (const { id } of world.tables.tasks()) {
        const task = world.tables.task(id);
        if (task === undefined || !isLive(task) || task.status.state < TaskState.ASSIGNED) continue;
        const goal = task.desiredState <= TaskState.RUNNING ? task.desiredState : TaskState.SHUTDOWN;
        const isBad =
          task.slot === 1 && task.spec.container.image === 'web:2' && (end === TaskState.REJECTED || goal === TaskState.RUNNING);
        if (goal !== TaskState.SHUTDOWN && isBad) world.report(task, { state: end, error: 'bad' });
        else if (task.status.state < goal) world.report(task, { state: goal });
        else continue;
        moved = true;
      }
    }
  }
};

const tolerant = { ...defaultUpdateConfig, maxFailureRatio: 0.5 };

for (const end of [TaskState.REJECTED, TaskState.FAILED] as const) {
  for (const failureAction of [
    UpdateFailureAction.FAILURE_ROLLBACK,
    UpdateFailureAction.FAILURE_PAUSE,
    UpdateFailureAction.FAILURE_CONTINUE,
  ]) {
    const how = end === TaskState.REJECTED ? 'is rejected' : 'fails';
    test(`an update within its failure ratio is completed though one task ${how} for ever (action ${failureAction})`, (t) => {
      const world = new World();
      const update = { ...tolerant, failureAction };
      world.up(web('web:1', { replicas: 4, update }));
      world.run();
      world.up(web('web:2', { replicas: 4, update }));
      runWithBadSlot(world, 5 * 60_000, end);
      t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
      t.false(service(world).unproven);
      runWithBadSlot(world, 15 * 60_000, end);
      t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED, 'and no other one begins');
      t.deepEqual(images(world).filter((image) => image === 'web:2').length, 3);
      t.is(images(world).filter((image) => image === 'web:1').length, end === TaskState.REJECTED ? 1 : 0, 'the old one serves on');
      t.false(view(world).converged);
    });
  }
}

test('the place that an update went on without is updated as soon as its task can be started', (t) => {
  const world = new World();
  const update = { ...tolerant, failureAction: UpdateFailureAction.FAILURE_ROLLBACK };
  world.up(web('web:1', { replicas: 4, update }));
  world.run();
  world.up(web('web:2', { replicas: 4, update }));
  runWithBadSlot(world, 5 * 60_000);
  world.advance(60_000);
  world.run();
  t.deepEqual(images(world), ['web:2', 'web:2', 'web:2', 'web:2']);
  t.true(view(world).converged);
});

test('an update whose every task fails, and that is to continue, comes to its end', (t) => {
  const world = new World();
  const update = { ...defaultUpdateConfig, failureAction: UpdateFailureAction.FAILURE_CONTINUE };
  world.up(web('web:1', { replicas: 1, update }));
  world.run();
  world.up(web('web:2', { replicas: 1, update }));
  runWithBadSlot(world, 60_000, TaskState.FAILED);
  t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
});

for (const condition of ['left', 'tried again'] as const) {
  test(`a trial stands still though its task failed and is ${condition}, and says so`, (t) => {
    const update = { ...defaultUpdateConfig, failureAction: UpdateFailureAction.FAILURE_CONTINUE, pauseAfter: 1 };
    const restart = { ...serviceSpec('web').task.restart, ...(condition === 'left' ? { maxAttempts: 1 } : {}) };
    const wish = (image: string) => web(image, { replicas: 3, update, task: { container: { image }, restart } });
    const world = new World();
    world.up(wish('web:1'));
    world.run();
    world.up(wish('web:2'));
    runWithBadSlot(world, 60_000, TaskState.FAILED);
    t.is(service(world).update?.state, UpdateState.UPDATE_PAUSED);
    t.regex(service(world).update?.message ?? '', /^the update stands still after 1 of 3 replacements.*; web\.1 failed: bad$/);
    t.deepEqual(images(world), ['web:1', 'web:1']);
    world.verb('shop', ServiceVerb.VERB_CONTINUE, ['web']);
    t.is(service(world).update?.state, UpdateState.UPDATING);
  });
}

test('a trial does not count places that are new as replacements', (t) => {
  const update = { ...defaultUpdateConfig, pauseAfter: 1 };
  const world = new World();
  world.up(web('web:1', { replicas: 2, update }));
  world.run();
  world.up(web('web:2', { replicas: 4, update }));
  world.run();
  world.advance(10_000);
  world.run();
  t.is(service(world).update?.state, UpdateState.UPDATE_PAUSED);
  t.regex(service(world).update?.message ?? '', /after 1 of 4 replacements/);
  t.deepEqual(images(world).toSorted(), ['web:1', 'web:2', 'web:2', 'web:2']);
});

const everywhere = { mode: ServiceMode.GLOBAL, update: { ...defaultUpdateConfig, failureAction: UpdateFailureAction.FAILURE_ROLLBACK } };

test('an update of a global service leaves paused nodes as they are, and goes on there once they are active again', (t) => {
  const world = new World(['alpha', 'beta', 'gamma'].map((name) => nodeNamed(name)));
  world.up(web('web:1', everywhere));
  world.run();
  world.changeNode('alpha', { availability: NodeAvailability.PAUSE });
  world.up(web('web:2', everywhere));
  world.run();
  world.advance(60_000);
  t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
  t.deepEqual(images(world).toSorted(), ['web:1', 'web:2', 'web:2']);
  t.true(view(world).converged);
  t.is(world.tables.tasks().filter(isLive).length, 3);
  world.advance(3_600_000);
  t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
  world.changeNode('alpha', { availability: NodeAvailability.ACTIVE });
  world.run();
  t.deepEqual(images(world), ['web:2', 'web:2', 'web:2']);
  world.advance(60_000);
  t.true(view(world).converged);
});

test('a node that is paused in the middle of an update of a global service does not hold the turn', (t) => {
  const world = new World(['alpha', 'beta', 'gamma'].map((name) => nodeNamed(name)));
  world.up(web('web:1', everywhere));
  world.run();
  world.up(web('web:2', everywhere));
  world.changeNode('beta', { availability: NodeAvailability.PAUSE });
  world.run();
  world.advance(60_000);
  world.run();
  t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
  t.true(view(world).converged);
});

const back = { ...defaultUpdateConfig, failureAction: UpdateFailureAction.FAILURE_ROLLBACK };

test('a service that goes back by itself keeps the number that it was given during the update', (t) => {
  const world = new World();
  world.up(web('web:1', { replicas: 2, update: back }));
  world.run();
  world.up(web('web:2', { replicas: 2, update: back }));
  world.scale('shop', 'web', 5);
  world.reject('web.1', 'no such image');
  world.run();
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
  t.is(service(world).spec.replicas, 5);
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1', 'web:1', 'web:1']);
});

for (const [from, to] of [
  [ServiceMode.REPLICATED, ServiceMode.GLOBAL],
  [ServiceMode.GLOBAL, ServiceMode.REPLICATED],
] as const) {
  test(`a service that changed from mode ${from} to ${to} goes back by itself when that fails`, (t) => {
    const world = new World();
    world.up(web('web:1', { mode: from, update: back }));
    world.run();
    world.up(web('web:2', { mode: to, update: back }));
    t.true(service(world).unproven);
    const bad = only(world.tables.tasks().filter((task) => task.spec.container.image === 'web:2' && isLive(task)));
    world.report(bad, { state: TaskState.REJECTED, error: 'no such image' });
    world.run();
    t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
    world.advance(60_000);
    t.is(service(world).update?.state, UpdateState.ROLLBACK_COMPLETED);
    t.is(service(world).spec.mode, from);
    t.deepEqual(images(world), ['web:1']);
  });
  test(`a change from mode ${from} to ${to} that succeeds is completed, and proven`, (t) => {
    const world = new World();
    world.up(web('web:1', { mode: from, update: back }));
    world.run();
    world.up(web('web:2', { mode: to, update: back }));
    world.run();
    t.is(service(world).update?.state, UpdateState.UPDATING);
    world.advance(60_000);
    t.is(service(world).update?.state, UpdateState.UPDATE_COMPLETED);
    t.false(service(world).unproven);
    t.true(view(world).converged);
  });
}

test('an update of a service that has no tasks is watched when it is given some', (t) => {
  const world = new World();
  world.up(web('web:1', { replicas: 0, update: back }));
  world.run();
  world.up(web('web:2', { replicas: 1, update: back }));
  world.reject('web.1', 'no such image');
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
});

test('what goes back to a spec without autoscaling forgets the number of the autoscaling', (t) => {
  const autoscale = { min: 2, max: 8, cpuPercent: 50, memoryPercent: 0, coolDownMs: 60_000 };
  for (const byHand of [true, false]) {
    const world = new World();
    world.up(web('web:1', { replicas: 2, update: back }));
    world.run();
    world.up(web('web:2', { replicas: 2, update: back, autoscale }));
    world.scale('shop', 'web', 6);
    t.is(service(world).autoscale?.replicas, 6);
    if (byHand) world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web']);
    else world.reject('web.1', 'no such image');
    world.run();
    t.is(service(world).spec.autoscale, undefined);
    t.is(service(world).autoscale, undefined);
  }
});

test('a service that another one crowds out is looked at again when it asked for it', (t) => {
  const cpus = (count: number) => ({ container: { image: 'web:1' }, reservations: { nanoCpus: count * 1e9, memoryBytes: 0, pids: 0 } });
  const slow = { ...defaultUpdateConfig, delayMs: 600_000 };
  const shop = (count: number) =>
    stackSpec('shop', [serviceSpec('bb', { replicas: 2, update: slow, task: cpus(1) }), serviceSpec('aa', { task: cpus(count) })]);
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(1));
  world.run();
  const beta = nodeNamed('beta');
  world.commit([{ putNode: beta }]);
  world.settle();
  world.up(shop(3));
  world.run();
  world.advance(600_000);
  world.run();
  world.advance(600_000);
  world.run();
  const onAlpha = world.tables.tasksOfNode('alpha').filter((task) => isLive(task));
  t.true(onAlpha.reduce((sum, task) => sum + task.spec.reservations.nanoCpus, 0) <= 4e9);
});
