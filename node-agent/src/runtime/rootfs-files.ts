import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux' O_PATH, which Node does not name: a handle on a place without opening what is there. The same on x86, arm, riscv. */
const O_PATH = 0o10000000;
const symlinksMax = 40; // as the kernel (path_resolution(7))
const readBytesMax = 1024 * 1024;

interface Place {
  readonly name: string;
  readonly handle: number;
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(String(error.code));

/** The handle of what a folder has under a name, a link itself and not its target; undefined: nothing. */
const openAt = (folder: number, name: string): number | undefined => {
  try {
    return openSync(`/proc/self/fd/${folder}/${name}`, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** A walk through a root filesystem, one name at a time; every handle it opened is closed by `end`. */
class Walk {
  readonly #root: Place;
  #trail: readonly Place[];
  #opened: readonly number[];

  constructor(root: string) {
    this.#root = { name: '', handle: openSync(root, O_PATH | constants.O_DIRECTORY) };
    this.#trail = [this.#root];
    this.#opened = [this.#root.handle];
  }

  get path(): string {
    return `/${this.#trail
      .slice(1)
      .map((place) => place.name)
      .join('/')}`;
  }

  get handle(): number {
    return (this.#trail.at(-1) ?? this.#root).handle;
  }

  up(): void {
    if (this.#trail.length > 1) this.#trail = this.#trail.slice(0, -1);
  }

  toRoot(): void {
    this.#trail = [this.#root];
  }

  /** Goes to a name in the present folder. A string: it is a link with this target, and the walk stays. false: nothing there. */
  into(name: string): boolean | string {
    const handle = openAt(this.handle, name);
    if (handle === undefined) return false;
    this.#opened = [...this.#opened, handle];
    if (fstatSync(handle).isSymbolicLink()) return readlinkSync(`/proc/self/fd/${this.handle}/${name}`);
    this.#trail = [...this.#trail, { name, handle }];
    return true;
  }

  end(): void {
    for (const handle of this.#opened) closeSync(handle);
  }
}

export interface InRoot {
  /** O_PATH handle; undefined: nothing is there, or a mount covers it. */
  readonly handle: number | undefined;
  /** The way leads through a place that something will be mounted on. */
  readonly covered: boolean;
}

/** The text readlink gave may be gone when a link is replaced meanwhile: the walk then simply does not find it. */
const follow = (walk: Walk, path: string, covers: ReadonlySet<string>): InRoot => {
  let rest = path.split('/');
  let links = 0;
  while (rest.length > 0) {
    const [name = '', ...after] = rest;
    rest = after;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      walk.up();
      continue;
    }
    if (covers.has(walk.path === '/' ? `/${name}` : `${walk.path}/${name}`)) return { handle: undefined, covered: true };
    const step = walk.into(name);
    if (step === false) return { handle: undefined, covered: false };
    if (step === true) continue;
    links += 1;
    if (links > symlinksMax) return { handle: undefined, covered: false };
    if (step.startsWith('/')) walk.toRoot();
    rest = [...step.split('/'), ...rest];
  }
  return { handle: walk.handle, covered: false };
};

/**
 * Calls `use` with a handle on what `path` names inside a root filesystem. Each part is opened from the handle of the part before it and
 * the kernel never follows a link, so neither `..`, a link to `/etc` nor a process that swaps folders meanwhile leads out
 * (the effect of openat2's RESOLVE_IN_ROOT, which Node cannot call). `covers`: absolute paths where the walk stops.
 */
export const withFileInRoot = <T>(root: string, path: string, use: (found: InRoot) => T, covers: ReadonlySet<string> = new Set()): T => {
  const walk = new Walk(root);
  try {
    return use(follow(walk, path, covers));
  } finally {
    walk.end();
  }
};

/** The text of a regular file inside a root filesystem; '' when there is none. Larger than 1 MiB counts as none: a passwd is not. */
export const readTextInRoot = (root: string, path: string): string =>
  withFileInRoot(root, path, ({ handle }) => {
    if (handle === undefined) return '';
    const stat = fstatSync(handle);
    // The handle's own entry under /proc reopens exactly the file that was checked.
    return stat.isFile() && stat.size <= readBytesMax ? readFileSync(`/proc/self/fd/${handle}`, 'utf8') : '';
  });

export type FileKind = 'missing' | 'directory' | 'executable' | 'not executable' | 'unknown';

/** What a path inside a root filesystem is, for somebody who wants to run it; `unknown` below a place that gets covered by a mount. */
export const executableInRoot = (root: string, path: string, covers: ReadonlySet<string> = new Set()): FileKind =>
  withFileInRoot(
    root,
    path,
    ({ handle, covered }) => {
      if (covered) return 'unknown';
      if (handle === undefined) return 'missing';
      const stat = fstatSync(handle);
      if (stat.isDirectory()) return 'directory';
      return stat.isFile() && (stat.mode & 0o111) !== 0 ? 'executable' : 'not executable';
    },
    covers,
  );
