import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { TsoError } from '@tso/proto';
import type { Io } from '../io.ts';

/** linux/magic.h: TMPFS_MAGIC, RAMFS_MAGIC. */
const inMemory: readonly number[] = [0x01021994, 0x858458f6];

const isInMemory = async (path: string): Promise<boolean> => existsSync(path) && inMemory.includes((await statfs(path)).type);

/** Where that belongs which is to be gone after a reboot: in memory, unless this host or the user has it otherwise. */
export const runBase = async ({ env, uid }: Pick<Io, 'env' | 'uid'>): Promise<string> => {
  if (env.XDG_RUNTIME_DIR) return env.XDG_RUNTIME_DIR;
  for (const path of uid === 0 ? ['/run', '/dev/shm'] : ['/dev/shm']) if (await isInMemory(path)) return path;
  return uid === 0 ? '/run' : tmpdir();
};

/** FAILED_PRECONDITION: what is written there comes to lie on a disk. */
export const requireMemory = async (folder: string, service: string): Promise<void> => {
  if (await isInMemory(folder)) return;
  throw new TsoError(
    'FAILED_PRECONDITION',
    `the build of service ${service} has a secret that stands in no file, and ${folder} is not in memory`,
    {
      hint: 'Name a folder that is in memory: XDG_RUNTIME_DIR; or give the secret as a file',
    },
  );
};
