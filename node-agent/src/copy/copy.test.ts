import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PathStat } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { encodeEntry, endOfArchive, type TarEntry } from '../image/tar-format.ts';
import { TarReader } from '../image/tar-reader.ts';
import { copyOutFrames } from '../relay/copy.ts';
import { archiveOf, bare, copyIn, copyOut, entry, type Ground, never, onGround, own, shift } from '../testing/copy-ground.ts';
import { UnpackIn } from './unpack-in.ts';

const untouched = async (t: ExecutionContext, { outside }: Ground): Promise<void> => {
  t.is(await readFile(join(outside, 'secret'), 'utf8'), 'the host’s own');
  t.deepEqual(await readdir(outside), ['secret']);
};

test('a folder comes out with all that is in it: files, links, modes, times, names of any bytes', (t) =>
  onGround(async (ground) => {
    const { root } = ground;
    await mkdir(join(root, 'a/b'), { recursive: true });
    await writeFile(join(root, 'a/b/file'), 'x'.repeat(200_000), { mode: 0o750 });
    await utimes(join(root, 'a/b/file'), 1_600_000_000, 1_600_000_000);
    await symlink('/etc/passwd', join(root, 'a/link'));
    await link(join(root, 'a/b/file'), join(root, 'a/other'));
    await writeFile(Buffer.concat([Buffer.from(`${root}/a/`), Buffer.from([0xff, 0x41])]), 'odd');
    const { path, entries } = await copyOut(ground, '/a');
    t.like(path, { name: 'a', isDirectory: true, missing: false });
    t.deepEqual([...entries.keys()].sort(), ['a/', 'a/b/', 'a/b/file', 'a/link', 'a/other', 'a/\u00ffA'].sort());
    t.like(entries.get('a/b/file'), { kind: 'file', mode: 0o750, mtime: '1600000000', uid: own - shift.base, text: 'x'.repeat(200_000) });
    t.like(entries.get('a/link'), { kind: 'symlink', linkName: '/etc/passwd' });
    t.like(entries.get('a/other'), { kind: 'link', linkName: 'a/b/file' });
  }));

test('what ends with /. comes without a name of its own, a root too', (t) =>
  onGround(async (ground) => {
    await mkdir(join(ground.root, 'a'));
    await writeFile(join(ground.root, 'a/f'), '');
    t.deepEqual([...(await copyOut(ground, 'a/.')).entries.keys()], ['./', './f']);
    t.deepEqual([...(await copyOut(ground, '/')).entries.keys()], ['./', './a/', './a/f']);
    t.deepEqual([...(await copyOut(ground, 'a/../../a')).entries.keys()], ['a/', 'a/f']);
  }));

test('a link is copied as a link unless it is to be followed, and never out of the container', (t) =>
  onGround(async (ground) => {
    const { root, outside } = ground;
    await mkdir(join(root, 'real'));
    await writeFile(join(root, 'real/f'), 'inner');
    await symlink('real', join(root, 'link'));
    await symlink(outside, join(root, 'out'));
    t.like((await copyOut(ground, '/link')).path, { isDirectory: false, linkTarget: 'real' });
    t.is((await copyOut(ground, '/link', { followLinks: true })).entries.get('real/f')?.text, 'inner');
    t.is((await copyOut(ground, '/link/f')).entries.get('f')?.text, 'inner');
    await t.throwsAsync(copyOut(ground, '/out/secret'), { code: 'NOT_FOUND' });
    await t.throwsAsync(copyOut(ground, '/out', { followLinks: true }), { code: 'NOT_FOUND' });
    await t.throwsAsync(copyOut(ground, `/../../../..${outside}/secret`), { code: 'NOT_FOUND' });
  }));

test('a link that leads round in a circle is refused', (t) =>
  onGround(async (ground) => {
    await symlink('b', join(ground.root, 'a'));
    await symlink('a', join(ground.root, 'b'));
    await t.throwsAsync(copyOut(ground, '/a/x'), { code: 'INVALID_ARGUMENT', message: /symbolic links/ });
  }));

