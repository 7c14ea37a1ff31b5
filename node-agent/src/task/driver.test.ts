import { emptyContainerSpec, HealthState, type Task, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { type AgentWorld, publishing, taskNamed, AgentWorld as World } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { imageNamed } from '../testing/fake-host.ts';

const task = taskNamed('web');
const stopped = (it: Task): Task => ({ ...it, desiredState: TaskState.SHUTDOWN });
const steps = ['image.pull', 'rootfs.mount', 'network.attach', 'network.reserve', 'container.create', 'container.run'];

const running = async (world: AgentWorld, it = task): Promise<void> => {
  await world.assign(it);
  await eventually('it runs', () => world.isIn(it, TaskState.RUNNING));
};

test('a task is made step by step, started, and said to run', (t) =>
  World.run(async (world) => {
    world.host.images.clear();
    world.host.registry.set('app:1', imageNamed('app:1'));
    await world.start();
    await running(world, publishing(task, 8080));
    const made = world.script.named(...steps);
    // The middle three need nothing of each other.
    t.deepEqual(
      [made[0], ...made.slice(1, 4).toSorted(), ...made.slice(4)],
      [steps[0], ...steps.slice(1, 4).toSorted(), ...steps.slice(4)],
    );
    t.deepEqual(world.states(task), [TaskState.PREPARING, TaskState.READY, TaskState.STARTING, TaskState.RUNNING]);
    t.like(world.last(task), { pid: 101, containerId: task.id, health: HealthState.HEALTH_NONE, imageDigest: 'sha256:manifest-app:1' });
    t.deepEqual(world.backwards, []);
  }));

test('what it runs without is said with its state, and by a later agent too', (t) =>
  World.run(async (world) => {
    world.host.notes = ['without the one', 'without the other'];
    await world.start();
    await running(world, task);
    t.is(world.last(task)?.message, 'running; without the one; without the other');
    await world.start();
    t.is(world.worker.statuses()[0]?.[1].message, 'running; without the one; without the other');
  }));

test('its ports follow before it is said to run, and are closed to traffic before its stop signal', (t) =>
  World.run(async (world) => {
    await world.start();
    const it = publishing(task, 8080);
    const publish = world.script.holdNext('network.publish');
    publish.release();
    await world.assign(it);
    await eventually('it starts', () => world.host.starts.has(it.id));
    await eventually('it runs', () => world.isIn(it, TaskState.RUNNING));
    t.deepEqual(
      world.host.published.map(({ serving }) => serving),
      [true],
    );
    const closing = world.script.holdNext('network.publish');
    await world.assign(stopped(it));
    await closing.reached;
    t.deepEqual(world.host.signals, []);
    closing.release();
    await eventually('it is stopped', () => world.isIn(it, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${it.id}`]);
  }));

test('a task drains before its stop signal, and the next agent goes on with that', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    await world.assign({ ...stopped(task), drainMs: 5_000 });
    await eventually('it drains', () => world.clock.delays.includes(5_000));
    t.deepEqual(world.host.signals, []);
    world.crash();
    await world.start();
    world.clock.advance(4_000);
    await world.assign(taskNamed('other'));
    await eventually('the agent works', () => world.isIn(taskNamed('other'), TaskState.RUNNING));
    t.deepEqual(world.host.signals, []);
    world.clock.advance(1_000);
    await eventually('it is stopped', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${task.id}`]);
  }));

test('a task that ended holds its ports no longer', (t) =>
  World.run(async (world) => {
    await world.start();
    const it = publishing(task, 8080);
    await running(world, it);
    world.host.exit(it.id, 1);
    await eventually('it has failed', () => world.isIn(it, TaskState.FAILED));
    t.deepEqual(world.host.published, []);
  }));

for (const step of steps) {
  test(`a failure in ${step} rejects the task once, with its sentence, and leaves nothing behind`, (t) =>
    World.run(async (world) => {
      world.host.images.clear();
      world.host.registry.set('app:1', imageNamed('app:1'));
      await world.start();
      world.script.failNext(step, new TsoError('FAILED_PRECONDITION', 'the cupboard is bare', { hint: 'Fill it' }));
      const it = publishing(task, 8080);
      const end = step === 'container.run' ? TaskState.FAILED : TaskState.REJECTED;
      await world.assign(it);
      await eventually('it has ended', () => world.isIn(it, end));
      t.is(world.last(it)?.error, 'the cupboard is bare. Fill it');
      t.deepEqual(world.host.leftovers(), []);
      t.deepEqual(world.host.published, []);
      await world.assign(stopped(it));
      await world.apply({ removedTasks: [it.id] });
      await eventually('it is forgotten', () => world.records().length === 0);
      t.is(world.statuses.get(it.id)?.filter(({ state }) => state === end).length, 1);
    }));

  test(`a stop during ${step} ends the task as shut down and leaves nothing behind`, (t) =>
    World.run(async (world) => {
      world.host.images.clear();
      world.host.registry.set('app:1', imageNamed('app:1'));
      await world.start();
      const it = publishing(task, 8080);
      const hold = world.script.holdNext(step);
      await world.assign(it);
      await hold.reached;
      await world.assign(stopped(it));
      hold.release();
      await eventually('it is shut down', () => world.isIn(it, TaskState.SHUTDOWN));
      t.is(world.last(it)?.error, '');
      t.deepEqual(world.host.leftovers(), []);
      t.deepEqual(world.backwards, []);
    }));
}

test('a task unassigned and assigned again while it is prepared goes on to run', (t) =>
  World.run(async (world) => {
    world.host.images.clear();
    world.host.registry.set('app:1', imageNamed('app:1'));
    await world.start();
    const hold = world.script.holdNext('image.pull');
    await world.assign(task);
    await hold.reached;
    await world.apply({ removedTasks: [task.id] });
    await world.assign(task);
    hold.release();
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(world.host.starts.get(task.id), 1);
  }));

test('a task assigned in the moment it is forgotten is taken up anew, with a record', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    const hold = world.script.holdNext('record.remove');
    await world.apply({ removedTasks: [task.id] });
    await hold.reached;
    const again = world.assign(task);
    hold.release();
    await again;
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.deepEqual(world.records(), [task.id]);
  }));

