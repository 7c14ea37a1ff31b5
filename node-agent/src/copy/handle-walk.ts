import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { binaryString, bytesOf, printable } from '../image/tar-format.ts';

/** Names a file without opening it (open(2) O_PATH), which Node has no name for. The same on x86, arm, riscv. */
export const pathOnly = 0o10_000_000;
/** As many symbolic links as the kernel follows (path_resolution(7)). */
const linksMax = 40;
/** Each folder on the way down is held open. */
export const depthMax = 256;

/**
 * The path of a name in an open folder. The kernel goes by the handle, whatever became of the folder's own path meanwhile, so that only
 * the last name is looked up. Names are binary strings (one character per byte), since file names are bytes.
 */
export const inFolder = (folder: FileHandle, name: string): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), bytesOf(name)]);

/** The path that reopens exactly what the handle names. */
export const byHandle = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** What stands at a name, held: a link itself, never its target. */
export interface Held {
  readonly handle: FileHandle;
  readonly stat: Stats;
}

/** What a folder has under a name; undefined: nothing. */
export const hold = async (folder: FileHandle, name: string): Promise<Held | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(inFolder(folder, name), pathOnly | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return { handle, stat: await handle.stat() };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** The text of a link; undefined when it is none any more. */
export const linkText = async (folder: FileHandle, name: string): Promise<string | undefined> => {
  try {
    return binaryString(await readlink(inFolder(folder, name), { encoding: 'buffer' }));
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'EINVAL') return undefined;
    throw error;
  }
};

/** UTF-8 text as the bytes it stands for, one character each. */
export const asBinary = (text: string): string => binaryString(Buffer.from(text));

interface Step {
  readonly name: string;
  readonly handle: FileHandle;
}

/** Where a walk ended: in the folder `parent`, with or without something under `name`. Handles belong to the walk. */
export interface Arrival {
  /** Absolute, without links: as the container would name it. Binary. */
  readonly path: string;
  readonly parent: FileHandle;
  /** Empty at the root itself. */
  readonly name: string;
  readonly found: Held | undefined;
}

/** What lies over a path instead of what the tree has there; undefined: nothing does. */
export type Cover = (path: string) => Promise<FileHandle | undefined>;

/**
 * A walk through a root filesystem that may be hostile and may change meanwhile: each name is opened from the handle of the folder
 * before it, the kernel never follows a link, and a link's text is read as a process whose root this is would read it. So neither `..`
 * nor a link nor a process that swaps folders leads out (the effect of openat2's RESOLVE_IN_ROOT, which Node cannot call).
 * Close it when done: everything it found is held open until then.
 */
export class HandleWalk {
  readonly #root: FileHandle;
  readonly #cover: Cover;
  #trail: readonly Step[] = [];
  #held: FileHandle[] = [];

  constructor(root: FileHandle, cover: Cover = async () => undefined) {
    this.#root = root;
    this.#cover = cover;
  }

  async close(): Promise<void> {
    for (const handle of this.#held.splice(0)) await handle.close();
  }

  /**
   * NOT_FOUND: a folder on the way is missing or none. INVALID_ARGUMENT: too many links, too deep.
   * @param followLast whether a link at the end counts as what it leads to
   */
  async to(path: string, followLast: boolean): Promise<Arrival> {
    const todo = asBinary(path).split('/').reverse();
    // What ends with a slash means the folder, so a link there is followed.
    const follow = followLast || /(^|\/)\.{0,2}$/.test(path);
    let links = 0;
    let last: { readonly name: string; readonly found: Held | undefined } | undefined;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === '' || part === '.') continue;
      if (last !== undefined) this.#enter(last, path);
      last = undefined;
      if (part === '..') {
        this.#trail = this.#trail.slice(0, -1);
        continue;
      }
      const found = await this.#hold(part);
      const isLast = todo.every((rest) => rest === '' || rest === '.');
      if (found?.stat.isSymbolicLink() === true && (!isLast || follow)) {
        links += 1;
        if (links > linksMax) throw new TsoError('INVALID_ARGUMENT', `${path} goes through more than ${linksMax} symbolic links`);
        const target = await linkText(this.#here, part);
        if (target === undefined) throw new TsoError('CONFLICT', `${path} was changed while it was looked for`, { hint: 'Try again' });
        if (target.startsWith('/')) this.#trail = [];
        todo.push(...target.split('/').reverse());
        continue;
      }
      last = { name: part, found };
    }
    if (last !== undefined) return { ...last, parent: this.#here, path: `${this.#path === '/' ? '' : this.#path}/${last.name}` };
    const top = this.#trail.at(-1);
    const parent = this.#trail.at(-2)?.handle ?? this.#root;
    const handle = this.#here;
    return { path: this.#path, parent, name: top?.name ?? '', found: { handle, stat: await handle.stat() } };
  }

  get #here(): FileHandle {
    return this.#trail.at(-1)?.handle ?? this.#root;
  }

  get #path(): string {
    return `/${this.#trail.map(({ name }) => name).join('/')}`;
  }

  #enter({ name, found }: { readonly name: string; readonly found: Held | undefined }, path: string): void {
    if (found === undefined || !found.stat.isDirectory()) {
      const why = found === undefined ? 'does not exist' : 'is not a folder';
      throw new TsoError('NOT_FOUND', `there is no ${path}: ${printable(name)} on the way ${why}`);
    }
    if (this.#trail.length >= depthMax) throw new TsoError('INVALID_ARGUMENT', `${path} is more than ${depthMax} folders deep`);
    this.#trail = [...this.#trail, { name, handle: found.handle }];
  }

  async #hold(name: string): Promise<Held | undefined> {
    const covering = await this.#cover(`${this.#path === '/' ? '' : this.#path}/${name}`);
    if (covering !== undefined) {
      this.#held.push(covering);
      return { handle: covering, stat: await covering.stat() };
    }
    const found = await hold(this.#here, name);
    if (found !== undefined) this.#held.push(found.handle);
    return found;
  }
}
