import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { identityInside } from './identity-inside.ts';

const withFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-inside-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('a folder or a file below is known by device and inode', (t) =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await writeFile(join(folder, 'a', 'file'), '');
    for (const path of ['a/b', 'a/file', '']) {
      const { dev, ino } = await stat(join(folder, path));
      t.deepEqual(await identityInside(folder, path), { dev, ino }, path);
    }
    t.is(await identityInside(folder, 'a/none'), undefined);
    t.is(await identityInside(folder, 'a/file/below'), undefined);
  }));

test('a link on the way, or at its end, is refused whatever it leads to', (t) =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await symlink('/', join(folder, 'out'));
    await symlink('a', join(folder, 'in'));
    for (const path of ['out', 'out/etc', 'in', 'in/b'])
      await t.throwsAsync(identityInside(folder, path), { code: 'FAILED_PRECONDITION', message: /is a link now/ }, path);
  }));
