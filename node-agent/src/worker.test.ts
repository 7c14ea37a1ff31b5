import { existsSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  emptyMount,
  emptyNetworkAssignment,
  MountType,
  type NetworkAssignment,
  newTaskStatus,
  type Task,
  TaskState,
  TsoError,
} from '@tso/proto';
import test from 'ava';
import { limits } from './limits.ts';
import { etcFilesDir, taskLogsDir, taskRecordsDir, volumesDir } from './paths.ts';
import { AgentWorld, publishing, taskNamed } from './testing/agent-world.ts';
import { eventually } from './testing/eventually.ts';

const task = taskNamed('web');
const stopped = (it: Task): Task => ({ ...it, desiredState: TaskState.SHUTDOWN });
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const withVolume = (name: string, source: string): Task => {
  const it = taskNamed(name);
  const mount = {
    ...emptyMount,
    type: MountType.VOLUME,
    source,
    target: '/data',
  };
  return { ...it, spec: { ...it.spec, container: { ...it.spec.container, mounts: [mount] } } };
};

const network = (id: string, change: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id,
  name: id,
  vni: 4096,
  subnet: '10.128.0.0/24',
  gateway: '10.128.0.1',
  internal: false,
  endpoints: [],
  ...change,
});

const running = async (world: AgentWorld, it = task): Promise<void> => {
  await world.assign(it);
  await eventually('it runs', () => world.isIn(it, TaskState.RUNNING));
};

test('a running container is adopted: the same one goes on, and nothing is said twice', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    world.crash();
    const said = world.statuses.get(task.id)?.length ?? 0;
    await world.start();
    await world.assignWhole(task);
    await running(world, taskNamed('other'));
    t.is(world.host.starts.get(task.id), 1);
    // Once, when the session begins.
    t.is(world.statuses.get(task.id)?.length, said + 1);
  }));

test('a whole assignment stops what is not in it, a difference does not', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const other = taskNamed('other');
    await running(world);
    await running(world, other);
    await world.assign(other);
    t.true(world.isIn(task, TaskState.RUNNING));
    await world.assignWhole(other);
    await eventually('it is forgotten', () => world.records().join() === other.id);
    t.true(world.isIn(task, TaskState.SHUTDOWN));
    t.true(world.isIn(other, TaskState.RUNNING));
  }));

test('a task that the manager saw end is not run again by an agent without its record', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const ended = { ...task, status: { ...newTaskStatus, state: TaskState.COMPLETE } };
    await world.assignWhole(ended);
    await running(world, taskNamed('other'));
    t.false(world.host.starts.has(task.id));
    t.true(world.records().includes(task.id));
  }));

test('a task that the manager saw run and whose record is lost has failed, and its container is gone', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    const status = world.last(task) ?? task.status;
    world.crash();
    await writeFile(join(taskRecordsDir(world.paths), `${task.id}.json`), '{"task": "dama');
    await world.start();
    await world.assignWhole({ ...task, status });
    await eventually('it has failed', () => world.isIn(task, TaskState.FAILED));
    t.is(world.host.starts.get(task.id), 1);
    t.deepEqual(world.host.leftovers(), []);
  }));

test('what no record names is removed at the start: containers, mounts, namespaces, files, unnamed volumes, logs', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    world.crash();
    const { paths, host } = world;
    const stray = 'stray';
    host.rootfses.set(stray, '/nowhere');
    host.namespaces.add(stray);
    const folders = [
      etcFilesDir(paths, stray),
      join(taskLogsDir(paths), stray),
      join(volumesDir(paths), `.unnamed.${stray}.1234`),
      join(volumesDir(paths), '.removed.5678'),
    ];
    const kept = [etcFilesDir(paths, task.id), join(volumesDir(paths), 'shop_data'), join(volumesDir(paths), `.unnamed.${task.id}.1234`)];
    for (const folder of [...folders, ...kept]) await mkdir(folder, { recursive: true });
    await world.start();
    t.deepEqual(host.leftovers(), [task.id]);
    for (const folder of folders) t.false(await exists(folder), folder);
    for (const folder of kept) t.true(await exists(folder), folder);
  }));

test('a leftover that cannot be removed keeps no agent from starting, and is tried again', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await running(world);
    world.script.failNext('container.remove', new TsoError('UNAVAILABLE', 'its processes do not end'));
    await world.assign(stopped(task));
    await eventually('it is shut down', () => world.isIn(task, TaskState.SHUTDOWN));
    world.crash();
    await world.startWith((next) => next.failNext('container.remove', new TsoError('UNAVAILABLE', 'its processes do not end')));
    t.true(world.host.rootfses.has(task.id));
    await eventually('it is looked at again', () => world.clock.pending > 0);
    world.clock.advance(limits.cleanRetryMs);
    await eventually('nothing is left', () => world.host.leftovers().length === 0);
  }));

test('networks and ports that cannot be set keep no agent from starting, and ports are tried again', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const it = publishing(task, 8080);
    await running(world, it);
    world.crash();
    world.host.published = [];
    await world.startWith((next) => {
      next.failNext('network.set', new TsoError('INTERNAL', 'ip failed'));
      next.failNext('network.publish', new TsoError('INTERNAL', 'nft failed'));
    });
    t.deepEqual(world.log.at('error'), ['networks could not be set up', 'the published ports could not be set; tries again']);
    world.clock.advance(limits.driverRetryMs);
    await eventually('the port follows', () => world.host.published.length === 1);
  }));

