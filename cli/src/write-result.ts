import { realpath, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writePrivateFile } from './private-file.ts';

/**
 * Writes what a command would have printed to the file that `-o` names: whole or not at all, and readable by its owner only, since
 * values of variables stand in it. A link leads to the file it names; into a device or pipe is written as it is.
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED: it cannot be written.
 */
export const writeResult = async (cwd: string, file: string, text: string): Promise<void> => {
  const path = await realpath(resolve(cwd, file)).catch(() => resolve(cwd, file));
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || there.isFile() || there.isDirectory()) await writePrivateFile(cwd, path, [Buffer.from(text)]);
  else await writeFile(path, text);
};
