import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type FilePort, FileProblem } from './file-port.ts';

/** Compose and env files beyond this size are a mistake (a database dump, an image). */
export const maxFileBytes = 10 * 1024 * 1024;

/** How long a pipe that was handed over may be silent before it is given up. */
const pipePatienceMs = 10_000;
const pipeStepMs = 20;
const chunkBytes = 256 * 1024;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has a name that is too long',
  ENXIO: 'is a device or socket, not a file',
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const problem = (path: string, error: unknown): FileProblem =>
  new FileProblem(path, reasons[codeOf(error)] ?? `cannot be read (${codeOf(error) || String(error)})`, { cause: error });

/** A pipe that whoever started this program handed over: standard input, or what a shell makes of `<(command)`. */
const isHandedOver = (path: string, stat: Stats): boolean =>
  stat.isFIFO() && (path === '/dev/stdin' || /^\/(dev|proc\/self)\/fd\/\d+$/.test(path));

const refuseUnreadable = (path: string, stat: Stats): void => {
  if (stat.isFile() || isHandedOver(path, stat)) return;
  if (stat.isDirectory()) throw new FileProblem(path, 'is a folder, not a file');
  if (stat.isFIFO()) throw new FileProblem(path, 'is a named pipe, not a file');
  throw new FileProblem(path, 'is a device or socket, not a file');
};

/** Sleeps without a timer: everything here is synchronous. */
const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** The next bytes, none at the end; waits a bounded time for a pipe that is silent. */
const readChunk = (path: string, fd: number): Buffer => {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let waitedMs = 0; ; waitedMs += pipeStepMs) {
    try {
      return buffer.subarray(0, readSync(fd, buffer));
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      if (waitedMs >= pipePatienceMs)
        throw new FileProblem(path, `is a pipe into which nothing was written for ${pipePatienceMs / 1000} s`);
      pause(pipeStepMs);
    }
  }
};

const readAll = (path: string, fd: number): Buffer => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = readChunk(path, fd);
    if (chunk.length === 0) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    bytes += chunk.length;
    // Counted, not looked up: a file may grow, and what a system makes up as it is read has no size.
    if (bytes > maxFileBytes) throw new FileProblem(path, `is larger than ${maxFileBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
};

const readBytes = (path: string): Buffer => {
  if (path.includes('\0')) throw new FileProblem(path, 'is not a possible file name');
  let fd: number | undefined;
  try {
    refuseUnreadable(path, statSync(path));
    // Opening without waiting: the file may have become a pipe since.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    refuseUnreadable(path, fstatSync(fd));
    return readAll(path, fd);
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw problem(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
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
