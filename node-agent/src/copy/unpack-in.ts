import { constants, type Stats } from 'node:fs';
import { chmod, chown, type FileHandle, lchown, link, lutimes, mkdir, open, symlink, unlink, utimes } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { bytesOf, printable, type TarEntry } from '../image/tar-format.ts';
import { TarReader } from '../image/tar-reader.ts';
import type { ContainerRoot } from './container-root.ts';
import { entryPath } from './entry-path.ts';
import { byHandle, codeOf, depthMax, type Held, hold, inFolder } from './handle-walk.ts';
import { idOutside } from './owner.ts';

/** Folders whose times are set once all is in them; past that they keep the time of the copy. */
const folderTimesMax = 10_000;
/** Entries that are passed over are told one by one up to here. */
const warningsMax = 20;

type UnpackRoot = Pick<ContainerRoot, 'shift' | 'cover' | 'isReadOnly'>;

export interface UnpackOptions {
  /** Else all belongs to root inside the container. */
  readonly keepOwner: boolean;
}

/** The folder that is unpacked into: open, and as the container names it (binary). */
export interface UnpackBase {
  readonly handle: FileHandle;
  readonly path: string;
}

interface Writing {
  readonly file: FileHandle;
  readonly entry: TarEntry;
  readonly parent: FileHandle;
  readonly name: string;
  /** It is something mounted, which cannot be taken away. */
  readonly isMount: boolean;
}

interface Folder {
  readonly name: string;
  readonly handle: FileHandle;
  /** Path below the base of the mount that it lies in; empty: the base's own. */
  readonly mount: string;
}

/** What the container has at a name. */
interface Standing extends Held {
  /** It is mounted there and covers what its files have at that name. */
  readonly isMount: boolean;
}

/** Where an entry goes. */
interface Place {
  readonly parent: FileHandle;
  readonly name: string;
  readonly before: Standing | undefined;
}

/** What the kernel said to a write, as a sentence about the container's path. */
const explained = (error: unknown, path: string): unknown => {
  if (error instanceof TsoError) return error;
  const cause = { cause: error };
  switch (codeOf(error)) {
    case 'EROFS':
      return new TsoError('FAILED_PRECONDITION', `${path} cannot be written: its file system is read-only for the container`, cause);
    case 'EBUSY':
      return mountedOn(path, cause);
    case 'EXDEV':
      return acrossMounts(path, cause);
    case 'ENOSPC':
    case 'EDQUOT':
      return new TsoError('RESOURCE_EXHAUSTED', `${path} cannot be written: the disk, or what the container may use of it, is full`, cause);
    case 'EPERM':
    case 'EACCES':
      return new TsoError('FAILED_PRECONDITION', `${path} cannot be written: ${(error as Error).message}`, cause);
    default:
      return error;
  }
};

const mountedOn = (path: string, cause: { readonly cause?: unknown } = {}): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${path} cannot be replaced: something is mounted on it`, cause);

const acrossMounts = (path: string, cause: { readonly cause?: unknown } = {}): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${path} cannot be another name of a file that lies on another mount`, cause);

const isKind = (entry: TarEntry, ...kinds: readonly TarEntry['kind'][]): boolean => kinds.includes(entry.kind);

/**
 * Unpacks a tar stream into a folder that is held open. Every name is opened from the handle of the folder before it and no link is ever
 * followed on the way, so neither the archive's own links nor those that a process in the container puts there meanwhile lead elsewhere.
 * What is to be mounted in a container that does not run yet is written to as if it were mounted.
 * What is in the way is replaced, but a folder never by something else nor something else by a folder, as `docker cp` has it.
 * The destination itself keeps its looks. Device nodes and pipes are passed over.
 */
export class UnpackIn {
  readonly #base: UnpackBase;
  readonly #root: UnpackRoot;
  readonly #options: UnpackOptions;
  readonly #reader = new TarReader();
  readonly #warnings: string[] = [];
  readonly #folderTimes: { readonly path: readonly string[]; readonly mtime: number }[] = [];
  #passedOver = 0;
  /** Open folders down to the one that was last written in. */
  #trail: readonly Folder[] = [];
  #writing: Writing | undefined;

  constructor(base: UnpackBase, root: UnpackRoot, options: UnpackOptions) {
    this.#base = base;
    this.#root = root;
    this.#options = options;
  }

