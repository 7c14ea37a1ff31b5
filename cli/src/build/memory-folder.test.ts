import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeBuildFolder, removeAbandoned, requireMemory, runBase } from './memory-folder.ts';

test('what may lie in memory alone lies in the runtime folder, or where each host has a file system in memory', async (t) => {
  t.is(await runBase({ env: { XDG_RUNTIME_DIR: '/run/user/1000' }, uid: 1_000 }), '/run/user/1000');
  t.is(await runBase({ env: {}, uid: 1_000 }), '/dev/shm');
});

test('a secret of the file itself is refused where its folder would be on a disk', async (t) => {
  await requireMemory('/dev/shm', 'web');
  await t.throwsAsync(requireMemory('/proc', 'web'), {
    code: 'FAILED_PRECONDITION',
    message: 'the build of service web has a secret that stands in no file, and /proc is not in memory',
  });
});

test('what a build left that was killed goes with the next one, and that of a running one stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-memory-'));
  try {
    const own = await makeBuildFolder(folder);
    // The highest id that Linux gives is one less.
    const left = join(folder, 'build-4194305-x');
    await mkdir(left);
    await writeFile(join(left, '0'), 'hunter2');
    await mkdir(join(folder, 'kept'));
    await removeAbandoned(folder);
    t.deepEqual((await readdir(folder)).map((name) => join(folder, name)).toSorted(), [own, join(folder, 'kept')]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
