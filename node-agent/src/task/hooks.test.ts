import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ContainerSpec,
  type ExecOptions,
  emptyContainerSpec,
  emptyHook,
  emptyTaskSpec,
  type Hook,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { taskLogsDir } from '../paths.ts';
import { AgentWorld, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { FakeProcess } from '../testing/fake-process.ts';
import { hookFailure, hookName } from './hooks.ts';

const hook = (command: string, change: Partial<Hook> = {}): Hook => ({ ...emptyHook, command: [command], ...change });
const taskWith = (change: Partial<ContainerSpec>, name = 'web'): Task =>
  taskNamed(name, { spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'app:1', ...change } } });
const stopped = (it: Task): Task => ({ ...it, desiredState: TaskState.SHUTDOWN });
const logOf = (world: AgentWorld, task: Task): Promise<string> => readFile(join(taskLogsDir(world.paths), task.id, 'log'), 'utf8');

/** What each exec was asked, with the process that it became. */
class Execs {
  readonly asked: ExecOptions[] = [];
  readonly processes: FakeProcess[] = [];

  constructor(world: AgentWorld) {
    world.host.exec = (options) => {
      const process = new FakeProcess();
      this.asked.push(options);
      this.processes.push(process);
      return process;
    };
  }

  async next(count: number): Promise<FakeProcess> {
    await eventually(`hook ${count} runs`, () => this.processes.length === count);
    return this.processes.at(-1) ?? new FakeProcess();
  }
}

test('a hook is called by its kind, its place when there are several, and its command; a failure has its last line', (t) => {
  t.is(hookName('post_start', [hook('./warm')], 0), 'its post_start hook (./warm)');
  t.is(hookName('pre_stop', [hook('a'), hook('b')], 1), 'its pre_stop hook 2 of 2 (b)');
  t.is(hookName('pre_start', [emptyHook], 0), 'its pre_start hook');
  t.is(hookFailure('its hook', 3, ''), 'its hook ended with code 3');
  t.is(hookFailure('its hook', 3, 'no such table'), 'its hook ended with code 3: no such table');
  t.true(hookFailure('its hook', 3, 'x'.repeat(5_000)).length < 400);
});

test('hooks after the start run one after the other as they say, and the task runs only then; what they say is in its log', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const postStart = [hook('./one', { user: 'web', workingDir: '/srv', env: ['A=b'], privileged: true }), hook('./two')];
    const task = taskWith({ postStart });
    await world.start();
    await world.assign(task);
    const one = await execs.next(1);
    t.like(execs.asked[0], { command: ['./one'], user: 'web', workingDir: '/srv', env: ['A=b'], privileged: true, tty: false });
    t.true(one.inputEnded);
    one.say('warm\nhalf a ');
    one.say('line');
    one.exit(0);
    const two = await execs.next(2);
    t.is(world.last(task)?.state, TaskState.STARTING);
    two.exit(0);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.regex(await logOf(world, task), /^\S+Z stdout F warm\n\S+Z stdout F half a line\n$/);
    world.crash();
    await world.start();
    await world.assign(taskNamed('other'));
    await eventually('the agent works', () => world.isIn(taskNamed('other'), TaskState.RUNNING));
    t.is(execs.processes.length, 2);
  }));

test('a hook after the start that fails ends the task with its last line, and its container is stopped', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const task = taskWith({ postStart: [hook('./warm'), hook('./never')] });
    await world.start();
    await world.assign(task);
    const process = await execs.next(1);
    process.stderr.push(Buffer.from('cannot reach the cache\n\n'));
    process.exit(4);
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.is(
      world.last(task)?.error,
      'its post_start hook 1 of 2 (./warm) ended with code 4: cannot reach the cache. Its output is in the log: tso logs',
    );
    t.is(execs.processes.length, 1);
    t.deepEqual(world.host.signals, [`SIGTERM ${task.id}`]);
    t.deepEqual(world.host.leftovers(), []);
  }));

