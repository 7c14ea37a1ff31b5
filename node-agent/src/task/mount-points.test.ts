import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ResolvedMount } from '../runtime/types.ts';
import { makeMountPoints } from './mount-points.ts';

const at = (target: string): ResolvedMount => ({
  kind: 'bind',
  source: '/nowhere',
  target,
  readOnly: true,
  propagation: 'rprivate',
  recursive: false,
  sizeBytes: 0,
  mode: 0,
});

const inRootfs = async (body: (rootfs: string, folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-points-'));
  try {
    await mkdir(join(folder, 'rootfs'));
    await body(join(folder, 'rootfs'), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('the folders of mounted files are made, those that are there stay as they are', (t) =>
  inRootfs(async (rootfs) => {
    await mkdir(join(rootfs, 'etc'), { mode: 0o700 });
    await makeMountPoints({ rootfs, shift: undefined }, [at('/run/secrets/a'), at('/run/secrets/b'), at('/etc/site.conf'), at('/top')]);
    t.true((await stat(join(rootfs, 'run/secrets'))).isDirectory());
    t.is((await stat(join(rootfs, 'etc'))).mode & 0o777, 0o700);
    t.deepEqual((await readdir(rootfs)).toSorted(), ['etc', 'run']);
  }));

test('a link of the image leads nowhere but inside it, also when its end is not there', (t) =>
  inRootfs(async (rootfs, folder) => {
    await mkdir(join(folder, 'outside'));
    await symlink(join(folder, 'outside'), join(rootfs, 'absolute'));
    await symlink('../../outside/deep', join(rootfs, 'relative'));
    await makeMountPoints({ rootfs, shift: undefined }, [at('/absolute/key'), at('/relative/key')]);
    t.deepEqual(await readdir(join(folder, 'outside')), []);
    t.true((await stat(join(rootfs, folder, 'outside'))).isDirectory());
    t.true((await stat(join(rootfs, 'outside/deep'))).isDirectory());
  }));

test('a file where a folder is to be is said', (t) =>
  inRootfs(async (rootfs) => {
    await writeFile(join(rootfs, 'etc'), '');
    await t.throwsAsync(makeMountPoints({ rootfs, shift: undefined }, [at('/etc/app/key')]), {
      code: 'FAILED_PRECONDITION',
      message: 'there can be no /etc/app/key: the image has a file where that needs a folder',
    });
  }));
