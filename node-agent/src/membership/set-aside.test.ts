import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { AgentPaths } from '../paths.ts';
import type { Membership } from './identity.ts';
import { SetAside } from './set-aside.ts';

const membership: Membership = {
  clusterId: 'before',
  role: 'worker',
  retired: false,
  founder: false,
  leaving: false,
  addressPool: '10.64.0.0/12',
  firstVni: 1,
  vxlanPort: 4789,
  subnetPrefix: 24,
  listenAddr: '',
  advertiseAddr: '',
};

const withFolder = async (body: (paths: AgentPaths) => Promise<void>): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tso-aside-'));
  try {
    await body({ dataDir, runDir: dataDir });
  } finally {
    await rm(dataDir, { recursive: true });
  }
};

const put = async ({ dataDir }: AgentPaths, folder: string, text: string): Promise<void> => {
  await mkdir(join(dataDir, folder), { recursive: true });
  await writeFile(join(dataDir, folder, 'file'), text);
};

/** What each folder holds, by name. */
const contents = async ({ dataDir }: AgentPaths): Promise<Readonly<Record<string, string>>> => {
  const names = (await readdir(dataDir)).filter((name) => !name.endsWith('.json')).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dataDir, name, 'file'), 'utf8')] as const)),
  );
};

test('what was set aside is put back whole, whichever folders there were and whatever came in their place', (t) =>
  fc.assert(
    fc.asyncProperty(fc.subarray(['manager', 'identity']), fc.subarray(['manager', 'identity']), fc.boolean(), (before, after, member) =>
      withFolder(async (paths) => {
        for (const folder of before) await put(paths, folder, 'before');
        const was = await contents(paths);
        await new SetAside(paths).take(member ? membership : undefined);
        for (const folder of after) await put(paths, folder, 'after');
        // Another life of the agent: what it finds decides.
        const aside = new SetAside(paths);
        t.deepEqual((await aside.recover())?.membership, member ? membership : undefined);
        t.deepEqual(await contents(paths), was);
        t.deepEqual((await aside.recover())?.membership, member ? membership : undefined, 'it can be done again');
        t.deepEqual(await contents(paths), was);
        await aside.forget();
        t.is(await aside.recover(), undefined);
        t.deepEqual(await readdir(paths.dataDir), before.toSorted());
      }),
    ),
    { numRuns: 30 },
  ));

test('what follows a restore that worked stays, and nothing of what was before is left', (t) =>
  withFolder(async (paths) => {
    await put(paths, 'manager', 'before');
    const aside = new SetAside(paths);
    await aside.take(membership);
    await put(paths, 'manager', 'after');
    await aside.forget();
    t.is(await new SetAside(paths).recover(), undefined);
    t.deepEqual(await readdir(paths.dataDir), ['manager']);
    t.deepEqual(await contents(paths), { manager: 'after' });
  }));

test('an agent that ended while it set aside loses nothing', (t) =>
  withFolder(async (paths) => {
    await put(paths, 'manager', 'before');
    await put(paths, 'identity', 'before');
    const was = await contents(paths);
    await new SetAside(paths).take(membership);
    // As it is when only the first of the two was moved.
    await rm(join(paths.dataDir, 'identity.before-restore'), { recursive: true });
    await put(paths, 'identity', 'before');
    await new SetAside(paths).recover();
    t.deepEqual(await contents(paths), was);
  }));
