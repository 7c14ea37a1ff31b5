import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, statfs } from 'node:fs/promises';
import type { PathStat, RelayFrame } from '@tso/proto';
import { TsoError } from '@tso/proto';
import {
  binaryString,
  type EntryKind,
  encodeEntry,
  endOfArchive,
  noXattrs,
  padding,
  printable,
  type TarEntry,
} from '../image/tar-format.ts';
import type { ContainerRoot } from './container-root.ts';
import { byHandle, depthMax, hold, linkText } from './handle-walk.ts';
import { idInside } from './owner.ts';

/** A frame is sent once it holds that much. */
const frameBytes = 64 * 1024;
/** What is read of a file that has no size of its own: those of /proc and /sys. */
const kernelFileBytes = 1024 * 1024;
/** Names of files with several names that are remembered; past that each is stored whole. */
const linksMax = 100_000;

/** File systems that show the kernel's state rather than files (linux/magic.h): proc, sysfs, cgroup, cgroup2, devpts, mqueue, debugfs, tracefs, securityfs, bpf. */
const kernelViews: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x19800202, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
]);

const isKernelView = async (handle: FileHandle): Promise<boolean> => kernelViews.has((await statfs(byHandle(handle))).type);

const kindOf = (stat: Stats): EntryKind | undefined => {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isCharacterDevice()) return 'char';
  return stat.isBlockDevice() ? 'block' : undefined;
};

/** Numbers of a device (gnu_dev_major, gnu_dev_minor of glibc). */
const deviceOf = (rdev: number): { readonly devMajor: number; readonly devMinor: number } => {
  const high = Math.floor(rdev / 2 ** 32);
  const low = rdev % 2 ** 32;
  return {
    devMajor: ((low >>> 8) & 0xfff) | (high & 0xfffff000),
    devMinor: (low & 0xff) | ((low >>> 12) & 0xfff00),
  };
};

/** What is at a place to be copied: its handle, its name in the folder that has it, and the name it gets in the archive. */
interface Item {
  readonly handle: FileHandle;
  readonly stat: Stats;
  readonly parent: FileHandle;
  readonly name: string;
  readonly entryName: string;
  readonly path: string;
}

/** What stands at a path, as `cp` wants to know it. */
export const pathStat = (name: string, stat: Stats, linkTarget: string): PathStat => ({
  name,
  sizeBytes: stat.size,
  mode: stat.mode,
  modifiedAtMs: Math.floor(stat.mtimeMs),
  linkTarget,
  isDirectory: stat.isDirectory(),
  missing: false,
  taskId: '',
});

/**
 * A place and all below it as frames of a tar stream, of which the first name is `entryName` (binary; `.` for a folder's contents).
 * Read by handles, as it is at each moment: a container that changes its files meanwhile gets a mixture, never others' files. A file
 * that shrinks is filled with zeros, a socket left out; both are said in a warning. Views of the kernel are not descended into.
 */
export class ArchiveOut {
  readonly #root: ContainerRoot;
  readonly #links = new Map<string, string>();
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(root: ContainerRoot) {
    this.#root = root;
  }

  async *frames(place: Omit<Item, 'entryName'>, entryName: string, signal: AbortSignal): AsyncGenerator<RelayFrame> {
    if (place.stat.isDirectory() && (await isKernelView(place.handle)))
      throw new TsoError('INVALID_ARGUMENT', `${printable(place.path)} shows the kernel's state and has no files to copy`);
    yield* this.#item({ ...place, entryName }, signal, 0);
    this.#put(endOfArchive());
    yield* this.#taken(0);
  }

