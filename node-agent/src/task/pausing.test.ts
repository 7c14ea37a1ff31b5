import { type Task, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { type AgentWorld, publishing, taskNamed, AgentWorld as World } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';

const task = taskNamed('web');
const stopped = (it: Task): Task => ({ ...it, desiredState: TaskState.SHUTDOWN });

const running = async (world: AgentWorld, it = task): Promise<void> => {
  await world.assign(it);
  await eventually('it runs', () => world.isIn(it, TaskState.RUNNING));
};

test('a task is paused and goes on, and gets no traffic in between', (t) =>
  World.run(async (world) => {
    await world.start();
    const it = publishing(task, 8080);
    await running(world, it);
    await world.assign({ ...it, paused: true });
    await eventually('it is paused', () => world.last(it)?.paused === true);
    t.true(world.host.containers.get(it.id)?.paused);
    t.deepEqual(
      world.host.published.map(({ serving }) => serving),
      [false],
    );
    await world.assign({ ...it, paused: false });
    await eventually('it goes on', () => world.last(it)?.paused === false);
    t.false(world.host.containers.get(it.id)?.paused);
    t.deepEqual(
      world.host.published.map(({ serving }) => serving),
      [true],
    );
  }));

test('a task stays paused through a restart of the agent, and is stopped from there by its signal', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    await world.assign({ ...task, paused: true });
    await eventually('it is paused', () => world.last(task)?.paused === true);
    world.crash();
    await world.start();
    t.true(world.host.containers.get(task.id)?.paused);
    t.true(world.last(task)?.paused);
    await world.assign(stopped({ ...task, paused: true }));
    await eventually('it has ended', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${task.id}`]);
    t.false(world.last(task)?.paused);
  }));

test('a task that cannot be paused says why, and it is tried again', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    world.script.failNext('container.pause', new TsoError('UNAVAILABLE', 'one waits in the kernel'));
    await world.assign({ ...task, paused: true });
    await eventually('it is said', () => world.last(task)?.message === 'could not be paused: one waits in the kernel');
    t.not(world.last(task)?.paused, true);
    await eventually('it waits', () => world.clock.pending > 0);
    world.clock.advance(limits.driverRetryMs);
    await eventually('it is paused', () => world.last(task)?.paused === true);
    t.is(world.last(task)?.message, 'running');
  }));

test('a task that cannot be paused and is not to be any more says nothing of it', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    world.script.failNext('container.pause', new TsoError('UNAVAILABLE', 'one waits in the kernel'));
    await world.assign({ ...task, paused: true });
    await eventually('it is said', () => world.last(task)?.message === 'could not be paused: one waits in the kernel');
    await world.assign({ ...task, paused: false });
    t.is(world.last(task)?.message, 'running');
    t.false(world.host.containers.get(task.id)?.paused);
  }));
