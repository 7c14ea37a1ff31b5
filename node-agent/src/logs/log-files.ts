import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing, namesIn } from '../durable-file.ts';

/** One file of a log, as it stood when it was listed. */
export interface LogFile {
  readonly path: string;
  /** A rotated file keeps its number for good; Infinity: the one that is being written. */
  readonly number: number;
  readonly inode: number;
}

/** The files of one log, oldest first: `log.7 log.8 log`. */
const logPaths = async (path: string): Promise<readonly { readonly path: string; readonly number: number }[]> => {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const entries = await namesIn(folder);
  const rotated = entries
    .filter((file) => file.startsWith(prefix) && /^\d+$/.test(file.slice(prefix.length)))
    .map((file) => ({ path: join(folder, file), number: Number(file.slice(prefix.length)) }))
    .sort((a, b) => a.number - b.number);
  return entries.includes(basename(path)) ? [...rotated, { path, number: Number.POSITIVE_INFINITY }] : rotated;
};

const inodeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** The files of one log, oldest first, at one moment: a rotation meanwhile changes the names, so only what held still is believed. */
export const listLog = async (path: string): Promise<readonly LogFile[]> => {
  for (;;) {
    const files = await logPaths(path);
    const inodes = await Promise.all(files.map((file) => inodeOf(file.path)));
    const again = await logPaths(path);
    if (again.map((file) => file.number).join() !== files.map((file) => file.number).join()) continue;
    const found = files.flatMap((file, index) => {
      const inode = inodes[index];
      return inode === undefined ? [] : [{ ...file, inode }];
    });
    if (found.length === files.length) return found;
  }
};

/** The listed file, or undefined when its name means another one by now. The caller closes it. */
export const openListed = async (file: LogFile): Promise<FileHandle | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(file.path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if ((await handle.stat()).ino === file.inode) return handle;
  await handle.close();
  return undefined;
};

/** Bytes of the file; undefined: there is none. */
export const fileSize = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Puts `log` aside under the next number and keeps `maxFiles` in all, the coming `log` included. The writer must open `log` anew after it. */
export const rotate = async (path: string, maxFiles: number): Promise<void> => {
  const rotated = (await logPaths(path)).filter((file) => file.path !== path);
  await rename(path, `${path}.${(rotated.at(-1)?.number ?? 0) + 1}`);
  const surplus = rotated.length + 2 - maxFiles;
  for (const file of rotated.slice(0, Math.max(0, surplus))) await rm(file.path, { force: true });
};
