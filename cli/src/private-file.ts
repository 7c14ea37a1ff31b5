import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TsoError } from '@tso/proto';

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const refused = (path: string, error: unknown): TsoError => {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such folder',
    ENOTDIR: 'a part of its path is no folder',
    EACCES: 'you may not write there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EISDIR: 'it is a folder',
    ENOTSUP: 'it is no file, and would be replaced by one',
  };
  return new TsoError(
    code === 'ENOSPC' ? 'RESOURCE_EXHAUSTED' : 'FAILED_PRECONDITION',
    `cannot write ${path}: ${known[code ?? ''] ?? message}`,
    { cause: error },
  );
};

const syncDirectory = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const writeAll = async (handle: FileHandle, chunks: Chunks): Promise<number> => {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    await handle.writeFile(chunk);
    sizeBytes += chunk.length;
  }
  return sizeBytes;
};

/** An error of the file system has a number; what the chunks failed with is passed on as it is. */
const isOfFiles = (error: unknown): boolean => error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';

/**
 * Writes a file that only its owner can read (0600): whole and durable under its name, or not at all. What was there under that
 * name is replaced only then. The result is its size in bytes. FAILED_PRECONDITION, RESOURCE_EXHAUSTED: it cannot be written.
 */
export const writePrivateFile = async (cwd: string, file: string, chunks: Chunks): Promise<number> => {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.getBuiltinModule('node:crypto').randomBytes(6).toString('hex')}`);
  try {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR', errno: -21 });
    // A device or pipe of that name would be gone: /dev/null, as root.
    if (there !== undefined && !there.isFile()) throw Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP', errno: -95 });
    const handle = await open(temporary, 'wx', 0o600);
    let sizeBytes: number;
    try {
      sizeBytes = await writeAll(handle, chunks);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncDirectory(folder);
    return sizeBytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw isOfFiles(error) ? refused(path, error) : error;
  }
};
