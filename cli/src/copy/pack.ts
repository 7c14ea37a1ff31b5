import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TsoError } from '@tso/proto';
import { type Pack, pack } from 'tar-stream';

const chunkBytes = 64 * 1024;

export interface PackOptions {
  /** A file or folder of this machine. */
  readonly path: string;
  /** Its name in the archive; empty: the contents of the folder, without a name above them. */
  readonly name: string;
  /** Whether a link at the path counts as what it leads to. */
  readonly followLink: boolean;
  readonly warn: (text: string) => void;
}

/** What a path of this machine is; undefined: nothing. */
export const localStat = async (path: string, followLink: boolean): Promise<Stats | undefined> => {
  try {
    return await (followLink ? stat(path) : lstat(path));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
};

const headerOf = (name: string, looks: Stats) => ({
  name,
  mode: looks.mode & 0o7777,
  uid: looks.uid,
  gid: looks.gid,
  mtime: looks.mtime,
});

/** Writes one entry after the other, at the pace of whoever reads the archive. */
class Packer {
  readonly archive: Pack = pack();
  readonly #warn: (text: string) => void;
  readonly #links = new Map<string, string>();

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  async add(path: string, name: string, followLink: boolean): Promise<void> {
    const looks = await localStat(path, followLink);
    // Deleted since its folder was read.
    if (looks === undefined) return;
    if (looks.isDirectory()) {
      if (name !== '') this.archive.entry({ ...headerOf(name, looks), type: 'directory' });
      for (const child of (await readdir(path, { encoding: 'buffer' })).map((bytes) => textOf(bytes, `a name in ${path}`)).sort())
        await this.add(join(path, child), name === '' ? child : `${name}/${child}`, false);
    } else if (looks.isSymbolicLink()) {
      this.archive.entry({
        ...headerOf(name, looks),
        type: 'symlink',
        linkname: textOf(await readlink(path, { encoding: 'buffer' }), `what ${path} leads to`),
      });
    } else if (looks.isFile()) {
      await this.#addFile(path, name, looks);
    } else {
      this.#warn(`${path} is no file, folder or link and was left out`);
    }
  }

  async #addFile(path: string, name: string, looks: Stats): Promise<void> {
    const key = `${looks.dev}:${looks.ino}`;
    const linkname = looks.nlink > 1 ? this.#links.get(key) : undefined;
    if (linkname !== undefined) {
      this.archive.entry({ ...headerOf(name, looks), type: 'link', linkname });
      return;
    }
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      const entry = this.archive.entry({ ...headerOf(name, looks), size });
      for (let at = 0; at < size; ) {
        const bytes = await readAt(file, at, Math.min(chunkBytes, size - at));
        if (bytes.length === 0) {
          this.#warn(`${path} became shorter while it was copied: its last ${size - at} bytes are zeros`);
          for (; at < size; at += Math.min(chunkBytes, size - at)) await written(entry, Buffer.alloc(Math.min(chunkBytes, size - at)));
          break;
        }
        await written(entry, bytes);
        at += bytes.length;
      }
      entry.end(undefined);
    } finally {
      await file.close();
    }
    if (looks.nlink > 1) this.#links.set(key, name);
  }
}

const textOf = (name: Buffer, what: string): string => {
  const text = name.toString();
  if (Buffer.from(text).equals(name)) return text;
  throw new TsoError('INVALID_ARGUMENT', `${what} is not UTF-8: ${JSON.stringify(text)}`, {
    hint: 'Rename it, or copy with tar: tar -c … | tso cp - SERVICE:PATH',
  });
};

const readAt = async (file: FileHandle, at: number, count: number): Promise<Buffer> => {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(count), 0, count, at);
  return buffer.subarray(0, bytesRead);
};

type Sink = ReturnType<Pack['entry']>;

const written = async (sink: Sink, bytes: Buffer): Promise<void> => {
  if (sink.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (action: () => void) => (): void => {
      sink.off('drain', drained);
      sink.off('close', drained);
      sink.off('error', failed);
      action();
    };
    const drained = settle(resolve);
    const failed = (error: Error): void => settle(() => reject(error))();
    sink.on('drain', drained);
    // Whoever read the archive has gone: he knows why.
    sink.on('close', drained);
    sink.on('error', failed);
  });
};

/** A file or folder of this machine as a tar stream, read as it goes out. NOT_FOUND: there is none. */
export const packLocal = async function* ({ path, name, followLink, warn }: PackOptions): AsyncGenerator<Uint8Array> {
  const looks = await localStat(path, followLink);
  if (looks === undefined) throw new TsoError('NOT_FOUND', `there is no ${path}`);
  if (!looks.isDirectory() && name === '') throw new TsoError('INVALID_ARGUMENT', `${basename(path)} is no folder`);
  const packer = new Packer(warn);
  const packed = packer.add(path, name, followLink).then(
    () => packer.archive.finalize(),
    (error: unknown) => packer.archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    for await (const chunk of packer.archive) yield chunk as Uint8Array;
    await packed;
  } finally {
    packer.archive.destroy();
  }
};
