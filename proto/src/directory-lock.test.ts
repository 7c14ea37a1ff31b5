import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DirectoryLock } from './directory-lock.ts';
import type { Clock } from './ports.ts';

/** A clock whose every timer rings at once and moves time by its delay. */
const hurried = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    setTimer: (delayMs, callback) => {
      now += delayMs;
      setImmediate(callback);
      return () => undefined;
    },
  };
};

const withFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-lock-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const lockOf = (directory: string): DirectoryLock =>
  new DirectoryLock({ directory, holder: 'worker', flag: '--data-dir' }, { clock: hurried() });

test('one at a time holds a directory, by whatever name it is reached', (t) =>
  withFolder(async (folder) => {
    await symlink(folder, join(folder, 'itself'));
    const first = lockOf(folder);
    await first.acquire(0);
    await first.acquire(0);
    const second = lockOf(join(folder, 'itself'));
    await t.throwsAsync(second.acquire(100), { code: 'FAILED_PRECONDITION', message: /^another worker is working in / });
    await first.release();
    await first.release();
    await second.acquire(0);
    await second.release();
  }));

test('two directories have two locks', (t) =>
  withFolder(async (one) =>
    withFolder(async (other) => {
      const locks = [lockOf(one), lockOf(other)];
      await Promise.all(locks.map((lock) => lock.acquire(0)));
      await Promise.all(locks.map((lock) => lock.release()));
      t.pass();
    }),
  ));
