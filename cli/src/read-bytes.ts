import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TsoError } from '@tso/proto';
import { UsageError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { readUpTo } from './read-up-to.ts';

/** What the file is to be, and how much of it at most. */
export interface WantedBytes {
  /** For sentences: the secret. */
  readonly what: string;
  readonly mostBytes: number;
}

const known: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
};

const upTo = (chunks: AsyncIterable<unknown>, from: string, { what, mostBytes }: WantedBytes): Promise<Uint8Array> =>
  readUpTo(
    chunks,
    mostBytes,
    () =>
      new TsoError('RESOURCE_EXHAUSTED', `${from} has more than the ${mostBytes} bytes that ${what} may have`, {
        hint: 'Keep large files in a volume or the image',
        details: { outcome: 'refused' },
      }),
  );

const fromFile = async (path: string, name: string, wanted: WantedBytes): Promise<Uint8Array> => {
  try {
    const file = await open(path);
    try {
      return await upTo(file.createReadStream({ autoClose: false }), name, wanted);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TsoError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TsoError('INVALID_ARGUMENT', `cannot read ${name}: ${known[code ?? ''] ?? message}`, { cause: error });
  }
};

/**
 * All bytes of a file, or of standard input when it is `-`, just as they are. Pipes are read to their end.
 * INVALID_ARGUMENT: it cannot be read; RESOURCE_EXHAUSTED: it is longer; a wrong use: standard input is a terminal, which would show it.
 */
export const bytesOf = (io: Io, file: string, wanted: WantedBytes): Promise<Uint8Array> => {
  if (file !== '-') return fromFile(resolve(io.cwd, file), file, wanted);
  if (io.stdin.isTTY === true)
    throw new UsageError(`${wanted.what} is not typed at a terminal, which would show it`, 'Pipe it in, or name a file');
  return upTo(io.stdin, 'standard input', wanted);
};
