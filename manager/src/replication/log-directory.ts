import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sentenceOf, TsoError } from '@tso/proto';

/** Where in the state directory the log is. */
export const logDirectoryOf = (stateDir: string): string => join(stateDir, 'raft');

/** Where a log is prepared that is to take the other's place. */
export const preparedDirectoryOf = (stateDir: string): string => join(stateDir, 'raft.new');

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
};

/** Makes the state directory, and finishes a replacement of the log that a crash interrupted. FAILED_PRECONDITION: it cannot be used. */
export const prepareStateDirectory = async (stateDir: string): Promise<void> => {
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TsoError('FAILED_PRECONDITION', `the state directory ${stateDir} cannot be made: ${sentenceOf(error)}`, { cause: error });
  }
  const old = (await readdir(stateDir)).find((name) => /^(log-\d{16}\.seg|store-\d{16}\.snap)$/.test(name));
  if (old !== undefined) {
    throw new TsoError('FAILED_PRECONDITION', `the state directory ${stateDir} is of an earlier version that kept no Raft log (${old})`, {
      hint: 'Move it away to begin anew, then apply the stacks again',
    });
  }
  // The log is moved away only when the one that replaces it is complete.
  if (!(await isThere(logDirectoryOf(stateDir))) && (await isThere(preparedDirectoryOf(stateDir)))) {
    await rename(preparedDirectoryOf(stateDir), logDirectoryOf(stateDir));
  }
};

const asidePrefix = 'raft.before-';

/** The logs that were replaced, in the order of their names. */
export const asideLogsOf = async (stateDir: string): Promise<readonly string[]> => {
  const entries = await readdir(stateDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(asidePrefix)).map(({ name }) => name);
  return names.sort().map((name) => join(stateDir, name));
};

/** Puts the prepared log in the place of the old one, which is kept beside it. Returns where. */
export const replaceLog = async (stateDir: string, suffix: string): Promise<string> => {
  const aside = join(stateDir, `${asidePrefix}${suffix}`);
  await rename(logDirectoryOf(stateDir), aside);
  await rename(preparedDirectoryOf(stateDir), logDirectoryOf(stateDir));
  return aside;
};
