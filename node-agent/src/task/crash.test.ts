import { type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { AgentWorld, publishing, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { Script } from '../testing/script.ts';

const task = publishing(taskNamed('web'), 8080);

/** As the manager has it: with what it last heard. */
const asKnown = (world: AgentWorld, change: Partial<Task> = {}): Task => ({ ...task, status: world.last(task) ?? task.status, ...change });

/** A part of a task's life as its manager sees it, said whole, as to an agent that comes back. */
interface Part {
  readonly wish: (world: AgentWorld) => Promise<void>;
  readonly came: (world: AgentWorld) => boolean;
}

const beginning: Part = { wish: (world) => world.assignWhole(asKnown(world)), came: (world) => world.isIn(task, TaskState.RUNNING) };
const paused: Part = {
  wish: (world) => world.assignWhole(asKnown(world, { paused: true })),
  came: (world) => world.last(task)?.paused === true,
};
const unpaused: Part = {
  wish: (world) => world.assignWhole(asKnown(world, { paused: false })),
  came: (world) => world.last(task)?.paused === false,
};
/** Wished to be paused still, as the manager leaves it. */
const stoppedFromPause: Part = {
  wish: (world) => world.assignWhole(asKnown(world, { paused: true, desiredState: TaskState.SHUTDOWN })),
  came: (world) => world.isIn(task, TaskState.SHUTDOWN),
};
const gone: Part = { wish: (world) => world.assignWhole(), came: (world) => world.records().length === 0 };
const life: readonly Part[] = [
  beginning,
  {
    wish: (world) => world.assignWhole(asKnown(world, { desiredState: TaskState.SHUTDOWN })),
    came: (world) => world.isIn(task, TaskState.SHUTDOWN),
  },
  gone,
];
const lifeWithPauses: readonly Part[] = [beginning, paused, unpaused, paused, stoppedFromPause, gone];

/** Lives it through, with one crash at the given point. Returns how many points there were. */
const live = async (world: AgentWorld, crashAt: number, parts = life): Promise<number> => {
  const script = new Script();
  script.crashAt(crashAt);
  await world.start(script);
  for (const { wish, came } of parts) {
    for (let whole = false; !whole; ) {
      if (world.script.isDead) await world.start();
      await wish(world);
      await eventually('this part of its life', () => world.script.isDead || came(world));
      whole = !world.script.isDead;
    }
  }
  return script.points;
};

test('wherever an agent ends, the next one brings the task to its end, starts it once and leaves nothing behind', async (t) => {
  let points = 0;
  await AgentWorld.run(async (world) => {
    points = await live(world, Number.POSITIVE_INFINITY);
    t.deepEqual(world.states(task), [TaskState.PREPARING, TaskState.READY, TaskState.STARTING, TaskState.RUNNING, TaskState.SHUTDOWN]);
  });
  t.true(points > 40, `${points} points`);
  const crash = (point: number): Promise<void> =>
    AgentWorld.run(async (world) => {
      await live(world, point);
      const what = `a crash at point ${point} of ${points}`;
      t.deepEqual(world.backwards, [], what);
      t.is(world.host.starts.get(task.id), 1, what);
      t.deepEqual(world.host.leftovers(), [], what);
      t.deepEqual(world.host.published, [], what);
      t.true(world.states(task).includes(TaskState.SHUTDOWN), what);
    });
  const all = Array.from({ length: points }, (_, index) => index + 1);
  const width = 8;
  for (let from = 0; from < all.length; from += width) await Promise.all(all.slice(from, from + width).map(crash));
});

test('wherever an agent ends, the next one pauses a task, lets it go on, and stops it out of a pause by its signal', async (t) => {
  let [begun, points] = [0, 0];
  await AgentWorld.run(async (world) => {
    begun = await live(world, Number.POSITIVE_INFINITY, [beginning]);
  });
  await AgentWorld.run(async (world) => {
    points = await live(world, Number.POSITIVE_INFINITY, lifeWithPauses);
  });
  t.true(points - begun > 20, `${points} points, ${begun} before it runs`);
  const crash = (point: number): Promise<void> =>
    AgentWorld.run(async (world) => {
      await live(world, point, lifeWithPauses);
      const what = `a crash at point ${point} of ${points}`;
      t.is(world.host.starts.get(task.id), 1, what);
      t.is(world.host.signals[0], `SIGTERM ${task.id}`, what);
      t.false(world.last(task)?.paused, what);
      t.deepEqual(world.host.leftovers(), [], what);
    });
  const all = Array.from({ length: points - begun }, (_, index) => begun + index + 1);
  const width = 8;
  for (let from = 0; from < all.length; from += width) await Promise.all(all.slice(from, from + width).map(crash));
});

test('an exit while no agent runs is reported by the next one', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    world.crash();
    world.host.exit(task.id, 3);
    await world.start();
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.like(world.last(task), { exitCode: 3, error: 'its command exited with code 3' });
    t.deepEqual(world.host.leftovers(), []);
  }));

test('after a restart of the host a running task has failed, and its remains are gone', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    world.crash();
    world.host.containers.clear();
    world.host.namespaces.clear();
    await world.start();
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.regex(world.last(task)?.error ?? '', /the host restarted/);
    t.deepEqual(world.host.leftovers(), []);
  }));
