import { TaskState } from '@tso/proto';
import test from 'ava';
import { limits } from './limits.ts';
import { AgentWorld, taskNamed } from './testing/agent-world.ts';
import { eventually } from './testing/eventually.ts';
import { Script } from './testing/script.ts';

const old = taskNamed('old');
const next = taskNamed('next');

const running = async (world: AgentWorld, task = old): Promise<void> => {
  await world.assign(task);
  await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
};

/** A node that was away too long: its task was replaced, and does not heed the stop signal. */
const superseded = async (world: AgentWorld): Promise<void> => {
  await running(world);
  world.host.ignoresSignals.add(old.id);
  await world.assignWhole(next);
  await eventually('the old one is told to stop', () => world.host.signals.length === 1);
};

test('of a whole set the new tasks begin once those that it does not name have ended', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await superseded(world);
    t.deepEqual(world.records().toSorted(), [next.id, old.id].toSorted());
    t.true(world.host.containers.has(old.id));
    t.false(world.host.rootfses.has(next.id), 'the new one began beside the old one');
    world.clock.advance(limits.stopGraceMs);
    await eventually('the new one runs', () => world.isIn(next, TaskState.RUNNING));
    t.false(world.host.containers.has(old.id));
  }));

test('a task that goes on is not held up by another that ends', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    const kept = taskNamed('kept');
    await running(world, kept);
    world.host.ignoresSignals.add(old.id);
    await world.assignWhole({ ...kept, desiredState: TaskState.SHUTDOWN }, next);
    await eventually('it ends as wished', () => world.isIn(kept, TaskState.SHUTDOWN));
    t.false(world.host.rootfses.has(next.id));
  }));

test('a difference holds nothing up: what it removes was replaced in its turn', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    world.host.ignoresSignals.add(old.id);
    await world.apply({ tasks: [next], removedTasks: [old.id] });
    await eventually('the new one runs', () => world.isIn(next, TaskState.RUNNING));
    t.true(world.host.containers.has(old.id));
  }));

test('an agent that ends meanwhile still stops the old ones first', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await superseded(world);
    world.crash();
    await world.start();
    await eventually('it waits for the old one', () => world.clock.pending > 0);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    t.false(world.host.rootfses.has(next.id));
    world.clock.advance(limits.stopGraceMs);
    await eventually('the new one runs', () => world.isIn(next, TaskState.RUNNING));
    t.deepEqual(world.backwards, []);
  }));

test('a process that cannot be ended does not keep its host from all work', (t) =>
  AgentWorld.run(async (world) => {
    const script = new Script();
    await world.start(script);
    await running(world);
    world.host.ignoresSignals.add(old.id);
    for (let count = 0; count < 200; count += 1) script.failNext('container.remove', new Error('device or resource busy'));
    await world.assignWhole(next);
    await eventually('it waits', () => world.log.at('error').length > 0 || world.clock.pending > 0);
    for (let seconds = 0; seconds < (limits.supersededMs + limits.stopGraceMs) / 1_000; seconds += 1) {
      world.clock.advance(1_000);
      await new Promise(setImmediate);
    }
    await eventually('the new one runs all the same', () => world.isIn(next, TaskState.RUNNING));
    t.true(world.log.at('error').includes('superseded tasks are still there; goes on without them'));
  }));

test('what is not assigned any more is settled once it has ended', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    t.is(world.worker.settling(), undefined);
    world.host.ignoresSignals.add(old.id);
    await world.apply({ removedTasks: [old.id] });
    let settled = false;
    void world.worker.settling()?.then(() => {
      settled = true;
    });
    await eventually('it is told to stop', () => world.host.signals.length === 1 && world.clock.pending > 0);
    t.false(settled);
    world.clock.advance(limits.stopGraceMs);
    await eventually('it is settled', () => settled);
    t.false(world.host.containers.has(old.id));
    t.is(world.worker.settling(), undefined);
  }));

test('a node that leaves ends all its tasks and forgets them', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    await running(world, next);
    t.deepEqual(await world.worker.clear(), []);
    await eventually('nothing of them is left', () => world.records().length === 0);
    t.deepEqual(world.host.leftovers(), []);
  }));