test('a damaged list of networks is put aside', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.apply({ networks: [network('a')] });
    world.crash();
    await writeFile(join(world.paths.dataDir, 'networks.bin'), 'no such thing');
    await world.start();
    t.deepEqual(world.log.at('error'), ['the list of networks is damaged and was put aside']);
  }));

test('who comes and goes on a network changes its endpoints alone, anything else the network', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.apply({ networks: [network('a'), network('b')] });
    await world.apply({ networks: [network('a')] });
    await world.apply({ networks: [network('a', { internal: true })] });
    await world.apply({ removedNetworks: ['b'] });
    t.deepEqual(
      world.script.calls.filter((call) => call.startsWith('network.set') || call.startsWith('network.members')),
      ['network.set', 'network.set a,b', 'network.members a', 'network.set a,b', 'network.set a'],
    );
  }));

const diskFull = (): TsoError => new TsoError('INTERNAL', 'ENOSPC: no space left on device');

test('a full disk rejects the one task whose record does not fit, and the rest of the assignments is carried out', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const [old, other] = [taskNamed('old'), taskNamed('other')];
    await running(world, old);
    world.script.failNext('record.put', diskFull());
    // The first write of the set is that of the old task's end, the second that of the new task.
    world.script.failNext('record.put', diskFull());
    await world.apply({ tasks: [task, other], removedTasks: [old.id] });
    await eventually('the other one runs', () => world.isIn(other, TaskState.RUNNING));
    await eventually('the old one is forgotten', () => world.worker.task(old.id) === undefined);
    t.true(world.isIn(task, TaskState.REJECTED));
    t.is(world.last(task)?.error, 'its record could not be written: ENOSPC: no space left on device. See to the disk of host');
    t.false(world.host.starts.has(task.id));
    await world.apply({ removedTasks: [task.id] });
    await eventually('it is forgotten', () => world.worker.task(task.id) === undefined);
    t.deepEqual(world.records(), [other.id]);
  }));

test('a list of networks that cannot be written holds nothing up, and is written later', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    world.script.failNext('networks.put', diskFull());
    await world.apply({ networks: [network('a')], tasks: [task] });
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.true(world.script.calls.includes('network.set a'));
    world.clock.advance(limits.driverRetryMs);
    await eventually('it is written', () => existsSync(join(world.paths.dataDir, 'networks.bin')));
  }));

test('a volume is removed only when the tasks that stop have ended, and holds nothing else up', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const it = withVolume('db', 'shop_data');
    const data = join(volumesDir(world.paths), 'shop_data', '_data');
    world.host.ignoresSignals.add(it.id);
    await running(world, it);
    await writeFile(join(data, 'table'), 'rows');
    await world.apply({ removedTasks: [it.id], removedVolumes: ['shop_data'] });
    await running(world);
    t.true(await exists(join(data, 'table')));
    // A new one of that name begins empty, whenever it comes.
    const next = withVolume('db2', 'shop_data');
    await world.assign(next);
    await eventually('it waits for its end', () => world.host.signals.length === 1 && world.clock.pending > 0);
    world.clock.advance(limits.stopGraceMs);
    await eventually('the next one runs', () => world.isIn(next, TaskState.RUNNING));
    t.true(await exists(data));
    t.false(await exists(join(data, 'table')));
  }));

test('a volume that a task is to use is not removed', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const it = withVolume('db', 'shop_data');
    await running(world, it);
    await world.apply({ removedVolumes: ['shop_data'] });
    t.deepEqual(world.log.at('error'), ['a volume that a task is to use is not removed']);
    t.true(await exists(join(volumesDir(world.paths), 'shop_data', '_data')));
  }));

test('whoever listens to a task hears each status and that it is forgotten, and leaves nothing when it stops listening', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    let heard = 0;
    const ignore = world.worker.onStatus(task.id, () => {
      heard += 1;
    });
    await running(world);
    t.is(heard, 4);
    await world.assignWhole();
    await eventually('it is forgotten', () => world.records().length === 0 && world.worker.task(task.id) === undefined);
    t.is(heard, 6);
    t.false(world.worker.isAlive(task.id));
    ignore();
    ignore();
  }));

const borrowing = (name: string, lender: Task): Task => {
  const it = taskNamed(name, { networkOf: lender.id });
  return { ...it, spec: { ...it.spec, networkMode: `service:${lender.serviceName}` } };
};

test('who shares the network of another waits for that one to be prepared, however long it takes and many they are', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const guests = ['a', 'b', 'c', 'd', 'e'].map((name) => borrowing(name, task));
    const attaching = world.script.holdNext('network.attach');
    await world.assign(...guests, task);
    await attaching.reached;
    await eventually('the guests wait', () => guests.every((guest) => world.isIn(guest, TaskState.PREPARING)));
    t.deepEqual(world.script.named('network.attach').length, 1);
    attaching.release();
    await eventually('all run', () => [task, ...guests].every((it) => world.isIn(it, TaskState.RUNNING)));
  }));

test('who waits for the network of another ends when told to, and fails with a sentence when that one does not come to have one', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const [ended, left] = [borrowing('ended', task), borrowing('left', task)];
    const attaching = world.script.holdNext('network.attach');
    await world.assign(task, ended, left);
    await attaching.reached;
    await eventually('they wait', () => [ended, left].every((it) => world.isIn(it, TaskState.PREPARING)));
    await world.assign(stopped(ended));
    await eventually('it ended', () => world.isIn(ended, TaskState.SHUTDOWN));
    await world.apply({ removedTasks: [task.id] });
    attaching.release();
    await eventually('the other failed', () => world.isIn(left, TaskState.REJECTED));
    t.regex(world.last(left)?.error ?? '', /whose network it shares/);
  }));
