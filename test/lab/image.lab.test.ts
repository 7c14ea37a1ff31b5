import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { dockerArchive, type EntryWish, imageOf, ociArchive, piecesOf, sha256, tarOf } from './support/image-fixtures.ts';
import { failure, importTar, inLab, loadOne, mounted } from './support/image-lab.ts';

const mountinfo = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

/** The extended attributes of a file, as GNU tar sees them. */
const xattrsOf = async (folder: string, name: string): Promise<string> =>
  (await runCommand('tar', ['-C', folder, '--xattrs', '--xattrs-include=*', '--no-recursion', '-cf', '-', name])).stdout;

const capability = String.fromCharCode(1, 0, 0, 2, 0x80, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

const looks: readonly EntryWish[] = [
  { name: './', kind: 'directory', mode: 0o751 },
  { name: 'usr/', kind: 'directory', mode: 0o755, mtime: '1600000000' },
  { name: 'usr/su', mode: 0o4755, content: 'su', uid: 0, gid: 42 },
  { name: 'usr/again', kind: 'link', linkName: './usr/su' },
  {
    name: 'usr/ping',
    content: 'ping',
    xattrs: new Map([
      ['security.capability', capability],
      ['user.note', 'x\u00ff'],
      ['trusted.overlay.redirect', '/etc'],
    ]),
  },
  { name: 'data', kind: 'directory', mode: 0o1777, uid: 999, gid: 998 },
  { name: 'data/late', content: 'late', uid: 3_000_000, gid: 3_000_001, mtime: '1500000000.25' },
  { name: 'abs', kind: 'symlink', linkName: '/etc/passwd' },
  { name: 'pipe', kind: 'fifo', mode: 0o600 },
  { name: 'null', kind: 'char', mode: 0o666, devMajor: 1, devMinor: 3 },
  { name: `long/${'n'.repeat(150)}/${'m'.repeat(200)}`, content: 'deep' },
  { name: 'caf\u00e9-latin1', content: 'bytes' },
];

inLab('an imported root filesystem keeps owners, modes, times, links, devices and attributes', async (t, lab) => {
  const image = await lab.images.importRootfs(piecesOf(tarOf(looks), 1000), { name: 'base', changes: ['CMD ["/bin/app"]', 'ENV A=1'] });
  t.deepEqual(image.names, ['docker.io/library/base:latest']);
  t.deepEqual(image.config.command, ['/bin/app']);
  const root = await lab.rootfses.mount('c1', await lab.images.layerFolders(image));
  const at = (name: string): string => join(root, name);
  t.is(statSync(root).mode & 0o7777, 0o751);
  t.is(statSync(at('usr')).mtimeMs, 1_600_000_000_000);
  t.like(statSync(at('usr/su')), { mode: 0o104755, gid: 42, nlink: 2 });
  t.is(readFileSync(at('usr/again'), 'utf8'), 'su');
  t.like(statSync(at('data')), { mode: 0o041777, uid: 999, gid: 998 });
  t.like(statSync(at('data/late')), { uid: 3_000_000, gid: 3_000_001, mtimeMs: 1_500_000_000_250 });
  t.is(readlinkSync(at('abs')), '/etc/passwd');
  t.true(lstatSync(at('pipe')).isFIFO());
  t.like(lstatSync(at('null')), { rdev: 0x103 });
  t.is(readFileSync(at(`long/${'n'.repeat(150)}/${'m'.repeat(200)}`), 'utf8'), 'deep');
  t.true(readdirSync(root, 'buffer').some((name) => name.equals(Buffer.from('caf\u00e9-latin1', 'latin1'))));
  const attributes = await xattrsOf(root, 'usr/ping');
  t.true(attributes.includes('SCHILY.xattr.security.capability='));
  t.true(attributes.includes('SCHILY.xattr.user.note='));
  t.false(attributes.includes('trusted.overlay.redirect'), 'a layer cannot steer overlayfs');
});

inLab('a plain, a gzip and a zstd tar make the same layer', async (t, lab) => {
  const tar = tarOf([{ name: 'a', content: 'x'.repeat(100_000) }]);
  for (const [name, bytes] of [
    ['plain', tar],
    ['gz', gzipSync(tar)],
    ['zst', zstdCompressSync(tar)],
  ] as const) {
    t.deepEqual((await importTar(lab, bytes, name)).layers, [sha256(tar)]);
  }
  t.is(lab.contents().filter((name) => name.startsWith('layers/')).length, 1);
});

inLab('an import of an image archive, of nothing, and of a wrong change is refused and leaves nothing', async (t, lab) => {
  const archive = ociArchive([{ image: imageOf([tarOf([{ name: 'a' }])]), name: 'a:1' }]);
  t.like(await failure(t, importTar(lab, archive)), { code: 'INVALID_ARGUMENT', hint: 'Load it: tso image load FILE' });
  t.is((await failure(t, importTar(lab, new Uint8Array(0)))).code, 'INVALID_ARGUMENT');
  t.is((await failure(t, importTar(lab, Buffer.from('this is no tar at all'.repeat(100))))).code, 'DATA_LOSS');
  t.is((await failure(t, lab.images.importRootfs(piecesOf(tarOf([])), { name: 'a', changes: ['RUN x'] }))).code, 'INVALID_ARGUMENT');
  t.deepEqual(lab.contents(), []);
  t.deepEqual(lab.images.list(), []);
});

const twoLayers = [tarOf([{ name: 'a', content: '1' }]), tarOf([{ name: 'b', content: '2' }])];

inLab('an OCI archive and a docker-archive of the same image have the same layers and configuration', async (t, lab) => {
  const fixture = imageOf(twoLayers);
  const oci = await loadOne(lab, fixture, 'reg.example/app:2');
  t.deepEqual(oci.names, ['reg.example/app:2']);
  t.is(oci.id, fixture.config.digest);
  t.is(oci.digest, fixture.manifest.digest);
  t.is(oci.createdAtMs, Date.UTC(2024, 0, 2, 3, 4, 5));
  const [docker] = await lab.images.load(piecesOf(gzipSync(dockerArchive(fixture, ['app:2', 'app:latest']))));
  t.is(docker?.id, oci.id);
  t.deepEqual(docker?.layers, oci.layers);
  t.is(lab.images.find('app')?.id, oci.id);
  t.is(lab.images.find(oci.id.slice(7, 19))?.id, oci.id);
});

inLab('equal layers of a docker-archive may be symlinks to one another', async (t, lab) => {
  const fixture = imageOf([tarOf([{ name: 'a' }]), tarOf([{ name: 'a' }]), tarOf([{ name: 'b' }])]);
  const [image] = await lab.images.load(piecesOf(zstdCompressSync(dockerArchive(fixture, ['app:1']))));
  t.is(image?.layers.length, 3);
  t.is(new Set(image === undefined ? [] : await lab.images.layerFolders(image)).size, 3);
});

inLab('archives written by skopeo are loaded with their names', async (t, lab) => {
  const source = join(lab.dir, 'in.tar');
  writeFileSync(source, ociArchive([{ image: imageOf(twoLayers, { gzip: true }), name: 'example/app:1' }]));
  for (const [form, name] of [
    ['docker-archive', 'docker.io/library/made:3'],
    ['oci-archive', 'quay.io/made/by:skopeo'],
  ] as const) {
    const target = join(lab.dir, `${form}.tar`);
    await runCommand('skopeo', ['--insecure-policy', 'copy', '-q', `oci-archive:${source}:example/app:1`, `${form}:${target}:${name}`]);
    const [image] = await lab.images.load(piecesOf(readFileSync(target)));
    t.deepEqual(image?.names, [name]);
    t.deepEqual(image?.layers, twoLayers.map(sha256));
  }
});

inLab('a layer folder packed by umoci is loaded and shows its whiteouts', async (t, lab) => {
  const layout = join(lab.dir, 'layout');
  const bundle = join(lab.dir, 'bundle');
  await runCommand('umoci', ['init', '--layout', layout]);
  await runCommand('umoci', ['new', '--image', `${layout}:v1`]);
  await runCommand('umoci', ['unpack', '--image', `${layout}:v1`, bundle]);
  mkdirSync(join(bundle, 'rootfs/etc'));
  writeFileSync(join(bundle, 'rootfs/etc/one'), '1');
  writeFileSync(join(bundle, 'rootfs/etc/two'), '2');
  await runCommand('umoci', ['repack', '--refresh-bundle', '--image', `${layout}:v1`, bundle]);
  await runCommand('rm', [join(bundle, 'rootfs/etc/one')]);
  await runCommand('umoci', ['repack', '--image', `${layout}:v1`, bundle]);
  await runCommand('tar', ['-C', layout, '-cf', join(lab.dir, 'umoci.tar'), '.']);
  const [image] = await lab.images.load(piecesOf(readFileSync(join(lab.dir, 'umoci.tar'))));
  if (image === undefined) return t.fail();
  t.deepEqual(image.names, [], 'a tag alone names no image');
  const root = await lab.rootfses.mount('c1', await lab.images.layerFolders(image));
  t.deepEqual(readdirSync(join(root, 'etc')), ['two']);
});

inLab('whiteouts and opaque directories hide what lies below, whatever their order', async (t, lab) => {
  const root = await mounted(lab, [
    [
      { name: 'keep', content: 'low' },
      { name: 'gone', content: 'low' },
      { name: 'dir/old', content: 'low' },
      { name: 'dir/sub/old', content: 'low' },
      { name: 'anew/old', content: 'low' },
      { name: 'back', content: 'low' },
      { name: 'wholly/old' },
    ],
    [
      { name: '.wh.gone' },
      { name: 'dir/new', content: 'high' },
      { name: 'dir/.wh..wh..opq' },
      { name: '.wh.anew' },
      { name: 'anew/new', content: 'high' },
      { name: 'back', content: 'high' },
      { name: '.wh.back' },
      { name: '.wh.wholly' },
      { name: '.wh.never-there' },
      { name: '.wh..wh.plnk/1.2', content: 'aufs' },
    ],
  ]);
  t.deepEqual(readdirSync(root).sort(), ['anew', 'back', 'dir', 'keep']);
  t.deepEqual(readdirSync(join(root, 'dir')), ['new']);
  t.deepEqual(readdirSync(join(root, 'anew')), ['new']);
  t.is(readFileSync(join(root, 'back'), 'utf8'), 'high');
});

inLab('an entry named twice is what it was named last, and folders keep their times', async (t, lab) => {
  const root = await mounted(lab, [
    [
      { name: 'dir', kind: 'directory', mtime: '1300000000' },
      { name: 'dir/link', kind: 'symlink', linkName: '/etc' },
      { name: 'dir/link', kind: 'symlink', linkName: '/usr' },
      { name: 'dir/file', content: '1' },
      { name: 'dir/file', content: '22' },
      { name: 'dir/tree/a/b', content: 'x' },
      { name: 'dir/tree', content: 'file' },
      { name: 'dir/plain', content: 'x' },
      { name: 'dir/plain', kind: 'directory' },
    ],
  ]);
  t.is(readlinkSync(join(root, 'dir/link')), '/usr');
  t.is(readFileSync(join(root, 'dir/file'), 'utf8'), '22');
  t.is(readFileSync(join(root, 'dir/tree'), 'utf8'), 'file');
  t.true(statSync(join(root, 'dir/plain')).isDirectory());
  t.is(statSync(join(root, 'dir')).mtimeMs, 1_300_000_000_000);
});

inLab('an opaque root hides every layer below', async (t, lab) => {
  const root = await mounted(lab, [[{ name: 'old' }], [{ name: '.wh..wh..opq' }, { name: 'new' }], [{ name: 'top' }]]);
  t.deepEqual(readdirSync(root).sort(), ['new', 'top']);
});

inLab('a directory that a layer only implies looks as in the layer below', async (t, lab) => {
  const root = await mounted(lab, [
    [
      { name: './', kind: 'directory', mode: 0o711 },
      { name: 'tmp', kind: 'directory', mode: 0o1777, uid: 7, mtime: '1400000000' },
    ],
    [{ name: 'tmp/x/y', content: 'y' }],
  ]);
  t.is(statSync(root).mode & 0o7777, 0o711);
  t.like(statSync(join(root, 'tmp')), { mode: 0o041777, uid: 7, mtimeMs: 1_400_000_000_000 });
  t.is(statSync(join(root, 'tmp/x')).mode & 0o7777, 0o755);
});

inLab('two containers of one image write apart from each other and from the image', async (t, lab) => {
  const image = await importTar(lab, tarOf([{ name: 'file', content: 'image' }, { name: 'dir/a' }]));
  const folders = await lab.images.layerFolders(image);
  const one = await lab.rootfses.mount('one', folders);
  const two = await lab.rootfses.mount('two', folders);
  writeFileSync(join(one, 'file'), 'mine');
  await runCommand('rm', ['-r', join(one, 'dir')]);
  t.is(readFileSync(join(two, 'file'), 'utf8'), 'image');
  t.true(existsSync(join(two, 'dir/a')));
  t.is(await lab.rootfses.mount('one', folders), one);
  t.is(readFileSync(join(one, 'file'), 'utf8'), 'mine', 'mounting again changes nothing');
  t.deepEqual(await lab.rootfses.list(), ['one', 'two']);
  await lab.rootfses.remove('one');
  await lab.rootfses.remove('one');
  t.is(readFileSync(join(folders[0] ?? '', 'file'), 'utf8'), 'image');
  t.deepEqual(await lab.rootfses.list(), ['two']);
});

inLab('what a container wrote is there again after a reboot took the mount away', async (t, lab) => {
  const folders = await lab.images.layerFolders(await importTar(lab, tarOf([{ name: 'a', content: '1' }])));
  const root = await lab.rootfses.mount('c1', folders);
  writeFileSync(join(root, 'mine'), 'kept');
  await runCommand('umount', [root]);
  t.is(await lab.rootfses.mount('c1', folders), root);
  t.is(readFileSync(join(root, 'mine'), 'utf8'), 'kept');
});

inLab('a root filesystem in use is removed nevertheless, names that are not UTF-8 too', async (t, lab) => {
  const root = await lab.rootfses.mount('busy', await lab.images.layerFolders(await importTar(lab, tarOf([{ name: 'a' }]))));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'x');
  const open = openSync(join(root, 'a'), 'r');
  try {
    await lab.rootfses.remove('busy');
    t.false(existsSync(join(lab.paths.dataDir, 'rootfs/busy')));
    t.false(mountinfo().includes(lab.dir));
  } finally {
    closeSync(open);
  }
});