test('what stands at a path can be asked alone, nothing included', (t) =>
  onGround(async (ground) => {
    await writeFile(join(ground.root, 'f'), 'four');
    const asked = async (path: string): Promise<PathStat | undefined> => (await copyOut(ground, path, { statOnly: true })).path;
    t.like(await asked('/f'), { name: 'f', sizeBytes: 4, isDirectory: false, missing: false });
    t.like(await asked('/nothing'), { missing: true });
    t.like(await asked('/no/thing'), { missing: true });
    t.like(await asked('/f/thing'), { missing: true });
    await t.throwsAsync(copyOut(ground, '/nothing'), { code: 'NOT_FOUND' });
  }));

test('a file that shrinks while it is copied keeps the archive whole, with a warning', (t) =>
  onGround(async (ground) => {
    const path = join(ground.root, 'log');
    await writeFile(path, 'x'.repeat(1_000_000));
    const frames = copyOutFrames('task', { path: '/log', followLinks: false, statOnly: false }, never, ground.ports);
    const reader = new TarReader();
    const warnings: string[] = [];
    let size = 0;
    for await (const { archive, warning } of frames) {
      if (warning !== undefined) warnings.push(warning);
      for (const event of archive === undefined ? [] : reader.push(archive)) if (event.kind === 'data') size += event.bytes.length;
      await writeFile(path, '');
    }
    reader.finish();
    t.is(size, 1_000_000);
    t.regex(warnings.join(), /became shorter/);
  }));

test('a task that has ended says that its files went with it', async (t) => {
  const ports = { containers: { files: async () => undefined } };
  const frames = copyOutFrames('task', { path: '/', followLinks: false, statOnly: false }, never, ports);
  await t.throwsAsync(frames.next(), { code: 'FAILED_PRECONDITION', message: /has ended/ });
});

test('an archive is unpacked with modes, times and links, and what was there is replaced', (t) =>
  onGround(async (ground) => {
    const { root } = ground;
    await writeFile(join(root, 'old'), 'old');
    const sent = await copyIn(
      ground,
      '/',
      archiveOf(
        { name: 'd/', kind: 'directory', mode: 0o700 },
        { name: 'd/f', text: 'y'.repeat(100_000), mode: 0o4751 },
        { name: 'd/l', kind: 'symlink', linkName: '/anywhere' },
        { name: 'd/h', kind: 'link', linkName: 'd/f' },
        { name: 'made/on/the/way', text: 'w' },
        { name: 'old', text: 'new' },
        { name: 'pipe', kind: 'fifo' },
      ),
    );
    t.deepEqual(sent.at(-1), { end: true });
    t.regex(sent[0]?.warning ?? '', /pipe/);
    const looks = await stat(join(root, 'd/f'));
    t.is(looks.mode & 0o7777, 0o4751);
    t.is(looks.mtimeMs, 1_700_000_000_000);
    t.is(looks.nlink, 2);
    t.is((await stat(join(root, 'd'))).mtimeMs, 1_700_000_000_000);
    t.is((await stat(join(root, 'd'))).mode & 0o7777, 0o700);
    t.is(await readlink(join(root, 'd/l')), '/anywhere');
    t.is(await readFile(join(root, 'made/on/the/way'), 'utf8'), 'w');
    t.is(await readFile(join(root, 'old'), 'utf8'), 'new');
  }));

test('a folder is not replaced by a file, nor a file by a folder', (t) =>
  onGround(async (ground) => {
    await mkdir(join(ground.root, 'folder'));
    await writeFile(join(ground.root, 'file'), '');
    await t.throwsAsync(copyIn(ground, '/', archiveOf({ name: 'folder', text: 'x' })), {
      code: 'FAILED_PRECONDITION',
      message: /is a folder/,
    });
    await t.throwsAsync(copyIn(ground, '/', archiveOf({ name: 'file/', kind: 'directory' })), {
      code: 'FAILED_PRECONDITION',
      message: /not a folder/,
    });
    await t.throwsAsync(copyIn(ground, '/file', archiveOf({ name: 'x' })), { code: 'FAILED_PRECONDITION' });
    await t.throwsAsync(copyIn(ground, '/missing', archiveOf({ name: 'x' })), { code: 'NOT_FOUND' });
  }));