  /** What was passed over, to be told. */
  get warnings(): readonly string[] {
    const more = this.#passedOver - this.#warnings.length;
    return more > 0 ? [...this.#warnings, `${more} more entries were passed over`] : this.#warnings;
  }

  /** The next piece, of any size. INVALID_ARGUMENT: an entry that leads out. FAILED_PRECONDITION: what is in the way. DATA_LOSS: damaged. */
  async push(piece: Uint8Array): Promise<void> {
    for (const event of this.#reader.push(piece)) {
      if (event.kind === 'entry') await this.#begin(event.entry);
      else if (event.kind === 'data') await this.#write(event.bytes);
      else await this.#endFile();
    }
  }

  /** All has come. DATA_LOSS: not all has. */
  async finish(): Promise<void> {
    this.#reader.finish();
    // Children before parents: setting the times of what lies in a folder changes nothing in the folder's own.
    for (const { path, mtime } of this.#folderTimes.reverse()) await this.#setTime(path, mtime);
  }

  /** A file that was not written to its end is taken away again. */
  async close(): Promise<void> {
    const half = this.#writing;
    this.#writing = undefined;
    try {
      if (half !== undefined) await takeAway(half);
    } finally {
      for (const { handle } of this.#trail) await handle.close();
      this.#trail = [];
    }
  }

  async #begin(entry: TarEntry): Promise<void> {
    const path = entryPath(entry.name);
    const name = path.at(-1);
    if (name === undefined) {
      if (isKind(entry, 'directory')) return;
      throw new TsoError('INVALID_ARGUMENT', `the archive's entry ${printable(entry.name)} has no name`);
    }
    if (isKind(entry, 'fifo', 'char', 'block')) return this.#passOver(`${printable(entry.name)} is a device or a pipe and was passed over`);
    try {
      this.#requireWritable(path);
      const parent = await this.#enter(path.slice(0, -1));
      const before = await this.#standing(parent, path);
      try {
        await this.#make(entry, path, { parent, name, before });
      } finally {
        await before?.handle.close();
      }
    } catch (error) {
      throw explained(error, printable(path.join('/')));
    }
  }

  async #make(entry: TarEntry, path: readonly string[], at: Place): Promise<void> {
    const { before } = at;
    const isFolder = before?.stat.isDirectory() ?? false;
    if (isKind(entry, 'directory')) return this.#makeFolder(entry, path, at);
    if (isFolder) {
      throw new TsoError('FAILED_PRECONDITION', `${printable(path.join('/'))} is a folder and is not replaced by something else`, {
        hint: 'Name another destination, or remove the folder first',
      });
    }
    if (!isKind(entry, 'symlink', 'link')) return this.#openFile(entry, at);
    if (before?.isMount === true) throw mountedOn(printable(path.join('/')));
    return isKind(entry, 'symlink') ? this.#makeLink(entry, at) : this.#makeHardLink(entry, at);
  }

  async #makeFolder(entry: TarEntry, path: readonly string[], { parent, name, before }: Place): Promise<void> {
    if (before !== undefined && !before.stat.isDirectory()) {
      throw new TsoError('FAILED_PRECONDITION', `${printable(path.join('/'))} is not a folder and is not replaced by one`, {
        hint: 'Name another destination, or remove it first',
      });
    }
    if (before === undefined) await mkdir(inFolder(parent, name), { mode: 0o700 });
    const made = await this.#standing(parent, path);
    if (made === undefined || !made.stat.isDirectory()) {
      await made?.handle.close();
      throw changedMeanwhile(path);
    }
    try {
      await this.#own(byHandle(made.handle), entry);
      await chmod(byHandle(made.handle), entry.mode);
    } finally {
      await made.handle.close();
    }
    if (this.#folderTimes.length < folderTimesMax) this.#folderTimes.push({ path, mtime: Number(entry.mtime) });
  }

  async #makeLink(entry: TarEntry, { parent, name, before }: Place): Promise<void> {
    const at = inFolder(parent, name);
    if (before !== undefined) await unlink(at);
    await symlink(Buffer.from(bytesOf(entry.linkName)), at);
    const { uid, gid } = this.#ids(entry);
    await lchown(at, uid, gid);
    await lutimes(at, Number(entry.mtime), Number(entry.mtime));
  }