inLab('an image of no layers mounts as an empty folder', async (t, lab) => {
  const root = await mounted(lab, []);
  t.deepEqual(readdirSync(root), []);
  writeFileSync(join(root, 'a'), 'x');
  t.is(statSync(root).mode & 0o777, 0o755);
});

inLab('an image of 120 layers mounts, the topmost on top', async (t, lab) => {
  const root = await mounted(
    lab,
    Array.from({ length: 120 }, (_, n) => [
      { name: `f${n}`, content: `${n}` },
      { name: 'last', content: `${n}` },
    ]),
  );
  t.is(readdirSync(root).length, 121);
  t.is(readFileSync(join(root, 'last'), 'utf8'), '119');
});

inLab('as many layers as overlayfs stacks can be mounted, one more is refused', async (t, lab) => {
  const folders = Array.from({ length: 501 }, (_, n) => join(lab.dir, `a-folder-with-a-rather-long-name-${n}`));
  for (const folder of folders) mkdirSync(folder);
  const root = await lab.rootfses.mount('c1', folders.slice(0, 500));
  t.true(existsSync(root));
  t.is((await failure(t, lab.rootfses.mount('c2', folders))).code, 'RESOURCE_EXHAUSTED');
});

inLab('a container id that is no file name is refused', async (t, lab) => {
  for (const id of ['..', '.', '', 'a/b', '/etc', 'a\0b'])
    t.is((await failure(t, lab.rootfses.mount(id, []))).code, 'INVALID_ARGUMENT', id);
});

