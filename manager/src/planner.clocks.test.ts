import { type ServiceSpec, TaskState, UpdateFailureAction, UpdateOrder, UpdateState } from '@tso/proto';
import test from 'ava';
import { statusAtMs } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const hour = 3_600_000;

const update = {
  parallelism: 1,
  delayMs: 30_000,
  order: UpdateOrder.STOP_FIRST,
  monitorMs: 40_000,
  maxFailureRatio: 0,
  failureAction: UpdateFailureAction.FAILURE_PAUSE,
};
const web = (image: string, change: Partial<Omit<ServiceSpec, 'task'>> = {}) =>
  stackSpec('shop', [serviceSpec('web', { replicas: 2, update, ...change, task: { container: { image } } })]);

const countOf = (world: World, image: string): number =>
  world.tables.tasks().filter(({ status, spec }) => status.state === TaskState.RUNNING && spec.container.image === image).length;

/** An update whose first task runs, where the clocks of the nodes are off by that much. */
const updating = (offMs: number): World => {
  const world = new World();
  world.nodesAreOffMs = offMs;
  world.up(web('web:1'));
  world.run();
  world.up(web('web:2'));
  world.run();
  return world;
};

for (const [what, offMs] of [
  ['an hour behind', -hour],
  ['an hour ahead', hour],
] as const) {
  test(`an update keeps its delay and its watch over the last task where the clock of the nodes is ${what}`, (t) => {
    const world = updating(offMs);
    t.is(countOf(world, 'web:2'), 1);
    t.is(world.sleep(), 30_000);
    world.run();
    t.is(countOf(world, 'web:2'), 2);
    t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATING);
    t.is(world.sleep(), 40_000);
    t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_COMPLETED);
  });

  test(`a task that failed young is told from one that did not where the clock of its node is ${what}`, (t) => {
    const world = updating(offMs);
    world.advance(5_000);
    const young = world.tables.tasks().find(({ status, spec }) => status.state === TaskState.RUNNING && spec.container.image === 'web:2');
    t.truthy(young);
    if (young !== undefined) world.report(young, { state: TaskState.FAILED, error: 'it broke' });
    t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_PAUSED);
  });
}

test('since when a task serves is told by its last change of state or health, not by what is written of it besides', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(web('web:1', { replicas: 1 }));
  world.run();
  const servesSinceMs = world.now;
  world.advance(60_000);
  world.report(world.task('web.1'), { state: TaskState.RUNNING, message: 'still there' });
  const task = world.task('web.1');
  t.true(task.meta.updatedAtMs > servesSinceMs);
  t.is(statusAtMs(task), servesSinceMs);
});
