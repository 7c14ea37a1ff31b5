import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import test from 'ava';
import { MemoryFolder, type MemoryMounts } from './memory-folder.ts';

class FakeMounts implements MemoryMounts {
  readonly mounted = new Set<string>();
  readonly calls: string[] = [];
  failure: Error | undefined;

  async isMounted(path: string): Promise<boolean> {
    return this.mounted.has(path);
  }

  async mount(path: string): Promise<void> {
    this.calls.push(`mount ${path}`);
    if (this.failure !== undefined) throw this.failure;
    this.mounted.add(path);
  }

  async unmount(path: string): Promise<void> {
    this.calls.push(`unmount ${path}`);
    this.mounted.delete(path);
  }
}

const inFolder = async (body: (path: string, mounts: FakeMounts, folder: MemoryFolder) => Promise<void>): Promise<void> => {
  const parent = await mkdtemp(join(tmpdir(), 'tso-memory-'));
  const path = join(parent, 'memory');
  const mounts = new FakeMounts();
  try {
    await body(path, mounts, new MemoryFolder({ path }, { mounts }));
  } finally {
    await rm(parent, { recursive: true });
  }
};

test('the folder is made once, however many ask at once, and not over that of a predecessor', (t) =>
  inFolder(async (path, mounts, folder) => {
    await Promise.all([folder.make(), folder.make(), folder.make()]);
    t.deepEqual(mounts.calls, [`mount ${path}`]);
    t.is((await stat(path)).mode & 0o777, 0o700);
    await new MemoryFolder({ path }, { mounts }).make();
    t.is(mounts.calls.length, 1);
    mounts.mounted.clear();
    await folder.make();
    t.is(mounts.calls.length, 2, 'somebody took it away');
  }));

test('it goes with what is in it, also when it was only half made', (t) =>
  inFolder(async (path, mounts, folder) => {
    await folder.make();
    await folder.remove();
    t.deepEqual(mounts.calls, [`mount ${path}`, `unmount ${path}`]);
    await t.throwsAsync(stat(path), { code: 'ENOENT' });
    await folder.remove();
    await mkdir(path);
    await folder.remove();
    await t.throwsAsync(stat(path), { code: 'ENOENT' });
    await folder.make();
    t.true(await folder.isThere());
  }));

test('a host without memory to give is named, and asked again the next time', (t) =>
  inFolder(async (path, mounts, folder) => {
    mounts.failure = new TsoError('INTERNAL', 'mount failed: permission denied');
    await t.throwsAsync(folder.make(), {
      code: 'FAILED_PRECONDITION',
      message: `no memory could be had for secrets and configs at ${path}: mount failed: permission denied`,
    });
    mounts.failure = undefined;
    await folder.make();
    t.true(mounts.mounted.has(path));
  }));