test('owners are root’s unless they are to be kept, and those that the user namespace lacks are refused', (t) =>
  onGround(async (ground) => {
    await copyIn(ground, '/', archiveOf({ name: 'f', uid: 1234, gid: 1234 }));
    t.is((await stat(join(ground.root, 'f'))).uid, shift.base);
    await t.throwsAsync(copyIn(ground, '/', archiveOf({ name: 'g', uid: 1234 }), { keepOwner: true }), {
      code: 'INVALID_ARGUMENT',
      message: /1234/,
    });
    t.is(await lstat(join(ground.root, 'g')).catch(() => 'none'), 'none', 'no half file is left');
  }));

test('an archive that breaks off is an error, and its half file is taken away', (t) =>
  onGround(async (ground) => {
    const archive = archiveOf({ name: 'whole', text: 'w' }, { name: 'half', text: 'z'.repeat(50_000) });
    await t.throwsAsync(copyIn(ground, '/', archive.subarray(0, 20_000), { ends: false }), { code: 'CANCELLED' });
    await t.throwsAsync(copyIn(ground, '/', archive.subarray(0, 20_000)), { code: 'DATA_LOSS' });
    t.is(await readFile(join(ground.root, 'whole'), 'utf8'), 'w');
    t.is(await lstat(join(ground.root, 'half')).catch(() => 'none'), 'none');
  }));

test('a half file that became a folder meanwhile stays, and nothing is left open', (t) =>
  onGround(async ({ root }) => {
    const base = await open(root, constants.O_RDONLY);
    const unpack = new UnpackIn({ handle: base, path: '/' }, bare, { keepOwner: false });
    await unpack.push(archiveOf({ name: 'd/half', text: 'z'.repeat(50_000) }).subarray(0, 20_000));
    await rm(join(root, 'd/half'));
    await mkdir(join(root, 'd/half'));
    await unpack.close();
    await base.close();
    const handles = await readdir('/proc/self/fd');
    const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    t.deepEqual(
      targets.filter((target) => target.startsWith(root)),
      [],
    );
  }));

test('a folder that was taken away while the rest was copied stays away', (t) =>
  onGround(async ({ root }) => {
    const base = await open(root, constants.O_RDONLY);
    const unpack = new UnpackIn({ handle: base, path: '/' }, bare, { keepOwner: false });
    const folder = { kind: 'directory', mode: 0o755 } as const;
    await unpack.push(archiveOf({ ...folder, name: 'gone' }, { ...folder, name: 'kept' }, { name: 'kept/file', text: 'x' }));
    await rm(join(root, 'gone'), { recursive: true });
    await unpack.finish();
    await unpack.close();
    await base.close();
    t.deepEqual(await readdir(root), ['kept']);
    t.is((await stat(join(root, 'kept'))).mtimeMs, 1_700_000_000_000);
  }));

