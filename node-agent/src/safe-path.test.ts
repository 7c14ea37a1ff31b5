import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { resolveInRoot } from './safe-path.ts';

const withRoot = async (body: (root: string) => Promise<void>): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'tso-root-'));
  try {
    await mkdir(join(root, 'etc'));
    await mkdir(join(root, 'data/deep'), { recursive: true });
    await symlink('/etc', join(root, 'absolute'));
    await symlink('../../../../etc', join(root, 'data/climbing'));
    await symlink('data/deep', join(root, 'relative'));
    await symlink('loop', join(root, 'loop'));
    await body(root);
  } finally {
    await rm(root, { recursive: true });
  }
};

test('links and dots are resolved inside the root and never leave it', (t) =>
  withRoot(async (root) => {
    const cases: readonly (readonly [string, string])[] = [
      ['/etc/passwd', 'etc/passwd'],
      ['../../etc/passwd', 'etc/passwd'],
      ['/absolute/passwd', 'etc/passwd'],
      ['/data/climbing/passwd', 'etc/passwd'],
      ['/relative/../x', 'data/x'],
      ['/nowhere/at/all', 'nowhere/at/all'],
      ['/', ''],
    ];
    for (const [path, expected] of cases) t.is(await resolveInRoot(root, path), join(root, expected), path);
  }));

test('a loop of links is refused', (t) =>
  withRoot(async (root) => {
    await t.throwsAsync(resolveInRoot(root, '/loop/x'), { message: /more than 40 symbolic links/ });
  }));