test('a container that ends while its hook runs has ended by itself; one that is to stop takes its hook with it', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const ends = taskWith({ postStart: [hook('./warm')] }, 'ends');
    await world.start();
    await world.assign(ends);
    const process = await execs.next(1);
    world.host.exit(ends.id, 7);
    process.exit(137);
    await eventually('it has failed', () => world.isIn(ends, TaskState.FAILED));
    t.is(world.last(ends)?.error, 'its command exited with code 7');
    const stops = taskWith({ postStart: [hook('./warm')] }, 'stops');
    await world.assign(stops);
    const second = await execs.next(2);
    await world.assign(stopped(stops));
    await eventually('it is shut down', () => world.isIn(stops, TaskState.SHUTDOWN));
    t.deepEqual(second.signals, ['SIGKILL']);
  }));

test('a hook that goes on although its container has ended is cut short: it may live among the processes of the host', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const task = taskWith({ postStart: [hook('./warm')] });
    await world.start();
    await world.assign(task);
    const process = await execs.next(1);
    world.host.exit(task.id, 7);
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.is(world.last(task)?.error, 'its command exited with code 7');
    t.deepEqual(process.signals, ['SIGKILL']);
  }));

test('an agent that was started anew runs hooks after the start that its predecessor did not end again', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const task = taskWith({ postStart: [hook('./warm')] });
    await world.start();
    await world.assign(task);
    await execs.next(1);
    world.crash();
    await world.start();
    (await execs.next(2)).exit(0);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(world.host.starts.get(task.id), 1);
  }));

test('hooks before the stop signal run before it, one that fails is said and holds nothing up', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const task = taskWith({ preStop: [hook('./leave'), hook('./flush')] });
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    await world.assign(stopped(task));
    const leave = await execs.next(1);
    t.deepEqual(world.host.signals, []);
    leave.say('bye\n');
    leave.exit(1);
    const flush = await execs.next(2);
    t.deepEqual(world.host.signals, []);
    flush.exit(0);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.signals, [`SIGTERM ${task.id}`]);
    t.deepEqual(world.log.at('warn'), ['its pre_stop hook 1 of 2 (./leave) ended with code 1: bye']);
    t.regex(await logOf(world, task), /stdout F bye\n\S+ stderr F its pre_stop hook 1 of 2 \(\.\/leave\) ended with code 1: bye\n/);
  }));

test('a hook before the stop signal that does not end within the grace is cut short; the kill is not put off by it', (t) =>
  AgentWorld.run(async (world) => {
    const execs = new Execs(world);
    const task = taskWith({ preStop: [hook('./leave'), hook('./never')], stopGracePeriodMs: 4_000 });
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    world.host.ignoresSignals.add(task.id);
    await world.assign(stopped(task));
    const leave = await execs.next(1);
    world.clock.advance(4_000);
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(leave.signals, ['SIGKILL']);
    t.is(execs.processes.length, 1);
    t.regex(world.last(task)?.message ?? '', /^killed: it did not stop within 4 s/);
  }));

test('hooks before the start run to their ends before it, one after the other, each in a container of its own that is gone then', (t) =>
  AgentWorld.run(async (world) => {
    world.host.images.set('tool:1', imageNamed('tool:1'));
    const task = taskWith({ preStart: [hook('migrate'), hook('seed', { image: 'tool:1' })] });
    const [first, second] = [`${task.id}-pre-0`, `${task.id}-pre-1`];
    await world.start();
    await world.assign(task);
    await eventually('the first one runs', () => world.host.containers.get(first)?.state === 'running');
    t.is(world.host.containers.get(second)?.state, 'created');
    t.is(world.last(task)?.state, TaskState.STARTING);
    world.host.exit(first, 0);
    await eventually('the second one runs', () => world.host.containers.get(second)?.state === 'running');
    t.false(world.host.starts.has(task.id));
    world.host.exit(second, 0);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.deepEqual(world.host.leftovers(), [task.id]);
    t.true(world.script.calls.includes('image.layers sha256:tool:1'));
  }));

