import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyAssignmentSet, type Volume } from '@tso/proto';
import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import { VolumeSpecs } from './volume-specs.ts';

const volume = (name: string, driverOpts: Readonly<Record<string, string>> = { type: 'tmpfs' }): Volume => ({
  id: name,
  meta: { version: 1, createdAtMs: 0, updatedAtMs: 0 },
  spec: { name, driver: 'local', external: false, labels: {}, driverOpts },
  stack: 'shop',
  removing: false,
});

const withFolder = async (body: (specs: () => Promise<VolumeSpecs>, folder: string, log: CollectedLog) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-specs-'));
  const logger = new CollectedLog();
  try {
    const begin = async (): Promise<VolumeSpecs> => {
      const specs = new VolumeSpecs({ paths: { dataDir: folder, runDir: folder } }, { logger });
      await specs.start();
      return specs;
    };
    await body(begin, folder, logger);
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('what was said of volumes is known to a later agent, readable by root alone, until it is taken back', (t) =>
  withFolder(async (begin, folder) => {
    const first = await begin();
    await first.apply({ ...emptyAssignmentSet, volumes: [volume('a'), volume('plain', {})] });
    await first.apply({ ...emptyAssignmentSet, baseVersion: 1, volumes: [volume('b', { type: 'nfs', device: 'h:/x' })] });
    const second = await begin();
    t.deepEqual(second.of('a')?.driverOpts, { type: 'tmpfs' });
    t.deepEqual(second.of('b')?.driverOpts, { type: 'nfs', device: 'h:/x' });
    t.is(second.of('plain'), undefined);
    t.is((await stat(join(folder, 'volumes.bin'))).mode & 0o777, 0o600);
    await second.apply({ ...emptyAssignmentSet, baseVersion: 2, removedVolumes: ['a'] });
    await second.apply({ ...emptyAssignmentSet, baseVersion: 0, volumes: [] });
    t.is((await begin()).of('b'), undefined);
    t.deepEqual(await readdir(folder), []);
  }));

test('a damaged list counts as none, and is said', (t) =>
  withFolder(async (begin, folder, log) => {
    await writeFile(join(folder, 'volumes.bin'), Buffer.from([0xff, 0xff, 0xff]));
    t.is((await begin()).of('a'), undefined);
    t.true(log.lines.some(({ message }) => message.includes('damaged')));
  }));
