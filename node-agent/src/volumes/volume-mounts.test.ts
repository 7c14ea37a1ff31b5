import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { volumeMountsDir } from '../paths.ts';
import { VolumeMounts } from './volume-mounts.ts';

test('a task is the only one that has a volume mounted until another one has it too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-volume-mounts-'));
  const paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
  try {
    const mounts = new VolumeMounts({ paths });
    await mounts.start();
    const users = join(volumeMountsDir(paths), 'shop_data');
    await mkdir(users);
    for (const file of ['.mounted', 'task1']) await writeFile(join(users, file), '');
    t.true(await mounts.isSoleUser('shop_data', 'task1'));
    t.false(await mounts.isSoleUser('shop_data', 'task2'));
    await writeFile(join(users, 'task2'), '');
    t.false(await mounts.isSoleUser('shop_data', 'task1'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