  async *#item(item: Item, signal: AbortSignal, depth: number): AsyncGenerator<RelayFrame> {
    signal.throwIfAborted();
    const { stat, entryName } = item;
    const kind = kindOf(stat);
    if (kind === undefined) {
      yield { warning: `${printable(item.path)} is a socket and was left out` };
      return;
    }
    if (kind === 'file') return yield* this.#file(item, signal);
    const linkName = kind === 'symlink' ? await linkText(item.parent, item.name) : '';
    if (linkName === undefined) {
      yield { warning: `${printable(item.path)} was changed while it was copied and was left out` };
      return;
    }
    const name = kind === 'directory' ? `${entryName}/` : entryName;
    this.#put(...encodeEntry({ ...this.#entry(stat), kind, name, linkName }));
    yield* this.#taken(frameBytes);
    if (kind === 'directory') yield* this.#below(item, signal, depth);
  }

  async *#below(folder: Item, signal: AbortSignal, depth: number): AsyncGenerator<RelayFrame> {
    if (depth >= depthMax) throw new TsoError('INVALID_ARGUMENT', `${printable(folder.path)} is more than ${depthMax} folders deep`);
    const names = await readdir(byHandle(folder.handle), { encoding: 'buffer' });
    for (const name of names.map((bytes) => binaryString(bytes)).sort()) {
      const path = `${folder.path === '/' ? '' : folder.path}/${name}`;
      const covering = await this.#root.cover(path);
      const held = covering === undefined ? await hold(folder.handle, name) : { handle: covering, stat: await covering.stat() };
      // Deleted since the folder was read.
      if (held === undefined) continue;
      const item = { ...held, parent: folder.handle, name, path, entryName: `${folder.entryName}/${name}` };
      try {
        const isView = held.stat.isDirectory() && held.stat.dev !== folder.stat.dev && (await isKernelView(held.handle));
        if (isView) this.#put(...encodeEntry({ ...this.#entry(held.stat), kind: 'directory', name: `${item.entryName}/`, linkName: '' }));
        else yield* this.#item(item, signal, depth + 1);
      } finally {
        await held.handle.close();
      }
    }
  }

  async *#file(item: Item, signal: AbortSignal): AsyncGenerator<RelayFrame> {
    const { stat, entryName: name } = item;
    const key = `${stat.dev}:${stat.ino}`;
    const linkName = stat.nlink > 1 ? this.#links.get(key) : undefined;
    if (linkName !== undefined) {
      this.#put(...encodeEntry({ ...this.#entry(stat), kind: 'link', name, linkName }));
      return yield* this.#taken(frameBytes);
    }
    const file = await open(byHandle(item.handle), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (await isKernelView(item.handle)) {
        const content = await readWhole(file);
        this.#put(...encodeEntry({ ...this.#entry(stat), kind: 'file', name, linkName: '', sizeBytes: content.length }));
        this.#put(content, padding(content.length));
        return yield* this.#taken(frameBytes);
      }
      this.#put(...encodeEntry({ ...this.#entry(stat), kind: 'file', name, linkName: '', sizeBytes: stat.size }));
      yield* this.#content(file, item, signal);
    } finally {
      await file.close();
    }
    if (stat.nlink > 1 && this.#links.size < linksMax) this.#links.set(key, name);
  }

  /** As many bytes as the header promised, whatever became of the file since. */
  async *#content(file: FileHandle, item: Item, signal: AbortSignal): AsyncGenerator<RelayFrame> {
    const { size } = item.stat;
    for (let at = 0; at < size; ) {
      signal.throwIfAborted();
      const wanted = Math.min(frameBytes, size - at);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
      if (bytesRead === 0) {
        yield { warning: `${printable(item.path)} became shorter while it was copied: its last ${size - at} bytes are zeros` };
        for (; at < size; at += Math.min(frameBytes, size - at)) {
          this.#put(new Uint8Array(Math.min(frameBytes, size - at)));
          yield* this.#taken(frameBytes);
        }
        break;
      }
      this.#put(buffer.subarray(0, bytesRead));
      at += bytesRead;
      yield* this.#taken(frameBytes);
    }
    this.#put(padding(size));
  }

  #entry(stat: Stats): Omit<TarEntry, 'kind' | 'name' | 'linkName'> {
    const { shift } = this.#root;
    const isDevice = stat.isCharacterDevice() || stat.isBlockDevice();
    return {
      mode: stat.mode & 0o7777,
      uid: idInside(stat.uid, shift),
      gid: idInside(stat.gid, shift),
      sizeBytes: 0,
      mtime: String(Math.floor(stat.mtimeMs / 1_000)),
      ...(isDevice ? deviceOf(stat.rdev) : { devMajor: 0, devMinor: 0 }),
      xattrs: noXattrs,
    };
  }

  #put(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#size += part.length;
    this.#parts.push(...parts);
  }

  *#taken(least: number): Generator<RelayFrame> {
    if (this.#size < least || this.#size === 0) return;
    const archive = this.#parts.length === 1 && this.#parts[0] !== undefined ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    yield { archive };
  }
}

const readWhole = async (file: FileHandle): Promise<Uint8Array> => {
  const parts: Buffer[] = [];
  for (let size = 0; size < kernelFileBytes; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(frameBytes), 0, frameBytes, null);
    if (bytesRead === 0) break;
    parts.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return Buffer.concat(parts);
};