inLab('a layer of another content than its diffID says is refused and leaves nothing', async (t, lab) => {
  const fixture = imageOf(twoLayers, { diffIds: [sha256(twoLayers[0] ?? ''), sha256('something else')] });
  const error = await failure(t, loadOne(lab, fixture));
  t.like(error, { code: 'DATA_LOSS' });
  t.regex(error.message, /diffID/);
  t.deepEqual(lab.contents(), []);
  t.deepEqual(lab.images.list(), []);
});

inLab('an archive whose blob is damaged, lacking or cut short is refused and leaves nothing', async (t, lab) => {
  const fixture = imageOf(twoLayers, { gzip: true });
  const whole = ociArchive([{ image: fixture, name: 'a:1' }]);
  const flipped = Buffer.from(whole);
  const at = flipped.indexOf(fixture.layers[1]?.bytes ?? '') + 20;
  flipped[at] = (flipped[at] ?? 0) ^ 0xff;
  const lacking = ociArchive([{ image: { ...fixture, layers: fixture.layers.slice(0, 1) }, name: 'a:1' }]);
  for (const bytes of [flipped, lacking, whole.subarray(0, 3000), gzipSync(whole).subarray(0, 700)]) {
    t.is((await failure(t, lab.images.load(piecesOf(bytes)))).code, 'DATA_LOSS');
    t.deepEqual(lab.contents(), []);
  }
  t.is((await failure(t, lab.images.load(piecesOf(tarOf([{ name: 'etc/passwd' }]))))).code, 'INVALID_ARGUMENT');
});

