import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyContainerSpec, emptyMeta, emptyTaskSpec, FileKind, type FileVersion, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { memoryDir } from '../paths.ts';
import { AgentWorld, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';

const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
const key: FileVersion = {
  id: 'v1',
  meta: emptyMeta,
  kind: FileKind.SECRET_FILE,
  name: 'shop_key',
  data: Buffer.from('open sesame'),
  template: false,
};

const withKey = (name: string): Task => {
  const files = [{ kind: FileKind.SECRET_FILE, name: 'shop_key', target: '/run/secrets/key', uid, gid, mode: 0o400 }];
  return taskNamed(name, {
    files: [{ kind: FileKind.SECRET_FILE, name: 'shop_key', versionId: 'v1' }],
    spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'app:1', files } },
  });
};
const task = withKey('web');

/** Everything that is in files below a folder, put together. */
const allText = async (folder: string): Promise<string> => {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))).join('\n');
};

test('a task has its secret from the set that assigns it; on disk there is nothing of it, and it goes with the task', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.apply({ tasks: [task], files: [key] });
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(await readFile(join(memoryDir(world.paths), 'tasks', task.id, '0'), 'utf8'), 'open sesame');
    const onDisk = await allText(world.paths.dataDir);
    t.true(onDisk.includes('task'));
    t.false(onDisk.includes('sesame'));
    t.false(onDisk.includes(Buffer.from('sesame').toString('base64').slice(0, 6)));
    t.false(JSON.stringify(world.log.lines).includes('sesame'));
    await world.apply({ tasks: [{ ...task, desiredState: TaskState.SHUTDOWN }] });
    await eventually('it has ended', () => world.isIn(task, TaskState.SHUTDOWN));
    t.deepEqual(await readdir(join(memoryDir(world.paths), 'tasks')), []);
    await world.apply({ removedTasks: [task.id], removedFiles: ['v1'] });
    await t.throwsAsync(readdir(memoryDir(world.paths)), { code: 'ENOENT' });
  }));

test('an agent that was started anew goes on with what its predecessor was told', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const hold = world.script.holdNext('image.layers');
    await world.apply({ tasks: [task], files: [key] });
    await hold.reached;
    world.crash();
    await world.start();
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    t.is(await readFile(join(memoryDir(world.paths), 'tasks', task.id, '0'), 'utf8'), 'open sesame');
  }));

test('a task whose secret is gone with a reboot waits, without holding up others, until a manager tells it anew', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const waiting = [1, 2, 3, 4, 5, 6].map((number) => withKey(`waits${number}`));
    await world.apply({ tasks: waiting });
    const other = taskNamed('other');
    await world.assign(other);
    await eventually('the other one runs', () => world.isIn(other, TaskState.RUNNING));
    for (const it of waiting) t.is(world.last(it)?.state, TaskState.PREPARING);
    await world.apply({ tasks: [{ ...(waiting[0] ?? task), desiredState: TaskState.SHUTDOWN }] });
    await eventually('one that waits can be stopped', () => world.isIn(waiting[0] ?? task, TaskState.SHUTDOWN));
    await world.apply({ files: [key] });
    await eventually('the rest runs', () => waiting.slice(1).every((it) => world.isIn(it, TaskState.RUNNING)));
  }));

test('a task whose secret a manager leaves out says at once what it waits for, and is rejected after a while so that it is tried again', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.assign(task);
    const says = 'waits for secret shop_key from the manager';
    await eventually(
      'it says what it waits for',
      () => world.last(task)?.message === says && world.last(task)?.state === TaskState.PREPARING,
    );
    await eventually('its time runs', () => world.clock.delays.includes(limits.filesMs));
    world.clock.advance(limits.filesMs - 1);
    t.is(world.last(task)?.state, TaskState.PREPARING);
    world.clock.advance(1);
    await eventually('it is rejected', () => world.isIn(task, TaskState.REJECTED));
    t.regex(world.last(task)?.error ?? '', /^secret shop_key of the service web did not come from the manager within 60 s/);
  }));

test('while no manager has said anything a task waits for its secret however long that takes', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.assign(task);
    await eventually('its time runs', () => world.clock.delays.includes(limits.filesMs));
    world.crash();
    world.statuses.clear();
    world.clock.delays.length = 0;
    await world.start();
    await eventually('it waits', () => world.last(task)?.message.startsWith('waits for secret') === true);
    world.clock.advance(5 * limits.filesMs);
    t.false(world.clock.delays.includes(limits.filesMs));
    await world.apply({ tasks: [task], files: [key], baseVersion: 0 });
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
  }));

test('what a crash left of the files of a task that nobody knows is removed', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    await world.apply({ tasks: [task], files: [key] });
    await eventually('it runs', () => world.isIn(task, TaskState.RUNNING));
    world.crash();
    await world.host.exit(task.id, 0);
    await world.start();
    await eventually('it has ended', () => world.isIn(task, TaskState.COMPLETE));
    t.deepEqual(await readdir(join(memoryDir(world.paths), 'tasks')), []);
  }));

test('a task that names a secret of which no version is said is rejected with a sentence', (t) =>
  AgentWorld.run(async (world) => {
    await world.start();
    const it = { ...task, files: [] };
    await world.assign(it);
    await eventually('it is rejected', () => world.isIn(it, TaskState.REJECTED));
    t.regex(world.last(it)?.error ?? '', /^the secret shop_key of the service web was not sent to this node/);
  }));