  async #makeHardLink(entry: TarEntry, { parent, name, before }: Place): Promise<void> {
    const path = entryPath(entry.linkName);
    const target = path.at(-1);
    const walked = await this.#walk(path.slice(0, -1));
    try {
      const folder = walked.at(-1)?.handle ?? this.#base.handle;
      const original = target === undefined ? undefined : await this.#standing(folder, path);
      if (target === undefined || original === undefined || original.stat.isDirectory()) {
        await original?.handle.close();
        throw new TsoError(
          'INVALID_ARGUMENT',
          `the archive's entry ${printable(entry.name)} is another name of ${printable(entry.linkName)}, which is not in it`,
        );
      }
      const isSame = before !== undefined && before.stat.dev === original.stat.dev && before.stat.ino === original.stat.ino;
      await original.handle.close();
      if (isSame) return;
      // The kernel says so itself, but not while what is to be mounted lies on one file system.
      const isOneMount = !original.isMount && (walked.at(-1)?.mount ?? '') === (this.#trail.at(-1)?.mount ?? '');
      if (!isOneMount) throw acrossMounts(printable(entry.name));
      if (before !== undefined) await unlink(inFolder(parent, name));
      await link(inFolder(folder, target), inFolder(parent, name));
    } finally {
      for (const { handle } of walked) await handle.close();
    }
  }

  async #openFile(entry: TarEntry, { parent, name, before }: Place): Promise<void> {
    const file = await openFresh(parent, name, before);
    this.#writing = { file, entry, parent, name, isMount: before?.isMount ?? false };
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#writing === undefined) return;
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.#writing.file.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw explained(error, printable(this.#writing.entry.name));
    }
  }

  async #endFile(): Promise<void> {
    const written = this.#writing;
    if (written === undefined) return;
    const { file, entry } = written;
    const { uid, gid } = this.#ids(entry);
    await file.chown(uid, gid);
    // After the owner: a change of owner takes setuid away.
    await file.chmod(entry.mode);
    await file.utimes(Number(entry.mtime), Number(entry.mtime));
    this.#writing = undefined;
    await file.close();
  }

  #ids(entry: TarEntry): { readonly uid: number; readonly gid: number } {
    const { shift } = this.#root;
    const [uid, gid] = this.#options.keepOwner ? [entry.uid, entry.gid] : [0, 0];
    return { uid: idOutside(uid, shift), gid: idOutside(gid, shift) };
  }

  #own(path: string, entry: TarEntry): Promise<void> {
    const { uid, gid } = this.#ids(entry);
    return chown(path, uid, gid);
  }

  #passOver(why: string): void {
    this.#passedOver += 1;
    if (this.#warnings.length < warningsMax) this.#warnings.push(why);
  }

  /** The open folder of that path; those on the way that are not there are made, as root's. */
  async #enter(path: readonly string[]): Promise<FileHandle> {
    if (path.length > depthMax)
      throw new TsoError('INVALID_ARGUMENT', `${printable(path.join('/'))} is more than ${depthMax} folders deep`);
    let same = 0;
    while (same < path.length && this.#trail[same]?.name === path[same]) same += 1;
    for (const { handle } of this.#trail.slice(same)) await handle.close();
    this.#trail = this.#trail.slice(0, same);
    while (this.#trail.length < path.length) {
      const way = path.slice(0, this.#trail.length + 1);
      const parent = this.#trail.at(-1)?.handle ?? this.#base.handle;
      const step = (await this.#standing(parent, way)) ?? (await this.#makeParent(parent, way));
      if (step === undefined || !step.stat.isDirectory()) {
        await step?.handle.close();
        throw notAFolder(path, step?.stat);
      }
      this.#trail = [...this.#trail, below(this.#trail.at(-1), way, step)];
    }
    return this.#trail.at(-1)?.handle ?? this.#base.handle;
  }

  /** What the container has there, its mounts included; undefined: nothing. The caller closes it. */
  async #standing(parent: FileHandle, path: readonly string[]): Promise<Standing | undefined> {
    const covering = await this.#root.cover(this.#inContainer(path));
    if (covering !== undefined) return { handle: covering, stat: await covering.stat(), isMount: true };
    const held = await hold(parent, path.at(-1) ?? '');
    return held === undefined ? undefined : { ...held, isMount: false };
  }

  #inContainer(path: readonly string[]): string {
    return `${this.#base.path === '/' ? '' : this.#base.path}/${path.join('/')}`;
  }

  /** As far as the kernel does not say so itself. */
  #requireWritable(path: readonly string[]): void {
    const at = this.#inContainer(path);
    if (this.#root.isReadOnly(at)) throw new TsoError('FAILED_PRECONDITION', `${printable(at)} is read-only in the container`);
  }

  async #makeParent(parent: FileHandle, path: readonly string[]): Promise<Standing | undefined> {
    this.#requireWritable(path);
    await mkdir(inFolder(parent, path.at(-1) ?? ''), { mode: 0o700 });
    const made = await this.#standing(parent, path);
    if (made === undefined || !made.stat.isDirectory()) return made;
    const { shift } = this.#root;
    await chown(byHandle(made.handle), idOutside(0, shift), idOutside(0, shift));
    await chmod(byHandle(made.handle), 0o755);
    return made;
  }

  /** The folders of a path that must be there, opened one by one. The caller closes them. */
  async #walk(path: readonly string[]): Promise<readonly Folder[]> {
    const walked: Folder[] = [];
    for (const depth of path.keys()) {
      const way = path.slice(0, depth + 1);
      const step = await this.#standing(walked.at(-1)?.handle ?? this.#base.handle, way);
      if (step !== undefined) walked.push(below(walked.at(-1), way, step));
      if (step?.stat.isDirectory() !== true) {
        for (const { handle } of walked) await handle.close();
        throw notAFolder(path, step?.stat);
      }
    }
    return walked;
  }

  /** A folder that the container has taken away meanwhile stays away. */
  async #setTime(path: readonly string[], mtime: number): Promise<void> {
    let walked: readonly Folder[] = [];
    try {
      walked = await this.#walk(path);
      const folder = walked.at(-1);
      if (folder !== undefined) await utimes(byHandle(folder.handle), mtime, mtime);
    } catch (error) {
      if (!(error instanceof TsoError) || error.code !== 'FAILED_PRECONDITION') throw error;
    } finally {
      for (const { handle } of walked) await handle.close();
    }
  }
}