inLab('a load that is cancelled in its midst leaves nothing', async (t, lab) => {
  const abort = new AbortController();
  const bytes = ociArchive([{ image: imageOf([tarOf([{ name: 'a', content: 'x'.repeat(1_000_000) }])]), name: 'a:1' }]);
  async function* halting(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 500_000);
    abort.abort();
    yield bytes.subarray(500_000);
  }
  t.is((await failure(t, lab.images.load(halting(), { signal: abort.signal }))).code, 'CANCELLED');
  t.deepEqual(lab.contents(), []);
});

inLab('images are known after a restart, and what a crash left half-made is gone', async (t, lab) => {
  const image = await loadOne(lab, imageOf(twoLayers));
  const images = join(lab.paths.dataDir, 'images');
  writeFileSync(join(images, 'tmp/blob-9'), 'half');
  mkdirSync(join(images, 'tmp/layer-9/fs/a'), { recursive: true });
  writeFileSync(join(images, 'blobs/sha256', 'ab'.repeat(32)), 'unreferenced');
  mkdirSync(join(images, 'layers', 'cd'.repeat(32)));
  const before = lab.contents().filter((name) => !/ab(ab)+$|cd(cd)+$|-9$/.test(name));
  const again = await lab.reopened();
  t.deepEqual(again.list(), [image]);
  t.deepEqual(lab.contents(), before);
});