test('a task that does not stop is killed when its grace is over', (t) =>
  World.run(async (world) => {
    await world.start();
    world.host.ignoresSignals.add(task.id);
    await running(world);
    await world.assign(stopped(task));
    await eventually('it waits for its end', () => world.clock.pending === 1 && world.host.signals.length === 1);
    world.clock.advance(limits.stopGraceMs - 1);
    await new Promise(setImmediate);
    t.true(world.host.containers.has(task.id));
    world.clock.advance(1);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.like(world.last(task), { exitCode: 137, message: 'killed: it did not stop within 10 s' });
  }));

test('a kill that fails is tried again until it works', (t) =>
  World.run(async (world) => {
    await world.start();
    world.host.ignoresSignals.add(task.id);
    await running(world);
    await world.assign(stopped(task));
    await eventually('it waits for its end', () => world.clock.pending === 1 && world.host.signals.length === 1);
    world.script.failNext('container.remove', new TsoError('UNAVAILABLE', 'its processes do not end'));
    world.clock.advance(limits.stopGraceMs);
    await eventually('it is said', () => world.log.at('error').includes('a task could not be driven on; tries again'));
    world.clock.advance(limits.driverRetryMs);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${task.id}`]);
  }));

test('a stop signal that does not exist does not keep a task from stopping', (t) =>
  World.run(async (world) => {
    const it = { ...task, spec: { ...task.spec, container: { ...emptyContainerSpec, image: 'app:1', stopSignal: 'hangup' } } };
    await world.start();
    await running(world, it);
    await world.assign(stopped(it));
    await eventually('it is shut down', () => world.isIn(it, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${it.id}`]);
  }));

