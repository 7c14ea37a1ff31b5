import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { archiveOf, copyIn, copyOut, onGround } from '../testing/copy-ground.ts';

test('mounts of a container that does not run lie over its files, and its read-only ones refuse a copy', (t) =>
  onGround(async (outer) => {
    const volume = join(outer.outside, 'volume');
    await mkdir(volume);
    await mkdir(join(outer.root, 'data'));
    await mkdir(join(outer.root, 'conf'));
    await writeFile(join(volume, 'v'), 'of the volume');
    const binds = [
      { target: '/data', source: volume, readOnly: false },
      { target: '/conf', source: volume, readOnly: true },
    ];
    const place = { ...outer.place, binds, readOnly: true };
    const ground = { ...outer, ports: { containers: { files: async () => place } } };
    t.is((await copyOut(ground, '/data/v')).entries.get('v')?.text, 'of the volume');
    t.true((await copyOut(ground, '/')).entries.has('./data/v'));
    await copyIn(ground, '/data', archiveOf({ name: 'new', text: 'put' }));
    t.is(await readFile(join(volume, 'new'), 'utf8'), 'put');
    await t.throwsAsync(copyIn(ground, '/conf', archiveOf({ name: 'new' })), { code: 'FAILED_PRECONDITION', message: /read-only/ });
    await t.throwsAsync(copyIn(ground, '/', archiveOf({ name: 'new' })), { code: 'FAILED_PRECONDITION', message: /read-only/ });
  }));

test('what is copied in from above goes into the mounts of a container that does not run yet, never behind them', (t) =>
  onGround(async (outer) => {
    const [volume, conf, config] = [join(outer.outside, 'volume'), join(outer.outside, 'conf'), join(outer.outside, 'config')];
    for (const folder of [volume, conf, join(outer.root, 'data'), join(outer.root, 'ro')]) await mkdir(folder);
    await writeFile(config, 'as it was');
    await writeFile(join(outer.root, 'config'), 'behind');
    await writeFile(join(conf, 'c'), 'kept');
    const binds = [
      { target: '/data', source: volume, readOnly: false },
      { target: '/deep/er', source: volume, readOnly: false },
      { target: '/ro', source: conf, readOnly: true },
      { target: '/config', source: config, readOnly: false },
    ];
    const place = { ...outer.place, binds };
    const ground = { ...outer, ports: { containers: { files: async () => place } } };
    const folder = { kind: 'directory', mode: 0o750 } as const;
    const archive = archiveOf(
      { ...folder, name: 'data/' },
      { name: 'data/v', text: 'put' },
      { kind: 'link', name: 'data/w', linkName: 'data/v' },
      { name: 'deep/er/sub/x', text: 'deep' },
      { name: 'config', text: 'new' },
    );
    await copyIn(ground, '/', archive);
    t.is(await readFile(join(volume, 'v'), 'utf8'), 'put');
    t.is(await readFile(join(volume, 'w'), 'utf8'), 'put');
    t.is(await readFile(join(volume, 'sub/x'), 'utf8'), 'deep');
    t.like(await stat(volume), { mode: 0o40750, mtimeMs: 1_700_000_000_000 });
    t.is(await readFile(config, 'utf8'), 'new');
    t.is(await readFile(join(outer.root, 'config'), 'utf8'), 'behind');
    t.deepEqual([await readdir(join(outer.root, 'data')), await readdir(join(outer.root, 'deep'))], [[], []]);
    for (const name of ['ro/new', 'ro/c', 'ro/sub/new'])
      await t.throwsAsync(copyIn(ground, '/', archiveOf({ name })), { code: 'FAILED_PRECONDITION', message: /read-only/ });
    await t.throwsAsync(copyIn(ground, '/', archiveOf({ ...folder, name: 'ro' })), { message: /read-only/ });
    const across = archiveOf({ kind: 'link', name: 'data/c', linkName: 'ro/c' });
    await t.throwsAsync(copyIn(ground, '/', across), { code: 'FAILED_PRECONDITION', message: /another mount/ });
    const over = archiveOf({ kind: 'symlink', name: 'config', linkName: 'x' });
    await t.throwsAsync(copyIn(ground, '/', over), { code: 'FAILED_PRECONDITION', message: /mounted on it/ });
    const half = archiveOf({ name: 'config', text: 'z'.repeat(50_000) }).subarray(0, 20_000);
    await t.throwsAsync(copyIn(ground, '/', half, { ends: false }), { code: 'CANCELLED' });
    t.is(await readFile(join(outer.root, 'config'), 'utf8'), 'behind');
    t.deepEqual([await readdir(conf), await readFile(join(conf, 'c'), 'utf8')], [['c'], 'kept']);
  }));
