import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../durable-file.ts';

/** Files of one log, oldest first: `log.3 log.2 log.1 log`. Rotated ones carry a number, higher is older. */
export const logFiles = async (path: string): Promise<readonly string[]> => {
  const folder = dirname(path);
  const name = basename(path);
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const age = (file: string): number => (file === name ? 0 : Number(file.slice(name.length + 1)));
  return entries
    .filter((file) => file === name || (file.startsWith(`${name}.`) && /^\d+$/.test(file.slice(name.length + 1))))
    .sort((a, b) => age(b) - age(a))
    .map((file) => join(folder, file));
};

export const fileSize = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};

/** Moves `log` to `log.1`, `log.1` to `log.2` and so on; keeps `maxFiles` in all. The writer must reopen `log` after it. */
export const rotate = async (path: string, maxFiles: number): Promise<void> => {
  for (const file of await logFiles(path)) {
    const age = file === path ? 0 : Number(file.slice(path.length + 1));
    if (age + 1 >= maxFiles) await rm(file, { force: true });
    else await rename(file, `${path}.${age + 1}`);
  }
};
