import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssignmentSet, emptyAssignmentSet, emptyMeta, FileKind, type FileVersion } from '@tso/proto';
import test from 'ava';
import { plainMemory } from '../testing/agent-world.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { FileStore } from './file-store.ts';
import { MemoryFolder } from './memory-folder.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const version = (id: string, text: string): FileVersion => ({
  id,
  meta: emptyMeta,
  kind: FileKind.SECRET_FILE,
  name: `shop_${id}`,
  data: bytes(text),
  template: false,
});
const change = (set: Partial<AssignmentSet>): AssignmentSet => ({ ...emptyAssignmentSet, baseVersion: 1, ...set });
const whole = (...files: readonly FileVersion[]): AssignmentSet => change({ baseVersion: 0, files });
const never = new AbortController().signal;
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

interface World {
  readonly folder: string;
  readonly log: CollectedLog;
  /** A store on what the one before left. */
  readonly next: () => Promise<FileStore>;
}

const inWorld = async (body: (world: World) => Promise<void>): Promise<void> => {
  const parent = await mkdtemp(join(tmpdir(), 'tso-files-'));
  const folder = join(parent, 'memory');
  const log = new CollectedLog();
  const next = async (): Promise<FileStore> => {
    const store = new FileStore({ logger: log, memory: new MemoryFolder({ path: folder }, { mounts: plainMemory }) });
    await store.start();
    return store;
  };
  try {
    await body({ folder, log, next });
  } finally {
    await rm(parent, { recursive: true });
  }
};

const textOf = (store: FileStore, id: string): string | undefined => {
  const data = store.version(id)?.data;
  return data === undefined ? undefined : Buffer.from(data).toString();
};

test('what was told is there for the next agent, a difference adds and removes, the whole replaces', (t) =>
  inWorld(async ({ next, folder }) => {
    const store = await next();
    await store.apply(whole(version('a1', 'one'), version('b1', 'two')));
    await store.apply(change({ files: [version('c1', 'three')], removedFiles: ['a1'] }));
    const second = await next();
    t.deepEqual(
      ['a1', 'b1', 'c1'].map((id) => textOf(second, id)),
      [undefined, 'two', 'three'],
    );
    await second.apply(whole(version('c1', 'three')));
    t.deepEqual(await readdir(join(folder, 'versions')), ['c1']);
    t.is((await stat(join(folder, 'versions'))).mode & 0o777, 0o700);
    t.is((await stat(join(folder, 'versions', 'c1'))).mode & 0o777, 0o600);
  }));

test('what a crash left half written, or damaged, is not taken for a secret', (t) =>
  inWorld(async ({ next, folder, log }) => {
    await (await next()).apply(whole(version('a1', 'one')));
    await writeFile(join(folder, 'versions', 'b1.tmp'), 'half');
    await writeFile(join(folder, 'versions', 'c1'), Buffer.from([0x0a, 0xff]));
    const store = await next();
    t.is(textOf(store, 'a1'), 'one');
    t.is(store.version('b1.tmp') ?? store.version('c1'), undefined);
    t.deepEqual(await readdir(join(folder, 'versions')), ['a1']);
    t.true(JSON.stringify(log.lines).includes('cannot be read'));
  }));

test('who needs what was not told yet waits for it, and no longer than it is wished', (t) =>
  inWorld(async ({ next }) => {
    const store = await next();
    await store.arrived([], never);
    const both = store.arrived(['a1', 'b1'], never);
    await store.apply(whole(version('a1', 'one')));
    const abort = new AbortController();
    const given = store.arrived(['c1'], abort.signal);
    abort.abort(new Error('no longer wished'));
    await t.throwsAsync(given, { message: 'no longer wished' });
    await t.throwsAsync(store.arrived(['c1'], abort.signal), { message: 'no longer wished' });
    await store.apply(change({ files: [version('b1', 'two')] }));
    await both;
    t.pass();
  }));

test('files of a task have their content and mode, are made anew as a whole, and go with it', (t) =>
  inWorld(async ({ next }) => {
    const store = await next();
    const file = (text: string, mode: number) => ({ data: bytes(text), uid, gid, mode });
    const paths = await store.write('task1', [file('one', 0o400), file('two', 0o4755)]);
    t.deepEqual(await Promise.all(paths.map((path) => readFile(path, 'utf8'))), ['one', 'two']);
    t.deepEqual(await Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o7777)), [0o400, 0o755]);
    const [again = ''] = await store.write('task1', [file('three', 0o444)]);
    t.is(await readFile(again, 'utf8'), 'three');
    t.deepEqual(await readdir(join(again, '..')), ['0']);
    t.deepEqual(await store.owners(), ['task1']);
    await store.remove('task1');
    await store.remove('task1');
    t.deepEqual(await store.owners(), []);
  }));

test('the folder in memory goes with the last thing in it, and comes back when it is needed', (t) =>
  inWorld(async ({ next, folder }) => {
    const first = await next();
    await first.apply(whole(version('a1', 'one')));
    await first.stop();
    t.deepEqual(await readdir(folder), ['versions']);
    const second = await next();
    await second.write('task1', [{ data: bytes('x'), uid, gid, mode: 0o444 }]);
    await second.apply(whole());
    await second.stop();
    t.true((await readdir(folder)).includes('tasks'));
    await second.remove('task1');
    await t.throwsAsync(stat(folder), { code: 'ENOENT' });
    await Promise.all([second.apply(whole(version('b1', 'two'))), second.write('task2', [{ data: bytes('x'), uid, gid, mode: 0o444 }])]);
    await Promise.all([second.remove('task2'), second.apply(change({ removedFiles: ['b1'] }))]);
    await t.throwsAsync(stat(folder), { code: 'ENOENT' });
  }));

test('nothing is ever written where the folder in memory is not', (t) =>
  inWorld(async ({ next, folder }) => {
    const store = await next();
    const file = { data: bytes('x'), uid, gid, mode: 0o444 };
    for (let round = 0; round < 20; round += 1) {
      const write = store.write(`task${round}`, [file]);
      const remove = store.remove(`task${round - 1}`);
      t.is((await readFile((await write)[0] ?? '')).toString(), 'x');
      await remove;
    }
    await store.remove('task19');
    await t.throwsAsync(stat(folder), { code: 'ENOENT' });
  }));

test('an id never becomes a path', (t) =>
  inWorld(async ({ next }) => {
    const store = await next();
    for (const id of ['../a', '', 'a/b', '.', 'a.tmp']) {
      await t.throwsAsync(store.apply(whole(version(id, 'x'))), { code: 'INVALID_ARGUMENT' }, id);
      await t.throwsAsync(store.write(id, []), { code: 'INVALID_ARGUMENT' }, id);
    }
  }));
