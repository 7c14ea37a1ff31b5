import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { LayerFilter, type LayerSummary, shiftCapability } from './layer-filter.ts';
import { bytesOf, encodeEntry, endOfArchive, noXattrs, padding, type TarEntry } from './tar-format.ts';
import { joinBytes, TarReader } from './tar-reader.ts';
import type { IdShift } from './types.ts';

type Wish = Partial<TarEntry> & { readonly name: string; readonly content?: string };

const entryOf = ({ content = '', ...wish }: Wish): TarEntry => ({
  kind: 'file',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: '1',
  devMajor: 0,
  devMinor: 0,
  xattrs: noXattrs,
  ...wish,
  sizeBytes: content.length,
});

const tarOf = (wishes: readonly Wish[]): Uint8Array =>
  joinBytes([
    ...wishes.flatMap((wish) => [...encodeEntry(entryOf(wish)), bytesOf(wish.content ?? ''), padding(wish.content?.length ?? 0)]),
    endOfArchive(),
  ]);

interface Filtered {
  /** The archives for one GNU tar after another, and what is deleted between them. */
  readonly runs: readonly (readonly TarEntry[])[];
  readonly removed: readonly (readonly string[])[];
  readonly summary: LayerSummary;
}

const filter = (wishes: readonly Wish[], shift?: IdShift, pieceBytes = 700): Filtered => {
  const layer = new LayerFilter({ shift });
  const tar = tarOf(wishes);
  const steps = [];
  for (let at = 0; at < tar.length; at += pieceBytes) steps.push(...layer.push(tar.subarray(at, at + pieceBytes)));
  const { rest, summary } = layer.finish();
  const archives: Uint8Array[][] = [[]];
  const removed: (readonly string[])[] = [];
  for (const step of [...steps, ...rest]) {
    if (step.kind === 'bytes') archives.at(-1)?.push(...step.parts.map((part) => part.slice()));
    else {
      removed.push(step.remove);
      archives.push([]);
    }
  }
  const runs = archives.map((parts) => {
    const reader = new TarReader();
    const entries = [...reader.push(joinBytes(parts))].flatMap((event) => (event.kind === 'entry' ? [event.entry] : []));
    reader.finish();
    return entries;
  });
  return { runs, removed, summary };
};

const names = (wishes: readonly Wish[]): readonly string[] =>
  filter(wishes)
    .runs.flat()
    .map(({ name }) => name);
const refused = (t: { throws: (f: () => unknown, e: { instanceOf: typeof TsoError }) => TsoError }, wishes: readonly Wish[]): string =>
  t.throws(() => filter(wishes), { instanceOf: TsoError }).code;

test('names come out relative and plain, folders that nothing named before what lies in them', (t) => {
  t.deepEqual(names([{ name: './' }].map((wish) => ({ ...wish, kind: 'directory' as const }))), ['./']);
  t.deepEqual(names([{ name: '//a/./b//c' }]), ['a', 'a/b', 'a/b/c']);
});

test('symlinks of the layer are followed as in a chroot', (t) => {
  t.deepEqual(names([{ name: 'a', kind: 'symlink', linkName: '/etc' }, { name: 'a/b' }]), ['a', 'etc', 'etc/b']);
  t.deepEqual(names([{ name: 'd', kind: 'directory' }, { name: 'd/up', kind: 'symlink', linkName: '../../../x' }, { name: 'd/up/y' }]), [
    'd',
    'd/up',
    'x',
    'x/y',
  ]);
});

test('what climbs, loops or lies in a file is refused', (t) => {
  for (const name of ['../a', 'a/../../b', '..', '/..', 'a/..']) t.is(refused(t, [{ name }]), 'DATA_LOSS', name);
  t.is(refused(t, [{ name: 'a', kind: 'symlink', linkName: 'a' }, { name: 'a/b' }]), 'DATA_LOSS');
  t.is(refused(t, [{ name: 'a' }, { name: 'a/b' }]), 'DATA_LOSS');
  t.is(refused(t, [{ name: '.', kind: 'symlink', linkName: '/' }]), 'DATA_LOSS');
});

