import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for one build of this process. */
export const makeBuildFolder = (folder: string): Promise<string> => mkdtemp(join(folder, `build-${process.pid}-`));

/**
 * Removes what builds left whose process was killed.
 * @param before only what was made or filled before that instant; of a folder on disk that hosts or containers may share, in each of which
 * the processes of the others cannot be seen
 */
export const removeAbandoned = async (folder: string, before = Number.POSITIVE_INFINITY): Promise<void> => {
  for (const name of await readdir(folder)) {
    const pid = /^build-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(folder, name);
    // Another build that begins may have been faster.
    const looks = await stat(path).catch(() => undefined);
    if (looks !== undefined && looks.mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
};
