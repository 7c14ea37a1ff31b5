import { constants } from 'node:fs';
import { chmod, chown, type FileHandle, lchown, link, lstat, lutimes, mkdir, open, symlink, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TsoError } from '@tso/proto';
import { extract, type Header } from 'tar-stream';
import { renamedEntry } from '../view-model/copy-plan.ts';

export interface UnpackOptions {
  /** An existing folder of this machine. */
  readonly folder: string;
  /** What the archive's first name becomes; empty: it falls away. */
  readonly name: string;
  /** Keep the owners' numbers, and what runs as its owner; needs root. */
  readonly keepOwner: boolean;
  readonly warn: (text: string) => void;
}

/** What `stat` says of a name itself; undefined: nothing is there. */
const looksOf = async (path: string | Buffer) => {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const printable = (binary: string): string => JSON.stringify(Buffer.from(binary, 'latin1').toString());

/** Setuid and setgid mean another owner's rights: only who keeps the owners keeps them. */
const ordinaryBits = 0o1777;

/**
 * Unpacks on this machine what a container gave, so nothing in it is trusted: no entry leads out of the folder, neither by `..` nor by a
 * link that is there or that the archive brings. Names are binary strings, since file names are bytes.
 */
class Unpacker {
  readonly #options: UnpackOptions;
  /** Folders that were seen to be folders and no links. */
  readonly #folders = new Set<string>();
  readonly #later: { readonly path: string; readonly header: Header }[] = [];

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  async entry(entry: Entry): Promise<void> {
    const header = inBinary(entry.header);
    const path = this.#place(header.name);
    if (path === '') return drained(entry);
    const { type } = header;
    if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory' && type !== 'symlink' && type !== 'link') {
      this.#options.warn(`${printable(path)} is a device or a pipe and was left out`);
      return drained(entry);
    }
    await this.#requireFolder(dirname(path));
    const before = await looksOf(this.#at(path));
    if (type === 'directory') {
      if (before !== undefined && !before.isDirectory()) throw inTheWay(path, 'not a folder, and is not replaced by one');
      if (before === undefined) await mkdir(this.#at(path), { mode: 0o700 });
      this.#folders.add(path);
      this.#later.push({ path, header });
      return drained(entry);
    }
    if (before?.isDirectory() === true) throw inTheWay(path, 'a folder, and is not replaced by something else');
    if (type === 'symlink') return this.#link(path, header, before !== undefined);
    if (type === 'link') return this.#hardLink(path, header, before !== undefined);
    await this.#file(path, entry, header, before !== undefined);
  }

  /** Folders get their looks last: one that may not be written to is filled first. */
  async finish(): Promise<void> {
    for (const { path, header } of this.#later.reverse()) await this.#adorn(this.#at(path), header);
  }

  /** Below the folder. INVALID_ARGUMENT: it leads out. */
  #place(name: string): string {
    const path = renamedEntry(name, Buffer.from(this.#options.name).toString('latin1'));
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..'))
      throw new TsoError('INVALID_ARGUMENT', `the archive's entry ${printable(name)} leads out of ${this.#options.folder}`);
    return parts.join('/');
  }

  #at(path: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.#options.folder}/`), Buffer.from(path, 'latin1')]);
  }

  async #requireFolder(path: string): Promise<void> {
    if (path === '.' || this.#folders.has(path)) return;
    await this.#requireFolder(dirname(path));
    const looks = await looksOf(this.#at(path));
    if (looks === undefined) await mkdir(this.#at(path));
    else if (!looks.isDirectory()) throw inTheWay(path, looks.isSymbolicLink() ? 'a link, which is not followed' : 'not a folder');
    this.#folders.add(path);
  }

  async #file(path: string, entry: Entry, header: Header, replaces: boolean): Promise<void> {
    const at = this.#at(path);
    if (replaces) await unlink(at);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(at, flags, 0o600);
    try {
      for await (const chunk of entry) await writeWhole(file, chunk as Uint8Array);
    } finally {
      await file.close();
    }
    await this.#adorn(at, header);
  }

  async #link(path: string, header: Header, replaces: boolean): Promise<void> {
    const at = this.#at(path);
    if (replaces) await unlink(at);
    await symlink(Buffer.from(header.linkname ?? '', 'latin1'), at);
    if (this.#options.keepOwner) await lchown(at, header.uid ?? 0, header.gid ?? 0);
    const time = header.mtime ?? new Date(0);
    await lutimes(at, time, time);
  }

  async #hardLink(path: string, header: Header, replaces: boolean): Promise<void> {
    const target = this.#place(header.linkname ?? '');
    await this.#requireFolder(dirname(target));
    const looks = await looksOf(this.#at(target));
    if (target === '' || looks === undefined || looks.isDirectory())
      throw new TsoError(
        'INVALID_ARGUMENT',
        `the archive's entry ${printable(path)} is another name of ${printable(target)}, which is not in it`,
      );
    if (target === path) return;
    if (replaces) await unlink(this.#at(path));
    await link(this.#at(target), this.#at(path));
  }

  async #adorn(at: Buffer, header: Header): Promise<void> {
    const { keepOwner } = this.#options;
    if (keepOwner) await chown(at, header.uid ?? 0, header.gid ?? 0);
    await chmod(at, (header.mode ?? 0o644) & (keepOwner ? 0o7777 : ordinaryBits));
    const time = header.mtime ?? new Date(0);
    await utimes(at, time, time);
  }
}

const inTheWay = (path: string, what: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${printable(path)} at the destination is ${what}`, {
    hint: 'Name another destination, or remove it first',
  });

/** Names are taken as the bytes they are; the package's types do not know that option. */
const extractOptions = { filenameEncoding: 'latin1', highWaterMark: 256 * 1024 };

type Extracting = ReturnType<typeof extract>;
type Entry = Extracting extends AsyncIterable<infer T> ? T : never;

/** Names in pax records are UTF-8 and come decoded; all others are bytes already. */
const inBinary = (header: Header): Header => {
  const pax = header.pax as { readonly path?: string; readonly linkpath?: string } | null | undefined;
  const bytes = (text: string): string => Buffer.from(text).toString('latin1');
  return {
    ...header,
    name: pax?.path === undefined ? header.name : bytes(header.name),
    linkname: pax?.linkpath === undefined ? header.linkname : bytes(header.linkname),
  };
};

const drained = async (entry: Entry): Promise<void> => {
  for await (const _ of entry);
};

const writeWhole = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
};

/** Unpacks a tar stream below a folder of this machine. INVALID_ARGUMENT: an entry leads out. FAILED_PRECONDITION: something is in the way. */
export const unpackLocal = async (archive: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<void> => {
  const entries = extract(extractOptions);
  const unpacker = new Unpacker(options);
  const feeding = pipeline(Readable.from(archive), entries);
  // Looked at below; a failure before that must not count as nobody's.
  feeding.catch(() => undefined);
  try {
    for await (const entry of entries) await unpacker.entry(entry);
    await feeding;
    await unpacker.finish();
  } catch (error) {
    // The entries were cut off because the archive was: why is known there.
    if ((error as NodeJS.ErrnoException).code === 'STREAM_DESTROYED') await feeding;
    throw error;
  } finally {
    entries.destroy();
  }
};