test('a hook before the start that fails ends the task with what it said last, and nothing of it was started', (t) =>
  AgentWorld.run(async (world) => {
    const task = taskWith({ preStart: [hook('migrate')] });
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.host.containers.get(`${task.id}-pre-0`)?.state === 'running');
    const path = join(taskLogsDir(world.paths), task.id, 'log');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '2026-11-21T03:00:00.1Z stderr F table users is locked\n2026-11-21T03:00:00.2Z stdout F \n');
    world.host.exit(`${task.id}-pre-0`, 1);
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.regex(world.last(task)?.error ?? '', /^its pre_start hook \(migrate\) ended with code 1: table users is locked/);
    t.false(world.host.starts.has(task.id));
    t.deepEqual(world.host.leftovers(), []);
  }));

test('an agent that was started anew goes on with hooks before the start where its predecessor was, and runs none twice', (t) =>
  AgentWorld.run(async (world) => {
    const task = taskWith({ preStart: [hook('migrate'), hook('seed')] });
    const [first, second] = [`${task.id}-pre-0`, `${task.id}-pre-1`];
    await world.start();
    await world.assign(task);
    await eventually('the first one runs', () => world.host.containers.get(first)?.state === 'running');
    world.crash();
    await world.start();
    world.host.exit(first, 0);
    await eventually('the second one runs', () => world.host.containers.get(second)?.state === 'running');
    world.crash();
    world.host.exit(second, 0);
    await world.start();
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.deepEqual(
      [first, second, task.id].map((id) => world.host.starts.get(id)),
      [1, 1, 1],
    );
    t.deepEqual(world.host.leftovers(), [task.id]);
  }));

test('a task that is stopped while its hooks before the start run leaves nothing of them', (t) =>
  AgentWorld.run(async (world) => {
    const task = taskWith({ preStart: [hook('migrate')] });
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.host.containers.get(`${task.id}-pre-0`)?.state === 'running');
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.is(world.last(task)?.error, '');
    t.deepEqual(world.host.leftovers(), []);
    t.false(world.host.starts.has(task.id));
  }));

test('what a hook before the start leaves and cannot be removed in time keeps its task from nothing, and goes with it', (t) =>
  AgentWorld.run(async (world) => {
    const task = taskWith({ preStart: [hook('migrate')] });
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.host.containers.get(`${task.id}-pre-0`)?.state === 'running');
    const hold = world.script.holdNext('rootfs.remove');
    world.host.exit(`${task.id}-pre-0`, 0);
    await hold.reached;
    await eventually('its time runs', () => world.clock.delays.includes(limits.undoMs));
    world.clock.advance(limits.undoMs);
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.deepEqual(world.log.at('warn'), ['the containers of hooks could not be removed']);
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(world.host.leftovers(), []);
  }));

test('what a crash left of a hook of an ended task, and cannot be removed at once, is tried again', (t) =>
  AgentWorld.run(async (world) => {
    const task = taskWith({ preStart: [hook('migrate')] });
    const id = `${task.id}-pre-0`;
    await world.start();
    await world.assign(task);
    await eventually('it runs', () => world.host.containers.get(id)?.state === 'running');
    world.host.exit(id, 1);
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    world.crash();
    world.host.rootfses.set(id, '/nowhere');
    await world.startWith((next) => next.failNext('rootfs.remove', new Error('device or resource busy')));
    t.deepEqual(world.host.leftovers(), [id]);
    await eventually('it is looked at again', () => world.clock.pending > 0);
    world.clock.advance(limits.cleanRetryMs);
    await eventually('nothing is left', () => world.host.leftovers().length === 0);
    t.pass();
  }));