inLab('an image that lost a blob is left out, its layers stay, and loading it again makes it whole', async (t, lab) => {
  const fixture = imageOf(twoLayers);
  await loadOne(lab, fixture);
  await runCommand('rm', [join(lab.paths.dataDir, 'images/blobs/sha256', fixture.config.digest.slice(7))]);
  const again = await lab.reopened();
  t.deepEqual(again.list(), []);
  t.is(lab.contents().filter((name) => name.startsWith('layers/')).length, 2);
  const [image] = await again.load(piecesOf(ociArchive([{ image: fixture, name: 'example/app:1' }])));
  t.is(image?.id, fixture.config.digest);
  t.deepEqual((await lab.reopened()).list().length, 1);
});

inLab('removing an image takes the layers and blobs that no other image needs', async (t, lab) => {
  const [low = new Uint8Array(0), high = new Uint8Array(0)] = twoLayers;
  const base = await loadOne(lab, imageOf([low]), 'base:1');
  const before = lab.contents();
  const app = await loadOne(lab, imageOf([low, high]), 'app:1');
  await loadOne(lab, imageOf([low, high]), 'app:2');
  t.is((await failure(t, lab.images.remove(app.id, new Set()))).code, 'CONFLICT', 'it has two names');
  await lab.images.remove('app:1', new Set([app.id]));
  t.deepEqual(lab.images.find('app:2')?.names, ['docker.io/library/app:2']);
  t.is((await failure(t, lab.images.remove('app:2', new Set([app.id])))).code, 'CONFLICT', 'a container needs it');
  await lab.images.remove('app:2', new Set());
  t.deepEqual(lab.contents(), before);
  await lab.images.remove(base.id.slice(0, 20), new Set());
  t.deepEqual(lab.contents(), []);
  t.is((await failure(t, lab.images.remove('base:1', new Set()))).code, 'NOT_FOUND');
});

