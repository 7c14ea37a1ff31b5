import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import type { FileIdentity } from '../runtime/types.ts';

/** Names a file without opening it (open(2) O_PATH), which Node has no name for. */
const pathOnly = 0o10_000_000;

/**
 * Which file is at that path below the folder, or undefined when there is none. Walked by open folders, from one to the next, without
 * following a link: whatever a container in the volume renames meanwhile, the answer lies in it. FAILED_PRECONDITION: a link is on the way.
 */
export const identityInside = async (folder: string, path: string): Promise<FileIdentity | undefined> => {
  let current: FileHandle = await open(folder, pathOnly | constants.O_DIRECTORY);
  try {
    for (const part of path.split('/').filter((it) => it !== '')) {
      const next = await open(`/proc/self/fd/${current.fd}/${part}`, pathOnly | constants.O_NOFOLLOW);
      await current.close();
      current = next;
      // O_PATH opens a link itself instead of failing on it.
      if ((await current.stat()).isSymbolicLink())
        throw new TsoError('FAILED_PRECONDITION', `${folder}/${path} was changed while it was looked at: ${part} is a link now`);
    }
    const { dev, ino } = await current.stat();
    return { dev, ino };
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  } finally {
    await current.close();
  }
};
