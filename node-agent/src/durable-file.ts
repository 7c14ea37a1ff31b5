import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TsoError } from '@tso/proto';

/** Replaces the file whole: after a crash it holds the old or the new text, never half of one. Mode 0600. */
export const writeDurably = async (path: string, text: string | Uint8Array): Promise<void> => {
  const temporary = `${path}.tmp`;
  try {
    await writeSynced(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    // On a full disk the half that fitted would keep the little room there is. Why it failed is what counts.
    await removeFile(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
};

const writeSynced = async (path: string, text: string | Uint8Array): Promise<void> => {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
};

/** The names in a folder, in no order; none when it is not there. */
export const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Makes durable which names the folder has. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The file's bytes, or undefined when there is none. */
export const readIfThere = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** The parsed JSON file, or undefined when there is none. DATA_LOSS when it does not parse. */
export const readJson = async <T>(path: string): Promise<T | undefined> => {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString()) as T;
  } catch (error) {
    throw new TsoError('DATA_LOSS', `the file ${path} is damaged: ${String(error)}`, { cause: error });
  }
};

export const removeFile = (path: string): Promise<void> => rm(path, { force: true });

export const makePrivateDir = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
};
