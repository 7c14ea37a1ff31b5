import { readFileSync, statSync } from 'node:fs';
import { type FilePort, FileProblem } from './file-port.ts';

/** Compose and env files beyond this size are a mistake (a database dump, an image). */
const maxFileBytes = 16 * 1024 * 1024;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has a name that is too long',
};

const problem = (path: string, error: unknown): FileProblem => {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new FileProblem(path, reasons[code] ?? `cannot be read (${code || String(error)})`, { cause: error });
};

const readBytes = (path: string): Uint8Array => {
  if (path.includes('\0')) throw new FileProblem(path, 'is not a possible file name');
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new FileProblem(path, 'is a folder, not a file');
    if (stat.size > maxFileBytes) throw new FileProblem(path, `is larger than ${maxFileBytes} bytes`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw problem(path, error);
  }
};

const read = (path: string): string => {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FileProblem(path, 'is not UTF-8 text', { cause: error });
  }
};

const isFile = (path: string): boolean => {
  try {
    return !statSync(path).isDirectory();
  } catch {
    // Not there, or not ours to see: either way there is nothing to read.
    return false;
  }
};

/** The disk. The only place of this package that touches it. */
export const diskFiles: FilePort = { read, readBytes, isFile };
