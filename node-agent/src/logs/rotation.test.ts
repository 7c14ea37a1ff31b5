import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { taskNamed } from '../testing/agent-world.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { LogRotation } from './rotation.ts';

const small: Task = { ...taskNamed('web'), spec: { ...taskNamed('web').spec, logMaxSizeBytes: 10, logMaxFiles: 2 } };

const withRotation = async (
  body: (world: {
    readonly folder: string;
    readonly clock: ManualClock;
    readonly reopened: string[];
    readonly rotation: LogRotation;
  }) => Promise<void>,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-rotation-'));
  const clock = new ManualClock();
  const reopened: string[] = [];
  const containers = {
    logPath: () => join(folder, 'log'),
    reopenLog: async (id: string) => void reopened.push(id),
  };
  const rotation = new LogRotation({ containers, clock, logger: new CollectedLog(), runningTasks: () => [small] });
  try {
    await rotation.start();
    await body({ folder, clock, reopened, rotation });
  } finally {
    await rotation.stop();
    await rm(folder, { recursive: true });
  }
};

/** One look, to its end. */
const look = async (clock: ManualClock): Promise<void> => {
  clock.advance(limits.logRotationMs);
  await eventually('it looked', () => clock.pending === 1);
};

test('a log is put aside once it is full, and its writer told', (t) =>
  withRotation(async ({ folder, clock, reopened }) => {
    await appendFile(join(folder, 'log'), 'short');
    await look(clock);
    t.deepEqual(reopened, []);
    await appendFile(join(folder, 'log'), 'and more');
    await look(clock);
    t.deepEqual(reopened, [small.id]);
    t.deepEqual(await readdir(folder), ['log.1']);
  }));

test('a writer that was not told of a rotation, the agent having ended, is told by the next look', (t) =>
  withRotation(async ({ folder, clock, reopened }) => {
    await appendFile(join(folder, 'log.1'), 'still written to');
    await look(clock);
    t.deepEqual(reopened, [small.id]);
    t.deepEqual(await readdir(folder), ['log.1']);
  }));

test('a stopped rotation looks no more', (t) =>
  withRotation(async ({ clock, rotation }) => {
    await rotation.stop();
    t.is(clock.pending, 0);
  }));