const below = (parent: Folder | undefined, path: readonly string[], { handle, isMount }: Standing): Folder => ({
  name: path.at(-1) ?? '',
  handle,
  mount: isMount ? path.join('/') : (parent?.mount ?? ''),
});

const takeAway = async ({ file, parent, name, isMount }: Writing): Promise<void> => {
  try {
    await file.close();
  } finally {
    // What is mounted stays, cut short.
    const away = isMount ? Promise.resolve() : unlink(inFolder(parent, name));
    await away.catch((error: unknown) => {
      // The container took it away first or put a folder there, or something is mounted on it.
      if (!['ENOENT', 'EISDIR', 'EBUSY'].includes(codeOf(error))) throw error;
    });
  }
};

const changedMeanwhile = (path: readonly string[]): TsoError =>
  new TsoError('CONFLICT', `${printable(path.join('/'))} was changed while it was written`, { hint: 'Try again' });

const notAFolder = (path: readonly string[], stat: Stats | undefined): TsoError => {
  const what = stat === undefined ? 'missing' : stat.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
  return new TsoError('FAILED_PRECONDITION', `the way to ${printable(path.join('/'))} is blocked: a part of it is ${what}`, {
    hint: 'Links are not followed below the destination: copy to the folder that the link leads to',
  });
};

const overwrite = ({ handle }: Held): Promise<FileHandle> => open(byHandle(handle), constants.O_WRONLY | constants.O_TRUNC);

/** A new empty file in the place of what was there. One that something is mounted on cannot be replaced: it is written anew as it is. */
const openFresh = async (parent: FileHandle, name: string, before: Standing | undefined): Promise<FileHandle> => {
  if (before?.isMount === true) return overwrite(before);
  if (before !== undefined) {
    try {
      await unlink(inFolder(parent, name));
    } catch (error) {
      if (codeOf(error) !== 'EBUSY' || !before.stat.isFile()) throw error;
      return overwrite(before);
    }
  }
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return open(inFolder(parent, name), flags, 0o600);
};
