import { link, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { extract, type Header, pack } from 'tar-stream';
import { packLocal } from './pack.ts';
import { unpackLocal } from './unpack.ts';

const inFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-copy-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type Item = Partial<Header> & { readonly name: string; readonly text?: string };

const archive = async function* (...items: readonly Item[]): AsyncGenerator<Uint8Array> {
  const packing = pack();
  for (const { text, ...header } of items) packing.entry(header, text ?? '');
  packing.finalize();
  for await (const chunk of packing) yield chunk as Uint8Array;
};

const collected = (warnings: string[] = []) => ({ keepOwner: false, warn: (text: string) => void warnings.push(text) });

test('a tree goes through an archive and comes out the same, under its new name', (t) =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'src/deep/empty'), { recursive: true });
    await writeFile(join(folder, 'src/deep/large'), 'x'.repeat(1_000_000), { mode: 0o751 });
    await utimes(join(folder, 'src/deep/large'), 1_600_000_000, 1_600_000_000);
    await writeFile(join(folder, 'src/größe'), 'ü');
    await writeFile(join(folder, `src/${'long'.repeat(50)}`), 'l');
    await symlink('deep/large', join(folder, 'src/link'));
    await link(join(folder, 'src/deep/large'), join(folder, 'src/other'));
    await mkdir(join(folder, 'dst'));
    const packed = packLocal({ path: join(folder, 'src'), name: 'given', followLink: false, warn: (text) => t.fail(text) });
    await unpackLocal(packed, { folder: join(folder, 'dst'), name: 'kept', ...collected() });
    const at = (path: string): string => join(folder, 'dst/kept', path);
    t.is(await readFile(at('deep/large'), 'utf8'), 'x'.repeat(1_000_000));
    const looks = await stat(at('deep/large'));
    t.is(looks.mode & 0o777, 0o751);
    t.is(looks.mtimeMs, 1_600_000_000_000);
    t.is(looks.nlink, 2);
    t.is(await readFile(at('größe'), 'utf8'), 'ü');
    t.is(await readFile(at('long'.repeat(50)), 'utf8'), 'l');
    t.is(await readlink(at('link')), 'deep/large');
    t.true((await stat(at('deep/empty'))).isDirectory());
  }));

test('the contents of a folder go without a name above them', (t) =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    await writeFile(join(folder, 'src/f'), 'f');
    const names: string[] = [];
    const entries = extract();
    const reading = (async () => {
      for await (const entry of entries) {
        names.push(entry.header.name);
        for await (const _ of entry);
      }
    })();
    for await (const piece of packLocal({ path: join(folder, 'src'), name: '', followLink: false, warn: (text) => t.fail(text) }))
      entries.write(piece);
    entries.end(undefined);
    await reading;
    t.deepEqual(names, ['deep', 'f']);
    await t.throwsAsync(packLocal({ path: join(folder, 'src/f'), name: '', followLink: false, warn: () => undefined }).next(), {
      code: 'INVALID_ARGUMENT',
    });
  }));

test('a link is packed as a link, or as what it leads to', (t) =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'real'), 'content');
    await symlink('real', join(folder, 'link'));
    for (const [followLink, isLink] of [
      [false, true],
      [true, false],
    ] as const) {
      const packed = packLocal({ path: join(folder, 'link'), name: 'out', followLink, warn: (text) => t.fail(text) });
      await rm(join(folder, 'out'), { force: true });
      await unpackLocal(packed, { folder, name: 'out', ...collected() });
      t.is((await lstat(join(folder, 'out'))).isSymbolicLink(), isLink);
      t.is(await readFile(join(folder, 'out'), 'utf8'), 'content');
    }
  }));

test('names and links that are not UTF-8 are refused rather than mangled', (t) =>
  inFolder(async (folder) => {
    const path = join(folder, 'src');
    await mkdir(path);
    const packed = async (): Promise<void> => {
      for await (const _ of packLocal({ path, name: 'out', followLink: false, warn: (text) => t.fail(text) }));
    };
    await symlink(Buffer.from([0x61, 0xff]), join(path, 'link'));
    await t.throwsAsync(packed(), { code: 'INVALID_ARGUMENT', message: /what .*link leads to is not UTF-8/ });
    await rm(join(path, 'link'));
    await writeFile(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff])]), '');
    await t.throwsAsync(packed(), { code: 'INVALID_ARGUMENT', message: /a name in .* is not UTF-8/ });
  }));

test('what a foreign archive holds of setuid and devices stays behind', (t) =>
  inFolder(async (folder) => {
    const warnings: string[] = [];
    const items = archive(
      { name: 'd/', type: 'directory' },
      { name: 'd/su', mode: 0o4755, text: 's' },
      { name: 'd/null', type: 'character-device' },
    );
    await unpackLocal(items, { folder, name: 'd', ...collected(warnings) });
    t.is((await stat(join(folder, 'd/su'))).mode & 0o7777, 0o755);
    t.deepEqual(await readdir(join(folder, 'd')), ['su']);
    t.regex(warnings.join(), /device/);
  }));

test('what is in the way is replaced, but not folders by files nor files by folders', (t) =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'f'), 'old');
    await mkdir(join(folder, 'd'));
    await unpackLocal(archive({ name: 'x', text: 'new' }), { folder, name: 'f', ...collected() });
    t.is(await readFile(join(folder, 'f'), 'utf8'), 'new');
    const refused = { code: 'FAILED_PRECONDITION' } as const;
    await t.throwsAsync(unpackLocal(archive({ name: 'x', text: 'new' }), { folder, name: 'd', ...collected() }), refused);
    await t.throwsAsync(unpackLocal(archive({ name: 'x', type: 'directory' }), { folder, name: 'f', ...collected() }), refused);
  }));

test('an archive that breaks off is an error', (t) =>
  inFolder(async (folder) => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of archive({ name: 'f', text: 'x'.repeat(100_000) })) {
        yield piece.subarray(0, 600);
        throw new Error('the connection ended');
      }
    };
    await t.throwsAsync(unpackLocal(broken(), { folder, name: 'f', ...collected() }), { message: /the connection ended/ });
  }));

const names = (outside: string) =>
  fc
    .array(fc.constantFrom('..', '.', '', 'a', 'b', 'out', 'up', 'secret', outside), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('/'))
    .filter((name) => name.replaceAll('/', '') !== '');

test('whatever an archive holds, nothing outside of the destination changes', (t) =>
  inFolder(async (folder) => {
    const outside = join(folder, 'outside');
    const dest = join(folder, 'dest');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'own');
    const item = fc.record({
      name: names(outside),
      type: fc.constantFrom<NonNullable<Header['type']>>('file', 'directory', 'symlink', 'link'),
      linkname: fc.oneof(names(outside), fc.constantFrom(outside, '/', '../outside', '../../outside/secret')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 10 }), fc.constantFrom('', 'name'), async (items, name) => {
        await rm(dest, { recursive: true, force: true });
        await mkdir(dest);
        await symlink(outside, join(dest, 'out'));
        await symlink('../outside', join(dest, 'up'));
        for (const one of items) {
          const text = one.type === 'file' ? { text: 'evil' } : {};
          await unpackLocal(archive({ ...one, ...text }), { folder: dest, name, ...collected() }).catch(() => undefined);
        }
        t.is(await readFile(join(outside, 'secret'), 'utf8'), 'own');
        t.deepEqual(await readdir(outside), ['secret']);
        t.is((await lstat(join(outside, 'secret'))).nlink, 1);
        t.deepEqual((await readdir(folder)).sort(), ['dest', 'outside']);
      }),
      { numRuns: 100 },
    );
  }));
