import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeBuildFolder, removeAbandoned } from './build-folder.ts';

/** The highest id that Linux gives is one less. */
const left = 'build-4194305-x';

test('what a build left that was killed goes with the next one, and that of a running one stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-memory-'));
  try {
    const own = await makeBuildFolder(folder);
    await mkdir(join(folder, left));
    await writeFile(join(folder, left, '0'), 'hunter2');
    await mkdir(join(folder, 'kept'));
    await removeAbandoned(folder);
    t.deepEqual((await readdir(folder)).map((name) => join(folder, name)).toSorted(), [own, join(folder, 'kept')]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('where others may build whose processes are not seen from here, only what is old goes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-work-'));
  try {
    for (const name of [left, `${left}y`]) await mkdir(join(folder, name));
    await utimes(join(folder, left), 1_000, 1_000);
    await removeAbandoned(folder, 2_000_000);
    t.deepEqual(await readdir(folder), [`${left}y`]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
