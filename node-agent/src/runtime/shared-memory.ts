import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { isMissing } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';
import { hasTmpfsAt } from '../mountinfo.ts';
import { defaultShmSizeBytes } from './defaults.ts';

const isMounted = async (path: string): Promise<boolean> => hasTmpfsAt(await readFile('/proc/self/mountinfo', 'utf8'), path);

/** What is to be /dev/shm of several containers: a file system in memory of its own. @param sizeBytes 0: the default of a container */
export const makeSharedMemory = async (path: string, sizeBytes: number): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (await isMounted(path)) return;
  const size = sizeBytes > 0 ? sizeBytes : defaultShmSizeBytes;
  await runCommand('mount', ['-t', 'tmpfs', '-o', `nosuid,nodev,noexec,mode=1777,size=${size}`, 'shm', path]);
};

/** Takes it from the host; containers that still run keep it. No error when it is not there. */
export const removeSharedMemory = async (path: string): Promise<void> => {
  if (await isMounted(path)) await runCommand('umount', ['--lazy', path]);
  try {
    await rmdir(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};
