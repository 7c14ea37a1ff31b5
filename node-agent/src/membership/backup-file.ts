import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sentenceOf, TsoError } from '@tso/proto';
import { removeFile } from '../durable-file.ts';
import type { AgentPaths } from '../paths.ts';

const pathOf = (paths: AgentPaths): string => join(paths.dataDir, 'restore.backup');

/** Writes what comes to a file of the data directory that only root reads. Its path. INVALID_ARGUMENT: nothing came. */
export const receiveBackup = async (paths: AgentPaths, body: AsyncIterable<Uint8Array>): Promise<string> => {
  const path = pathOf(paths);
  await removeFile(path);
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
  } catch (error) {
    await removeFile(path);
    throw new TsoError('UNAVAILABLE', `the backup did not arrive whole: ${sentenceOf(error)}`, { cause: error });
  } finally {
    await file.close();
  }
  if (bytes > 0) return path;
  await removeFile(path);
  throw new TsoError('INVALID_ARGUMENT', 'the backup is empty');
};

export const forgetBackup = (paths: AgentPaths): Promise<void> => removeFile(pathOf(paths));