test('a hard link points to an earlier file of the layer, or is refused', (t) => {
  t.is(filter([{ name: 'a/b' }, { name: 'c', kind: 'link', linkName: '/a/./b' }]).runs[0]?.at(-1)?.linkName, 'a/b');
  for (const linkName of ['/etc/passwd', '../a', 'a', 'x/y', ''])
    t.is(
      refused(t, [
        { name: 'a', kind: 'directory' },
        { name: 'c', kind: 'link', linkName },
      ]),
      'DATA_LOSS',
      linkName,
    );
  t.is(
    refused(t, [
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'b', kind: 'link', linkName: 'a' },
      { name: 'b/passwd/x' },
      { name: 'etc/passwd', content: 'x' },
      { name: 'b/passwd', kind: 'link', linkName: '../x' },
    ]),
    'DATA_LOSS',
  );
  t.deepEqual(names([{ name: 'a', kind: 'symlink', linkName: '/etc' }, { name: 'b', kind: 'link', linkName: 'a' }, { name: 'b/x' }]), [
    'a',
    'b',
    'etc',
    'etc/x',
  ]);
});

test('whiteouts become 0:0 devices behind everything else', (t) => {
  const [entries = []] = filter([{ name: 'd/.wh.x' }, { name: 'd/y' }, { name: '.wh..wh.aufs' }, { name: '.wh..wh.orph/z' }]).runs;
  t.deepEqual(
    entries.map(({ name, kind }) => [name, kind]),
    [
      ['d', 'directory'],
      ['d/y', 'file'],
      ['d/x', 'char'],
    ],
  );
  t.like(entries.at(-1), { devMajor: 0, devMinor: 0, mode: 0 });
});

test('an opaque folder is marked with its own looks; one that replaces what lay below too', (t) => {
  const [entries = []] = filter([
    { name: 'd', kind: 'directory', mode: 0o1750, uid: 7 },
    { name: 'd/.wh..wh..opq' },
    { name: '.wh.e' },
    { name: 'e/f' },
  ]).runs;
  const marked = entries.filter(({ xattrs }) => xattrs.get('trusted.overlay.opaque') === 'y');
  t.deepEqual(
    marked.map(({ name, mode, uid }) => [name, mode, uid]),
    [
      ['d', 0o1750, 7],
      ['e', 0o755, 0],
    ],
  );
});

test('a whiteout of a file that the same layer brings is void', (t) => {
  t.deepEqual(names([{ name: '.wh.a' }, { name: 'a' }]), ['a']);
  t.deepEqual(names([{ name: 'a' }, { name: '.wh.a' }]), ['a']);
});

test('only harmless attributes stay', (t) => {
  const xattrs = new Map([
    ['user.a', '1'],
    ['security.capability', 'x'],
    ['trusted.overlay.redirect', '/etc'],
    ['trusted.overlay.opaque', 'y'],
    ['security.selinux', 'l'],
    ['system.posix_acl_access', 'a'],
  ]);
  const [entries = []] = filter([
    { name: 'f', xattrs },
    { name: 'd', kind: 'directory', xattrs },
    { name: 's', kind: 'symlink', linkName: 'f', xattrs },
  ]).runs;
  t.deepEqual(
    entries.map((entry) => [...entry.xattrs.keys()]),
    [['user.a', 'security.capability'], ['user.a', 'security.capability'], []],
  );
});

test('the summary tells sizes, implied folders, an opaque root and the names in the root', (t) => {
  const { summary } = filter([
    { name: 'a/b/c', content: 'xyz' },
    { name: 'd', kind: 'directory' },
    { name: '.wh..wh..opq' },
    { name: 'e', content: '12' },
  ]);
  t.deepEqual(summary, { sizeBytes: 5, implicitDirectories: ['', 'a', 'a/b'], opaqueRoot: true, rootNames: ['a', 'd', 'e'] });
});

test('an entry over a symlink or a filled folder ends one GNU tar and begins another', (t) => {
  const { runs, removed } = filter([
    { name: 'd', kind: 'directory', mtime: '5' },
    { name: 'd/s', kind: 'symlink', linkName: '/etc' },
    { name: 'd/s', content: 'x' },
    { name: 'd/t/u' },
    { name: 'd/t' },
  ]);
  t.deepEqual(removed, [['d/s'], ['d/t/u', 'd/t']]);
  t.deepEqual(
    runs.map((entries) => entries.map(({ name }) => name)),
    [
      ['d', 'd/s'],
      ['d/s', 'd/t', 'd/t/u'],
      ['d/t', 'd'],
    ],
  );
});

test('a layer that replaces itself without end is refused', (t) => {
  t.is(
    refused(
      t,
      Array.from({ length: 300 }, () => ({ name: 'a', kind: 'symlink' as const, linkName: 'b' })),
    ),
    'DATA_LOSS',
  );
});

