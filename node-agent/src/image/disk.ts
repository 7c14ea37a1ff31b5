import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TsoError, toTsoError } from '@tso/proto';
import { runCommand } from '../host-command.ts';

/** Large trees take their time; a hung disk must still end. */
const slowTimeoutMs = 10 * 60_000;

/** What a failed write means to the user: RESOURCE_EXHAUSTED for a full disk, CANCELLED for an aborted signal, INTERNAL otherwise. */
export const diskError = (error: unknown, what: string): TsoError => {
  const known = toTsoError(error);
  if (error instanceof TsoError || known.code === 'CANCELLED') return known;
  const errno = error instanceof Error && 'code' in error ? error.code : '';
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new TsoError('RESOURCE_EXHAUSTED', `${what}: the disk is full`, {
      hint: 'Free some space or remove images: tso image rm NAME',
      cause: error,
    });
  }
  return new TsoError('INTERNAL', `${what}: ${known.message}`, { cause: error });
};

/** Makes the folder for root alone. */
export const privateFolder = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
};

const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Replaces a file so that a crash leaves the old or the new text, never a part. Mode 0600. */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncPath(dirname(path));
};

/** Everything written so far to the file system that holds this path is on the disk: one syncfs(2) instead of a fsync for each of a layer's files. */
export const syncFileSystem = async (path: string): Promise<void> => {
  await runCommand('sync', ['-f', path], { timeoutMs: slowTimeoutMs });
};

/**
 * Deletes a tree by rm, which sees names as bytes: node would decode a name that is not UTF-8 and then not find it again.
 * Never crosses into another file system, so a forgotten mount keeps its content. Nothing there is fine.
 */
export const deleteTrees = async (paths: readonly string[]): Promise<void> => {
  if (paths.length > 0) await runCommand('rm', ['-rf', '--one-file-system', '--', ...paths], { timeoutMs: slowTimeoutMs });
};
