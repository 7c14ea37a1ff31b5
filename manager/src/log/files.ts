import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TsoError } from '@tso/proto';

/** Makes names that were created, renamed or removed in the directory durable (fsync(2): a file's own sync does not). */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Writes all chunks in order, however many writes that takes. */
export const writeAll = async (handle: FileHandle, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten;
  }
};

/** The file with exactly that content, durable under its name, or no such file at all. */
export const writeDurably = async (path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await writeAll(handle, chunks);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
};

/** Removes what an interrupted `writeDurably` left. */
export const removeTemporaries = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) if (name.endsWith('.tmp')) await rm(join(directory, name), { force: true });
};

const indexDigits = 16;

/** Files named by a log index, so that their names sort as their indexes do. */
export interface IndexedFiles {
  pathOf(index: number): string;
  /** Ascending. */
  list(): Promise<readonly number[]>;
}

export const indexedFiles = (directory: string, prefix: string, suffix: string): IndexedFiles => {
  const pattern = new RegExp(`^${prefix}-([0-9]{${indexDigits}})\\.${suffix}$`);
  return {
    pathOf: (index) => join(directory, `${prefix}-${String(index).padStart(indexDigits, '0')}.${suffix}`),
    list: async () => {
      const indexes: number[] = [];
      for (const name of await readdir(directory)) {
        const index = pattern.exec(name)?.[1];
        if (index !== undefined) indexes.push(Number(index));
      }
      return indexes.sort((a, b) => a - b);
    },
  };
};

export const dataLoss = (path: string, offset: number, why: string): TsoError =>
  new TsoError('DATA_LOSS', `the manager's state file ${path} is damaged at byte ${offset}: ${why}`, {
    hint: 'Check the disk, then restore the state directory from a backup; the files were left as they are',
    details: { path, offset },
  });

/** What a failed write to the state directory means for a person. */
export const diskFailure = (what: string, path: string, cause: unknown): TsoError => {
  const errno = (cause as NodeJS.ErrnoException).code ?? '';
  const full = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new TsoError(
    full ? 'RESOURCE_EXHAUSTED' : 'DATA_LOSS',
    `${what} failed for ${path}: ${full ? 'no space left on the disk' : cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: full
        ? 'Free some space and start the manager again; what was acknowledged is safe'
        : 'Check the disk (dmesg) and start the manager again',
      details: { path, errno },
      cause,
    },
  );
};