test('the stop signal of the image is known to the next agent too', (t) =>
  World.run(async (world) => {
    const image = imageNamed('app:1');
    world.host.images.set('app:1', { ...image, config: { ...image.config, stopSignal: 'SIGQUIT' } });
    await world.start();
    await running(world);
    world.crash();
    await world.start();
    await world.assignWhole(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGQUIT ${task.id}`]);
  }));

test('a task whose preparation a crash cut short goes on with the image it was begun with', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('container.create');
    await world.assign(task);
    await hold.reached;
    world.crash();
    const first = imageNamed('app:1');
    world.host.images.set('old:1', first);
    world.host.images.set('app:1', { ...first, id: 'sha256:newer', digest: 'sha256:manifest-newer' });
    await world.start();
    await world.assignWhole(task);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(world.last(task)?.imageDigest, first.digest);
  }));

test('a state that cannot be written is told only once it is', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('container.run');
    await world.assign(task);
    await hold.reached;
    world.script.failNext('record.put', new TsoError('INTERNAL', 'ENOSPC: no space left on device'));
    hold.release();
    await eventually('it is said', () => world.log.at('error').includes('a task could not be driven on; tries again'));
    t.false(world.isIn(task, TaskState.RUNNING));
    world.clock.advance(limits.driverRetryMs);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(world.host.starts.get(task.id), 1);
  }));

const diskFull = (): TsoError => new TsoError('INTERNAL', 'ENOSPC: no space left on device');

test('a task whose beginning cannot be written is rejected at once, so that it can run elsewhere', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('record.put');
    const assigned = world.assign(task);
    await hold.reached;
    for (let write = 0; write < 100; write += 1) world.script.failNext('record.put', diskFull());
    hold.release();
    await assigned;
    await eventually('it is rejected', () => world.isIn(task, TaskState.REJECTED));
    t.is(world.last(task)?.error, 'the node cannot write down that it begins: ENOSPC: no space left on device');
    t.false(world.host.containers.has(task.id));
  }));

test('a task that is no longer assigned ends, also when that cannot be written', (t) =>
  World.run(async (world) => {
    await world.start();
    const other = taskNamed('other');
    await running(world);
    await running(world, other);
    world.script.failNext('record.put', diskFull());
    await world.assignWhole(other);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    await eventually('it is forgotten', () => world.records().join() === other.id);
    t.is(world.worker.settling(), undefined);
    t.deepEqual(world.host.leftovers(), [other.id]);
  }));

test('what is wished of a task and could not be written is written later', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    const changed = { ...task, serviceName: 'renamed' };
    world.script.failNext('record.put', diskFull());
    world.script.failNext('record.put', diskFull());
    const before = world.script.named('record.put').length;
    await world.assign(changed);
    await eventually('it is tried again', () => world.log.at('error').includes('a task could not be driven on; tries again'));
    world.clock.advance(limits.driverRetryMs);
    await eventually('it is written', () => world.script.named('record.put').length === before + 3);
    await world.worker.stop();
    await world.start();
    t.is(world.worker.task(task.id)?.serviceName, 'renamed');
  }));

test('a task whose records cannot be written any more ends all the same, and says so', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    for (let write = 0; write < 10_000; write += 1) world.script.failNext('record.put', diskFull());
    const inTime = (what: string, holds: () => boolean): Promise<void> =>
      eventually(what, () => {
        world.clock.advance(limits.driverRetryMs);
        return holds();
      });
    await world.assign(stopped(task));
    await inTime('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    await world.apply({ removedTasks: [task.id] });
    await inTime('it is forgotten', () => world.worker.task(task.id) === undefined);
    t.deepEqual(world.records(), []);
    t.deepEqual(world.host.leftovers(), []);
  }));

test('a task that is gone is forgotten although the disk is full', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    for (let write = 0; write < 10; write += 1) world.script.failNext('record.put', diskFull());
    await world.apply({ removedTasks: [task.id] });
    await eventually('it is forgotten', () => world.worker.task(task.id) === undefined);
    t.deepEqual(world.records(), []);
  }));

test('what cannot be undone is tried again, and the task forgotten only after it', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    world.script.failNext('container.remove', new TsoError('UNAVAILABLE', 'its processes do not end'));
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.leftovers(), [task.id]);
    t.true(world.host.rootfses.has(task.id), 'nothing is taken from under processes that are still there');
    await world.apply({ removedTasks: [task.id] });
    t.deepEqual(world.records(), [task.id]);
    world.clock.advance(limits.cleanRetryMs);
    await eventually('it is forgotten', () => world.records().length === 0);
    t.deepEqual(world.host.leftovers(), []);
  }));

test('a step that hangs keeps neither the task from stopping nor the agent', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('network.attach');
    await world.assign(task);
    await hold.reached;
    await world.assign(stopped(task));
    await eventually('it is given a moment', () => world.clock.delays.includes(limits.stepAbandonMs));
    world.clock.advance(limits.stepAbandonMs);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.is(world.last(task)?.error, '');
  }));

test('a step that takes for ever rejects its task', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('container.create');
    await world.assign(task);
    await hold.reached;
    world.clock.advance(limits.stepMs);
    await eventually('it is rejected', () => world.isIn(task, TaskState.REJECTED));
    t.is(world.last(task)?.error, 'preparing it (container) did not end within 900 s');
  }));

test('a task that waits for a distant instant does not spin', (t) =>
  World.run(async (world) => {
    const graceMs = 60 * 24 * 3_600_000;
    await world.start();
    const it = { ...task, spec: { ...task.spec, container: { ...task.spec.container, stopGracePeriodMs: graceMs } } };
    await running(world, it);
    world.host.ignoresSignals.add(it.id);
    await world.assign(stopped(it));
    await eventually('it waits', () => world.host.signals.length === 1 && world.clock.pending > 0);
    t.true(Math.max(...world.clock.delays) <= limits.longestTimerMs);
    world.clock.advance(graceMs);
    await eventually('it is killed', () => world.isIn(it, TaskState.SHUTDOWN));
  }));

test('a long step says what it does, a quick one and one that is over do not', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('container.create');
    await world.assign(task);
    await hold.reached;
    world.clock.advance(limits.progressMs);
    t.is(world.last(task)?.message, 'creating its container');
    hold.release();
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    world.clock.advance(limits.progressMs);
    const said = (world.statuses.get(task.id) ?? []).map(({ message }) => message);
    t.deepEqual(said, ['preparing', 'creating its container', 'ready', 'starting', 'running']);
  }));

test('stopping the agent leaves the containers and no timer', (t) =>
  World.run(async (world) => {
    await world.start();
    await running(world);
    const stubborn = taskNamed('stubborn');
    await running(world, stubborn);
    world.host.ignoresSignals.add(stubborn.id);
    await world.assign(stopped(stubborn));
    await eventually('its grace runs', () => world.host.signals.length === 1 && world.clock.pending > 0);
    await world.worker.stop();
    t.is(world.clock.pending, 0);
    t.is(world.host.containers.size, 2);
    t.deepEqual(world.host.signals, [`SIGTERM ${stubborn.id}`]);
  }));

test('a step that fails waits for those beside it before anything is undone', (t) =>
  World.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('rootfs.mount');
    world.script.failNext('network.attach', new TsoError('CONFLICT', 'no address'));
    await world.assign(task);
    await hold.reached;
    t.deepEqual(world.script.named('network.detach', 'rootfs.remove'), []);
    hold.release();
    await eventually('it is rejected', () => world.isIn(task, TaskState.REJECTED));
    t.is(world.last(task)?.error, 'no address');
    t.true(world.script.named('rootfs.mount', 'rootfs.remove').join() === 'rootfs.mount,rootfs.remove');
  }));
