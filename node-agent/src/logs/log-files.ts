import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../durable-file.ts';

/**
 * The files of one log, oldest first: `log.7 log.8 log`. A rotated file keeps its number for good, so that a reader never
 * takes one for another while files come and go.
 */
export const logFiles = async (path: string): Promise<readonly string[]> => {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const numbers = entries
    .filter((file) => file.startsWith(prefix) && /^\d+$/.test(file.slice(prefix.length)))
    .map((file) => Number(file.slice(prefix.length)))
    .sort((a, b) => a - b);
  const rotated = numbers.map((number) => `${path}.${number}`);
  return entries.includes(basename(path)) ? [...rotated, join(folder, basename(path))] : rotated;
};

export const fileSize = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};

const numberOf = (path: string, file: string): number => Number(file.slice(path.length + 1));

/** Puts `log` aside under the next number and keeps `maxFiles` in all, the coming `log` included. The writer must open `log` anew after it. */
export const rotate = async (path: string, maxFiles: number): Promise<void> => {
  const rotated = (await logFiles(path)).filter((file) => file !== path);
  const newest = rotated.at(-1);
  await rename(path, `${path}.${newest === undefined ? 1 : numberOf(path, newest) + 1}`);
  const surplus = rotated.length + 2 - maxFiles;
  for (const file of rotated.slice(0, Math.max(0, surplus))) await rm(file, { force: true });
};