/** Names as an attacker would choose them, links that lead everywhere. */
const evilName = (outside: string) =>
  fc
    .array(fc.constantFrom('..', '.', '', 'a', 'b', 'out', 'up', 'secret', outside, '/etc'), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'));

test('whatever an archive holds, nothing outside of the container changes', (t) =>
  onGround(async (ground) => {
    const { root, outside } = ground;
    const item = fc.record({
      name: evilName(outside),
      kind: fc.constantFrom<TarEntry['kind']>('file', 'directory', 'symlink', 'link'),
      linkName: fc.oneof(evilName(outside), fc.constantFrom(outside, '/', `${outside}/secret`, '../outside', '../outside/secret')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (items) => {
        await rm(root, { recursive: true, force: true });
        await mkdir(join(root, 'dest'), { recursive: true });
        await symlink(outside, join(root, 'dest/out'));
        await symlink('../../outside', join(root, 'dest/up'));
        // Refused or unpacked, one entry after the other: an archive of its own each, so that one refusal does not hide the next.
        for (const { name, kind, linkName } of items) {
          if (name === '') continue;
          const change = kind === 'symlink' || kind === 'link' ? { linkName } : {};
          await copyIn(ground, '/dest', archiveOf({ name, kind, ...change, ...(kind === 'file' ? { text: 'evil' } : {}) })).catch(
            () => undefined,
          );
        }
        await untouched(t, ground);
        t.deepEqual((await lstat(join(outside, 'secret'))).nlink, 1, 'no other name was made for what is outside');
      }),
      { numRuns: 150 },
    );
  }));

test('whatever path is asked for, nothing outside of the container comes out', (t) =>
  onGround(async (ground) => {
    const { root, outside } = ground;
    await mkdir(join(root, 'a/b'), { recursive: true });
    await symlink(outside, join(root, 'out'));
    await symlink('../../../outside', join(root, 'a/b/up'));
    await symlink('/', join(root, 'a/out'));
    await fc.assert(
      fc.asyncProperty(evilName(outside), fc.boolean(), async (path, followLinks) => {
        const { entries } = await copyOut(ground, path, { followLinks }).catch(() => ({ entries: new Map<string, { text: string }>() }));
        t.false([...entries.values()].some(({ text }) => text.includes('own')));
      }),
      { numRuns: 300 },
    );
  }));

test('folders that are swapped for links meanwhile lead nowhere, in neither direction', (t) =>
  onGround(async (ground) => {
    const { root, outside } = ground;
    await mkdir(join(root, 'real'));
    await writeFile(join(root, 'real/secret'), 'inner');
    await symlink(outside, join(root, 'evil'));
    let stop = false;
    const swap = (async () => {
      while (!stop) {
        for (const name of ['real', 'evil']) {
          await rename(join(root, name), join(root, 'd'));
          await rename(join(root, 'd'), join(root, name));
        }
      }
    })();
    let found = 0;
    try {
      for (let round = 0; round < 400; round += 1) {
        const { entries } = await copyOut(ground, '/d/secret').catch(() => ({ entries: new Map<string, { text: string }>() }));
        const text = entries.get('secret')?.text ?? '';
        t.false(text.includes('own'));
        if (text === 'inner') found += 1;
        await copyIn(ground, '/d', archiveOf({ name: 'secret', text: 'inner' })).catch(() => undefined);
        await copyIn(ground, '/', archiveOf({ name: 'd/secret', text: 'inner' })).catch(() => undefined);
      }
    } finally {
      stop = true;
      await swap.catch(() => undefined);
    }
    await untouched(t, ground);
    t.true(found > 0, 'the folder was found at least once, so the race was run');
  }));

test('a large archive is unpacked and read in bounded memory', (t) =>
  onGround(async (ground) => {
    const base = await open(ground.root, constants.O_RDONLY | constants.O_DIRECTORY);
    const unpack = new UnpackIn({ handle: base, path: '/' }, bare, { keepOwner: false });
    const size = 96 * 1024 * 1024;
    const piece = randomBytes(1024 * 1024);
    try {
      const before = process.memoryUsage().arrayBuffers;
      for (const part of encodeEntry(entry('large', { sizeBytes: size }))) await unpack.push(part);
      for (let at = 0; at < size; at += piece.length) await unpack.push(piece);
      await unpack.push(endOfArchive());
      await unpack.finish();
      let largest = 0;
      let bytes = 0;
      for await (const { archive } of copyOutFrames('task', { path: '/large', followLinks: false, statOnly: false }, never, ground.ports)) {
        bytes += archive?.length ?? 0;
        largest = Math.max(largest, archive?.length ?? 0);
      }
      t.true(bytes > size);
      t.true(largest <= 128 * 1024, `a frame of ${largest} bytes`);
      t.true(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
    } finally {
      await unpack.close();
      await base.close();
    }
  }));
