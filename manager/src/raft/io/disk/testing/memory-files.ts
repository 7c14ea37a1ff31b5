import { basename, dirname } from 'node:path';
import { TsoError } from '@tso/proto';
import type { Files, OpenFile, OpenMode } from '../files.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

interface Inode {
  bytes: Buffer;
  /** What of it a crash leaves for sure. */
  synced: number;
}

/** A change of names that is not durable yet. */
type NameChange =
  | { readonly kind: 'put'; readonly name: string; readonly inode: Inode; readonly from: string | undefined }
  | { readonly kind: 'remove'; readonly name: string };

const sectorBytes = 512;

const perform = (names: Map<string, Inode>, change: NameChange): void => {
  if (change.kind === 'remove') {
    names.delete(change.name);
    return;
  }
  if (change.from !== undefined) names.delete(change.from);
  names.set(change.name, change.inode);
};

/** One operation that is to go wrong. */
export interface Fault {
  /** Counted from 1, over all operations. */
  readonly at: number;
  /** Or `crash`: the operation is begun, nothing after it happens, and no call ever returns. */
  readonly with: 'crash' | 'ENOSPC' | 'EIO';
}

const errnoError = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });

/**
 * One directory in memory that forgets in a crash what was not synced: bytes of files, whole or in part, sectors in any order, and
 * changes of names, in any selection.
 */
export class MemoryFiles implements Files {
  /** How many operations there were. */
  operations = 0;
  bytesAppended = 0;
  /** What they were, for messages. */
  readonly trace: string[] = [];
  #durable = new Map<string, Inode>();
  #names = new Map<string, Inode>();
  #pending: NameChange[] = [];
  #fault: Fault | undefined;
  #locked = false;
  #life = 0;
  #crash = Promise.withResolvers<'crashed'>();

  /** Resolves when the crash comes. */
  get crashed(): Promise<'crashed'> {
    return this.#crash.promise;
  }

  arm(fault: Fault | undefined): void {
    this.#fault = fault;
  }

  /** Everything that is there, for a comparison. */
  snapshot(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#names].map(([name, { bytes }]) => [name, Buffer.from(bytes)]));
  }

  /** Flips a bit; counted from the end when negative. */
  rot(name: string, offset: number): void {
    const { bytes } = this.#find(name);
    const at = offset < 0 ? bytes.length + offset : offset;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  }

  /** The machine goes down and comes up: what was not synced survives by chance. */
  reboot(random: () => number): void {
    const kept = this.#pending.filter(() => random() < 0.5);
    for (const change of kept) perform(this.#durable, change);
    for (const inode of new Set(this.#durable.values())) loseUnsynced(inode, random);
    this.#names = new Map(this.#durable);
    this.#pending = [];
    this.#fault = undefined;
    this.#locked = false;
    this.#life += 1;
    this.#crash = Promise.withResolvers();
  }

  async open(path: string, mode: OpenMode): Promise<OpenFile> {
    const name = basename(path);
    const inode = await this.#operate(`open ${mode} ${name}`, path, () => {
      if (mode !== 'read') this.#change({ kind: 'put', name, inode: { bytes: Buffer.alloc(0), synced: 0 }, from: undefined });
      return this.#find(path);
    });
    return this.#handle(path, inode, mode);
  }

  truncate(path: string, bytes: number): Promise<void> {
    return this.#operate(`truncate ${basename(path)}`, path, () => {
      const inode = this.#find(path);
      inode.bytes = inode.bytes.subarray(0, bytes);
      inode.synced = Math.min(inode.synced, bytes);
      inode.synced = inode.bytes.length;
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#operate(`rename ${basename(from)} ${basename(to)}`, from, () =>
      this.#change({ kind: 'put', name: basename(to), inode: this.#find(from), from: basename(from) }),
    );
  }

  remove(path: string): Promise<void> {
    return this.#operate(`remove ${basename(path)}`, path, () => this.#change({ kind: 'remove', name: basename(path) }));
  }

  async list(): Promise<readonly string[]> {
    return [...this.#names.keys()];
  }

  async makeDirectory(): Promise<void> {}

  syncDirectory(directory: string): Promise<void> {
    return this.#operate(
      'sync directory',
      directory,
      () => undefined,
      () => {
        for (const change of this.#pending) perform(this.#durable, change);
        this.#pending = [];
      },
    );
  }

  async lock(directory: string): Promise<() => Promise<void>> {
    if (this.#locked) throw new TsoError('FAILED_PRECONDITION', `another manager is working in ${directory}`);
    this.#locked = true;
    const life = this.#life;
    return async () => {
      if (life === this.#life) this.#locked = false;
    };
  }

  #find(path: string): Inode {
    const inode = this.#names.get(basename(path));
    if (inode === undefined) throw errnoError('ENOENT', `no ${basename(path)} in ${dirname(path)}`);
    return inode;
  }

  #change(change: NameChange): void {
    perform(this.#names, change);
    this.#pending.push(change);
  }

  /** What `begin` does may be lost in a crash; `end` makes it durable. */
  async #operate<T>(what: string, path: string, begin: () => T, end: () => void = () => undefined): Promise<T> {
    const life = this.#life;
    await Promise.resolve();
    if (this.#isDown(life)) return new Promise<T>(() => undefined);
    this.operations += 1;
    this.trace.push(what);
    const fault = this.#fault?.at === this.operations ? this.#fault.with : undefined;
    if (fault === 'EIO' || fault === 'ENOSPC') throw errnoError(fault, path);
    const result = begin();
    if (fault === 'crash') {
      this.#crash.resolve('crashed');
      return new Promise<T>(() => undefined);
    }
    end();
    return result;
  }

  #isDown(life: number): boolean {
    return life !== this.#life || (this.#fault?.with === 'crash' && this.operations >= this.#fault.at);
  }

  #handle(path: string, inode: Inode, mode: OpenMode): OpenFile {
    const name = basename(path);
    const sync = (): void => {
      inode.synced = inode.bytes.length;
    };
    const readSync = (into: Uint8Array, offset: number): number => inode.bytes.copy(into, 0, offset, offset + into.length);
    return {
      append: (bytes) =>
        this.#operate(
          `append ${bytes.length} to ${name}`,
          path,
          () => {
            inode.bytes = Buffer.concat([inode.bytes, bytes]);
            this.bytesAppended += bytes.length;
          },
          () => (mode === 'create-durable' ? sync() : undefined),
        ),
      datasync: () => this.#operate(`datasync ${name}`, path, () => undefined, sync),
      read: async (into, offset) => readSync(into, offset),
      readSync,
      size: async () => inode.bytes.length,
      close: async () => undefined,
    };
  }
}

/** All of it, none of it, up to some byte, or any of its sectors, the others as zeros. */
const loseUnsynced = (inode: Inode, random: () => number): void => {
  const { bytes, synced } = inode;
  const lost = bytes.length - synced;
  const how = random();
  if (lost > 0 && how < 0.75) {
    if (how < 0.25) inode.bytes = bytes.subarray(0, synced);
    else if (how < 0.5) inode.bytes = bytes.subarray(0, synced + Math.floor(random() * lost));
    else inode.bytes = withHoles(bytes, synced, random);
  }
  inode.synced = inode.bytes.length;
};

const withHoles = (whole: Buffer, from: number, random: () => number): Buffer => {
  const bytes = Buffer.from(whole);
  for (let at = from; at < bytes.length; ) {
    const next = Math.min(bytes.length, at + sectorBytes - (at % sectorBytes));
    if (random() < 0.5) bytes.fill(0, at, next);
    at = next;
  }
  return bytes;
};