inLab('a name given to a newer image leaves the older one without it, for its containers', async (t, lab) => {
  const older = await importTar(lab, twoLayers[0] ?? new Uint8Array(0));
  const newer = await importTar(lab, twoLayers[1] ?? new Uint8Array(0));
  t.is(lab.images.find('base')?.id, newer.id);
  t.deepEqual(lab.images.find(older.id)?.names, []);
  t.is((await lab.images.layerFolders(older)).length, 1);
});

inLab('a remapped container gets copies of the layers with every owner moved, made once', async (t, lab) => {
  const shift = { base: 100_000, size: 65_536 };
  const image = await loadOne(
    lab,
    imageOf([tarOf(looks.filter(({ name }) => name !== 'data/late')), tarOf([{ name: 'data/new', uid: 5, gid: 6 }])]),
  );
  const folders = await lab.images.layerFolders(image, shift);
  t.deepEqual(await lab.images.layerFolders(image, shift), folders);
  const root = await lab.rootfses.mount('c1', folders, shift);
  t.like(statSync(root), { uid: 100_000, gid: 100_000 });
  t.like(statSync(join(root, 'usr/su')), { uid: 100_000, gid: 100_042, mode: 0o104755 });
  t.like(statSync(join(root, 'data')), { uid: 100_999, gid: 100_998, mode: 0o041777 });
  t.like(statSync(join(root, 'data/new')), { uid: 100_005, gid: 100_006 });
  t.like(lstatSync(join(root, 'abs')), { uid: 100_000 });
  t.like(statSync(join(root, '..')), { gid: 100_000, mode: 0o040710 });
  t.true((await xattrsOf(root, 'usr/ping')).includes('SCHILY.xattr.security.capability='));
  const plain = await lab.rootfses.mount('c2', await lab.images.layerFolders(image));
  t.like(statSync(join(plain, 'usr/su')), { uid: 0, gid: 42 });
  t.is((await failure(t, lab.images.layerFolders(await importTar(lab, tarOf(looks)), shift))).code, 'FAILED_PRECONDITION');
});
