import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMount, type Mount, MountType } from '@tso/proto';
import test from 'ava';
import { type AgentPaths, volumesDir } from '../paths.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { Volumes, type VolumesRequest } from './volumes.ts';

interface World {
  readonly volumes: Volumes;
  readonly paths: AgentPaths;
  /** The root filesystem of the image. */
  readonly rootfs: string;
  readonly request: (mounts: readonly Mount[], change?: Partial<VolumesRequest>) => VolumesRequest;
  readonly data: (name: string) => string;
}

const mount = (change: Partial<Mount>): Mount => ({
  ...emptyMount,
  type: MountType.VOLUME,
  source: 'shop_data',
  target: '/data',
  ...change,
});

const withVolumes = async (body: (world: World) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-volumes-'));
  const paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
  const rootfs = join(folder, 'rootfs');
  await mkdir(rootfs);
  const volumes = new Volumes({ paths, remapping: false });
  try {
    await volumes.start();
    await body({
      volumes,
      paths,
      rootfs,
      request: (mounts, change) => ({ ownerId: 'task1', mounts, imageVolumes: [], rootfs, shift: undefined, ...change }),
      data: (name) => join(volumesDir(paths), name, '_data'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
};

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

/** A folder of an image with this many files. */
const fill = async (folder: string, count: number): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await Promise.all(Array.from({ length: count }, (_, index) => writeFile(join(folder, `file${index}`), `of the image ${index}`)));
};

test('an empty volume begins with what the image has at its place, mode included', (t) =>
  withVolumes(async ({ volumes, rootfs, request, data }) => {
    await fill(join(rootfs, 'data', 'sub'), 2);
    await mkdir(join(rootfs, 'data', 'empty'), { mode: 0o711 });
    const [made] = await volumes.prepare(request([mount({})]));
    t.is(made?.source, data('shop_data'));
    t.deepEqual(await readdir(data('shop_data')), ['empty', 'sub']);
    t.is(await readFile(join(data('shop_data'), 'sub', 'file1'), 'utf8'), 'of the image 1');
    t.is(await modeOf(join(data('shop_data'), 'empty')), 0o711);
    t.deepEqual(await readdir(join(data('shop_data'), '..')), ['_data']);
  }));

test('a volume without a place in the image, or over a file of it, begins empty, and every user may enter it', (t) =>
  withVolumes(async ({ volumes, rootfs, request, data }) => {
    await writeFile(join(rootfs, 'file'), '');
    await volumes.prepare(request([mount({ source: 'a', target: '/nowhere' }), mount({ source: 'b', target: '/file' })]));
    for (const name of ['a', 'b']) {
      t.deepEqual(await readdir(data(name)), []);
      t.is(await modeOf(data(name)), 0o755);
      t.is(await modeOf(join(data(name), '..')), 0o755);
    }
  }));

test('a volume with data keeps it; nocopy and a subpath copy nothing', (t) =>
  withVolumes(async ({ volumes, rootfs, request, data }) => {
    await fill(join(rootfs, 'data'), 3);
    await mkdir(data('used'), { recursive: true });
    await writeFile(join(data('used'), 'mine'), 'rows');
    await mkdir(join(data('shared'), 'part'), { recursive: true });
    await rm(join(data('shared'), 'part'), { recursive: true });
    await volumes.prepare(request([mount({ source: 'used' }), mount({ source: 'plain', noCopy: true })]));
    await t.throwsAsync(volumes.prepare(request([mount({ source: 'shared', subpath: 'part' })])), {
      code: 'NOT_FOUND',
      message: 'the volume shared has no folder part (for /data)',
    });
    t.deepEqual(await readdir(data('used')), ['mine']);
    t.deepEqual(await readdir(data('plain')), []);
    t.deepEqual(await readdir(data('shared')), []);
  }));

test('two tasks that start at once on a new volume fill it once, and neither sees it half filled', (t) =>
  withVolumes(async ({ volumes, rootfs, request, data }) => {
    await fill(join(rootfs, 'data'), 200);
    const begin = async (ownerId: string): Promise<void> => {
      await volumes.prepare(request([mount({})], { ownerId }));
      t.is((await readdir(data('shop_data'))).length, 200, ownerId);
      // It runs, and changes what it found.
      await writeFile(join(data('shop_data'), 'file7'), `of ${ownerId}`);
    };
    await Promise.all(['task1', 'task2', 'task3'].map(begin));
    t.regex(await readFile(join(data('shop_data'), 'file7'), 'utf8'), /^of task/);
  }));

test('a filling that a crash cut short is begun anew, one that was whole is finished', (t) =>
  withVolumes(async ({ volumes, rootfs, request, data }) => {
    await fill(join(rootfs, 'data'), 3);
    for (const name of ['half', 'whole']) await mkdir(data(name), { recursive: true });
    await fill(join(data('half'), '..', '_filling'), 1);
    await fill(join(data('whole'), '..', '_filled'), 4);
    await writeFile(join(data('whole'), 'file9'), 'moved before the crash');
    await volumes.prepare(request([mount({ source: 'half' }), mount({ source: 'whole' })]));
    t.is((await readdir(data('half'))).length, 3);
    t.is((await readdir(data('whole'))).length, 5);
    for (const name of ['half', 'whole']) t.deepEqual(await readdir(join(data(name), '..')), ['_data']);
  }));

test('a removed volume is gone under its name at once, and a removal that a crash cut short is ended at the next start', (t) =>
  withVolumes(async ({ volumes, paths, request, data }) => {
    await volumes.prepare(request([mount({})]));
    await writeFile(join(data('shop_data'), 'rows'), '');
    await volumes.remove('shop_data');
    await volumes.remove('shop_data');
    t.deepEqual(await readdir(volumesDir(paths)), []);
    await fill(join(volumesDir(paths), '.removed.1'), 2);
    await new Volumes({ paths, remapping: false }).start();
    t.deepEqual(await readdir(volumesDir(paths)), []);
  }));

test('a removal waits until the volume is unused, and who wants one of that name waits for the removal', (t) =>
  withVolumes(async ({ volumes, request, data }) => {
    await volumes.prepare(request([mount({})]));
    await writeFile(join(data('shop_data'), 'rows'), '');
    const unused = Promise.withResolvers<void>();
    const removed = volumes.remove('shop_data', unused.promise);
    const next = volumes.prepare(request([mount({})], { ownerId: 'task2' }));
    await new Promise(setImmediate);
    t.deepEqual(await readdir(data('shop_data')), ['rows']);
    unused.resolve();
    await Promise.all([removed, next]);
    t.deepEqual(await readdir(data('shop_data')), []);
  }));

test('volumes without a name belong to their task and go with it; nobody can give a volume such a name', (t) =>
  withVolumes(async ({ volumes, paths, request }) => {
    const imageVolumes = ['/var/lib/app', '/data/'];
    const mounts = await volumes.prepare(request([mount({}), mount({ source: '', target: '/cache' })], { imageVolumes }));
    t.deepEqual(
      mounts.map(({ target }) => target),
      ['/data', '/cache', '/var/lib/app'],
    );
    const again = await volumes.prepare(request([mount({}), mount({ source: '', target: '/cache' })], { imageVolumes }));
    t.deepEqual(again, mounts);
    await volumes.prepare(request([mount({ source: '' })], { ownerId: 'task2' }));
    await volumes.release('task1');
    t.is((await readdir(volumesDir(paths))).length, 2);
    await volumes.collectGarbage(new Set(['task2']));
    t.is((await readdir(volumesDir(paths))).length, 2);
    await volumes.collectGarbage(new Set());
    t.deepEqual(await readdir(volumesDir(paths)), ['shop_data']);
    for (const source of ['.unnamed.task2.1', '..', 'a/b', '-a', 'a'.repeat(255)])
      await t.throwsAsync(volumes.prepare(request([mount({ source })])), { code: 'INVALID_ARGUMENT' }, source);
  }));

test('a subpath never leads out of its volume', (t) =>
  withVolumes(async ({ volumes, request, data }) => {
    await mkdir(join(data('shop_data'), 'etc'), { recursive: true });
    await symlink('/etc', join(data('shop_data'), 'absolute'));
    await symlink('../../../etc', join(data('shop_data'), 'relative'));
    for (const subpath of ['absolute', 'relative', '../../../../etc', '/etc'])
      t.is((await volumes.prepare(request([mount({ subpath })])))[0]?.source, join(data('shop_data'), 'etc'), subpath);
  }));

test('a bind source is used as it is, made when it may be, and named when it is not there', (t) =>
  withVolumes(async ({ volumes, rootfs, request }) => {
    const bind = (source: string, createHostPath = false): Mount => mount({ type: MountType.BIND, source, createHostPath });
    t.is((await volumes.prepare(request([bind(rootfs)])))[0]?.source, rootfs);
    const missing = join(rootfs, 'not', 'there');
    await t.throwsAsync(volumes.prepare(request([bind(missing)])), {
      code: 'NOT_FOUND',
      message: `the bind mount source ${missing} (for /data) does not exist on this host`,
    });
    await volumes.prepare(request([bind(missing, true)]));
    t.true((await stat(missing)).isDirectory());
    await writeFile(join(rootfs, 'file'), '');
    await t.throwsAsync(volumes.prepare(request([bind(join(rootfs, 'file', 'below'), true)])), {
      code: 'FAILED_PRECONDITION',
      message: /cannot be made/,
    });
  }));

test('volumes whose names come of a template go with it, others stay', (t) =>
  withVolumes(async ({ volumes, paths, request }) => {
    const templates = new Map([
      ['data-1', 'data-{{.Task.Slot}}'],
      ['data-2', 'data-{{.Task.Slot}}'],
    ]);
    for (const source of ['data-1', 'data-2', 'data-3']) await volumes.prepare(request([mount({ source })], { templates }));
    await volumes.remove('data-{{.Task.Slot}}');
    t.deepEqual(await readdir(volumesDir(paths)), ['data-3']);
  }));

test('a name with a template that comes to the name of another volume of the node is refused, and leaves that one alone', (t) =>
  withVolumes(async ({ volumes, paths, request, data }) => {
    const made = (template: string) => request([mount({ source: 'data-1' })], { templates: new Map([['data-1', template]]) });
    const notOf = (template: string) => ({ code: 'FAILED_PRECONDITION', message: `the volume data-1 of this node is not of ${template}` });
    await volumes.prepare(request([mount({ source: 'data-1' })]));
    await t.throwsAsync(volumes.prepare(made('data-{{.Task.Slot}}')), notOf('data-{{.Task.Slot}}'));
    await volumes.remove('data-{{.Task.Slot}}');
    t.deepEqual(await readdir(join(data('data-1'), '..')), ['_data']);
    await volumes.remove('data-1');
    for (const _ of [1, 2]) await volumes.prepare(made('data-{{.Task.Slot}}'));
    await t.throwsAsync(volumes.prepare(made('{{.Service.Name}}')), notOf('{{.Service.Name}}'));
    await volumes.remove('{{.Service.Name}}');
    t.deepEqual(await readdir(volumesDir(paths)), ['data-1']);
  }));

test('a volume of a template that a crash left without a data folder is made', (t) =>
  withVolumes(async ({ volumes, request, data }) => {
    const templates = new Map([['data-1', 'data-{{.Task.Slot}}']]);
    await mkdir(join(data('data-1'), '..'));
    await volumes.prepare(request([mount({ source: 'data-1' })], { templates }));
    t.deepEqual((await readdir(join(data('data-1'), '..'))).toSorted(), ['_data', '_template']);
  }));

test('a name that comes of a template is one that a volume can have, or refused', (t) =>
  withVolumes(async ({ volumes, request }) => {
    await t.throwsAsync(
      volumes.prepare(request([mount({ source: '../etc' })], { templates: new Map([['../etc', '{{.Node.Hostname}}']]) })),
      {
        code: 'INVALID_ARGUMENT',
      },
    );
  }));

test('an image is mounted read-only, whole or from a folder inside of it', (t) =>
  withVolumes(async ({ paths, rootfs, request }) => {
    await fill(join(rootfs, 'assets'), 1);
    const released: string[] = [];
    const imageMounts = {
      mount: async () => rootfs,
      removeWhere: async (isDoomed: (taskId: string) => boolean) => void released.push(...['task1', 'task2'].filter(isDoomed)),
    };
    const volumes = new Volumes({ paths, remapping: false }, { imageMounts });
    const image = mount({ type: MountType.IMAGE, source: 'site:1' });
    const images = new Map([['site:1', imageNamed('site:1')]]);
    const [whole, part] = await volumes.prepare(request([image, mount({ ...image, subpath: '../assets' })], { images }));
    t.like(whole, { source: rootfs, readOnly: true, kind: 'bind' });
    t.is(part?.source, join(rootfs, 'assets'));
    await t.throwsAsync(volumes.prepare(request([mount({ ...image, subpath: 'none' })], { images })), {
      code: 'NOT_FOUND',
      message: 'the image site:1 has no none (for /data)',
    });
    await volumes.release('task1');
    t.deepEqual(released, ['task1']);
  }));

test('driver_opts that make no sense are refused before anything is mounted', (t) =>
  withVolumes(async ({ paths, request }) => {
    const specs = {
      of: () => ({ name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts: { type: 'nfs' } }),
      apply: async () => undefined,
    };
    const volumes = new Volumes({ paths, remapping: false }, { specs });
    await t.throwsAsync(volumes.prepare(request([mount({})])), {
      code: 'INVALID_ARGUMENT',
      message: /volume shop_data: device is missing/,
    });
    t.deepEqual(await readdir(volumesDir(paths)), []);
  }));