test('owners move into the range of a user namespace, and none may lie outside it', (t) => {
  const shift = { base: 100_000, size: 1000 };
  t.deepEqual(
    filter([{ name: 'a/b', uid: 5, gid: 999 }, { name: '.wh.c' }], shift).runs[0]?.map(({ uid, gid }) => [uid, gid]),
    [
      [100_000, 100_000],
      [100_005, 100_999],
      [100_000, 100_000],
    ],
  );
  t.is(t.throws(() => filter([{ name: 'a', uid: 1000 }], shift), { instanceOf: TsoError }).code, 'FAILED_PRECONDITION');
});

test('a hard link in the place of the folder that its target lies in is refused', (t) => {
  t.is(refused(t, [{ name: 'a/b' }, { name: 'a', kind: 'link', linkName: '/a/b' }]), 'DATA_LOSS');
  t.is(refused(t, [{ name: 'a/b/c' }, { name: 'a', kind: 'link', linkName: 'a/b/c' }]), 'DATA_LOSS');
});

test('a file capability names the root of its user namespace', (t) => {
  const second = String.fromCharCode(1, 0, 0, 2, 0x80, 0x20, ...new Array<number>(14).fill(0));
  const shifted = shiftCapability(second, 100_000);
  t.deepEqual([...bytesOf(shifted)].slice(0, 6), [1, 0, 0, 3, 0x80, 0x20]);
  t.is(new DataView(bytesOf(shifted).buffer).getUint32(20, true), 100_000);
  t.is(new DataView(bytesOf(shiftCapability(shifted, 5)).buffer).getUint32(20, true), 100_005);
  t.is(shiftCapability('short', 1), 'short');
});

/** What GNU tar would do to an empty folder, refusing all that it should never be asked. */
const simulate = ({ runs, removed }: Filtered): void => {
  const kinds = new Map<string, TarEntry['kind']>([['', 'directory']]);
  for (const [n, entries] of runs.entries()) {
    for (const entry of entries) {
      const path = entry.name === './' ? '' : entry.name;
      const parts = path.split('/');
      if (path !== '' && parts.some((part) => part === '' || part === '.' || part === '..')) throw new Error(`not plain: ${path}`);
      for (let depth = 0; depth < parts.length; depth += 1) {
        if (kinds.get(parts.slice(0, depth).join('/')) !== 'directory') throw new Error(`${path} does not lie in folders`);
      }
      const before = kinds.get(path);
      if (before === 'symlink') throw new Error(`${path} goes over a symlink`);
      if (before === 'directory' && entry.kind !== 'directory' && [...kinds.keys()].some((one) => one.startsWith(`${path}/`)))
        throw new Error(`${path} goes over a folder`);
      if (entry.kind === 'link') {
        const target = kinds.get(entry.linkName);
        if (target === undefined || target === 'directory') throw new Error(`${path} links to ${entry.linkName}`);
        kinds.set(path, target);
      } else kinds.set(path, entry.kind);
    }
    for (const path of removed[n] ?? []) {
      if (!kinds.delete(path)) throw new Error(`${path} is not there to delete`);
    }
  }
};

const word = fc.constantFrom('a', 'b', 'c', '..', '.', '', '.wh.a', '.wh.b', '.wh..wh..opq', '.wh..', '.wh...', '.wh..wh.x');
const path = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('/'));
const safeWord = fc.constantFrom('a', 'b', 'c', 'd');
const safePath = fc
  .array(fc.oneof({ weight: 8, arbitrary: safeWord }, { weight: 1, arbitrary: word }), { minLength: 1, maxLength: 4 })
  .map((words) => words.join('/'));
const evilEntry = fc.record({
  kind: fc.constantFrom<TarEntry['kind']>('file', 'directory', 'directory', 'symlink', 'symlink', 'link', 'char', 'fifo'),
  name: fc.oneof({ weight: 4, arbitrary: safePath }, { weight: 1, arbitrary: path }),
  linkName: fc.oneof(safePath, path, fc.constantFrom('/', '/etc', '../../..', '/a/b')),
});

test('no sequence of entries makes GNU tar write behind a symlink, above its folder, or over what it cannot replace', (t) => {
  let passed = 0;
  fc.assert(
    fc.property(fc.array(evilEntry, { maxLength: 12 }), (entries) => {
      const wishes = entries.flatMap((entry) =>
        entry.name === '' ? [] : [entry.kind === 'link' || entry.kind === 'symlink' ? entry : { ...entry, linkName: '' }],
      );
      let filtered: Filtered;
      try {
        filtered = filter(wishes);
      } catch (error) {
        if (error instanceof TsoError && error.code === 'DATA_LOSS') return;
        throw error;
      }
      passed += 1;
      simulate(filtered);
    }),
    { numRuns: 3000 },
  );
  t.true(passed > 300, `${passed} sequences were let through and looked at`);
});
