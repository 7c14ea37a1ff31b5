import { type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { AgentWorld, publishing, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { Script } from '../testing/script.ts';

const task = publishing(taskNamed('web'), 8080);

/** As the manager has it: with what it last heard. */
const asKnown = (world: AgentWorld, change: Partial<Task> = {}): Task => ({ ...task, status: world.last(task) ?? task.status, ...change });

/** A task's life as its manager sees it, each part said whole, as to an agent that comes back. */
const life: readonly { readonly wish: (world: AgentWorld) => Promise<void>; readonly came: (world: AgentWorld) => boolean }[] = [
  { wish: (world) => world.assignWhole(asKnown(world)), came: (world) => world.isIn(task, TaskState.RUNNING) },
  {
    wish: (world) => world.assignWhole(asKnown(world, { desiredState: TaskState.SHUTDOWN })),
    came: (world) => world.isIn(task, TaskState.SHUTDOWN),
  },
  { wish: (world) => world.assignWhole(), came: (world) => world.records().length === 0 },
];

/** Lives it through, with one crash at the given point. Returns how many points there were. */
const live = async (world: AgentWorld, crashAt: number): Promise<number> => {
  const script = new Script();
  script.crashAt(crashAt);
  await world.start(script);
  for (const { wish, came } of life) {
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
