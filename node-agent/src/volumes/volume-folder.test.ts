import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { VolumeFolder } from './volume-folder.ts';

interface World {
  /** Mounted from elsewhere. */
  readonly volume: VolumeFolder;
  /** The folder of an image that it begins with. */
  readonly source: string;
  /** A folder of the host. */
  readonly outside: string;
}

const withMounted = async (body: (world: World) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-volume-'));
  const [source, outside] = ['source', 'outside'].map((name) => join(folder, name)) as [string, string];
  for (const path of [source, outside, join(folder, 'volume', '_data')]) await mkdir(path, { recursive: true });
  await writeFile(join(source, 'passwd'), 'of the image');
  await writeFile(join(outside, 'passwd'), 'of the host');
  try {
    await body({ volume: new VolumeFolder(join(folder, 'volume'), { mounted: true }), source, outside });
  } finally {
    await rm(folder, { recursive: true });
  }
};

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

test('a volume from elsewhere begins with what the image has, the mode of its folder included, and nothing else is left in it', (t) =>
  withMounted(async ({ volume, source }) => {
    await mkdir(join(volume.data, 'lost+found'));
    await chmod(source, 0o750);
    await volume.prepare(undefined);
    await volume.fillFrom(source);
    t.deepEqual((await readdir(volume.data)).toSorted(), ['lost+found', 'passwd']);
    t.is(await modeOf(volume.data), 0o750);
  }));

for (const name of ['.tso-filling', '.tso-filled'])
  test(`what containers have put in a volume from elsewhere as ${name} is content like any other: no link in it is followed`, (t) =>
    withMounted(async ({ volume, source, outside }) => {
      await symlink(outside, join(volume.data, name));
      await volume.prepare(undefined);
      await volume.fillFrom(source);
      t.deepEqual(await readdir(volume.data), [name]);
      t.is(await readFile(join(outside, 'passwd'), 'utf8'), 'of the host');
    }));

test('a folder that a container has put in a volume from elsewhere does not change whose the volume is', (t) =>
  withMounted(async ({ volume, source }) => {
    await mkdir(join(volume.data, '.tso-filled'));
    await chmod(join(volume.data, '.tso-filled'), 0o777);
    await chmod(volume.data, 0o700);
    await volume.prepare(undefined);
    await volume.fillFrom(source);
    t.is(await modeOf(volume.data), 0o700);
    t.deepEqual(await readdir(volume.data), ['.tso-filled']);
  }));

test('a copy into a volume from elsewhere that fails leaves it empty', (t) =>
  withMounted(async ({ volume, source }) => {
    await t.throwsAsync(volume.fillFrom(join(source, 'gone')), { message: /ENOENT|No such file/ });
    t.deepEqual(await readdir(volume.data), []);
    await t.throwsAsync(volume.fillFrom(join(source, 'passwd')), { code: 'INTERNAL' });
    t.deepEqual(await readdir(volume.data), []);
  }));
