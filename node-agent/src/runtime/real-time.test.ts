import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { grantRealTime } from './real-time.ts';

/** A stand-in for the hierarchy: folders with the two files. */
const withTree = async (
  budgets: Readonly<Record<string, number>>,
  body: (root: string, read: (path: string) => Promise<number>) => Promise<void>,
) => {
  const root = await mkdtemp(join(tmpdir(), 'tso-rt-'));
  try {
    for (const [path, runtimeUs] of Object.entries(budgets)) {
      await mkdir(join(root, path), { recursive: true });
      await writeFile(join(root, path, 'cpu.rt_runtime_us'), `${runtimeUs}\n`);
      await writeFile(join(root, path, 'cpu.rt_period_us'), '1000000\n');
    }
    await body(root, async (path) => Number(await readFile(join(root, path, 'cpu.rt_runtime_us'), 'utf8')));
  } finally {
    await rm(root, { recursive: true });
  }
};

test('every cgroup above gets what all below it have and the new one wants', (t) =>
  withTree({ tso: 100_000, 'tso/a': 0, 'tso/b': 100_000 }, async (root, read) => {
    grantRealTime(root, '/tso/a/new', { runtimeUs: 50_000, periodUs: 0 });
    t.is(await read('tso'), 150_000);
    t.is(await read('tso/a'), 50_000);
  }));

test('a group that has enough already takes no more from those above it', (t) =>
  withTree({ tso: 600_000, 'tso/a': 600_000, 'tso/a/other': 0 }, async (root, read) => {
    grantRealTime(root, '/tso/a/new', { runtimeUs: 600_000, periodUs: 0 });
    t.is(await read('tso'), 600_000);
    t.is(await read('tso/a'), 600_000);
  }));

test('what has ended counts no more, and what is enough already stays', (t) =>
  withTree({ tso: 400_000, 'tso/b': 100_000 }, async (root, read) => {
    grantRealTime(root, '/tso/new', { runtimeUs: 10_000, periodUs: 50_000 });
    t.is(await read('tso'), 400_000);
  }));

test('a kernel without as much left is said to have none', (t) =>
  withTree({ tso: 0 }, async (root) => {
    await rm(join(root, 'tso/cpu.rt_runtime_us'));
    t.throws(() => grantRealTime(root, '/tso/new', { runtimeUs: 10_000, periodUs: 0 }), {
      code: 'FAILED_PRECONDITION',
      message: /not enough real-time budget left for cpu_rt_runtime: the control group \/tso/,
    });
  }));
