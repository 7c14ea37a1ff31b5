import { TsoError } from '@tso/proto';
import type { EntryKind, TarEntry } from './tar-format.ts';
import { printable } from './tar-format.ts';

interface Node {
  readonly kind: EntryKind;
  /** Of a symlink. */
  readonly target: string;
  /** Direct children, of a directory. */
  children: number;
  /** What made a directory; undefined while only its content was named. */
  readonly entry: TarEntry | undefined;
}

/** As many as the kernel follows in one lookup. */
const maxSymlinks = 40;

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}/${name}`);

const refuse = (name: string, why: string): TsoError =>
  new TsoError('DATA_LOSS', `layer entry ${printable(name)} ${why}`, { hint: 'The image is damaged or made to do harm; do not use it' });

/** Leading slashes, empty parts and `.` mean nothing; `..` is never right in a layer. DATA_LOSS. */
export const splitName = (name: string): readonly string[] => {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse(name, 'leaves its layer by ".."');
  return parts;
};

/**
 * What a layer's folder holds so far, known without looking at any disk. The folder starts empty and only this layer's entries are
 * written to it, so a path that this model resolves to real directories cannot lead anywhere else: not through a symlink an earlier
 * entry planted, not through `..`, not through a race. Paths are relative, "" is the layer's root, names are binary strings.
 */
export class LayerTree {
  readonly #nodes = new Map<string, Node>([['', { kind: 'directory', target: '', children: 0, entry: undefined }]]);
  readonly #implicit = new Set<string>(['']);

  kindOf(path: string): EntryKind | undefined {
    return this.#nodes.get(path)?.kind;
  }

  /** The entry that made a directory, if one did. */
  directoryEntry(path: string): TarEntry | undefined {
    return this.#nodes.get(path)?.entry;
  }

  /** Entries of all directories that one named. */
  namedDirectories(): readonly TarEntry[] {
    return [...this.#nodes.values()].flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
  }

  /** Directories that exist only because something lies in them, parents first. */
  implicitDirectories(): readonly string[] {
    return [...this.#implicit];
  }

  /** Names of what lies in the root. */
  rootNames(): readonly string[] {
    return [...this.#nodes.keys()].filter((path) => path !== '' && !path.includes('/'));
  }

  /**
   * Where an entry of this name goes: symlinks of this layer in its parent path are followed inside the layer as a chroot would, missing
   * directories are added (`created`, parents first). DATA_LOSS for `..`, loops, and a file used as a directory.
   */
  place(name: string): { readonly path: string; readonly created: readonly string[] } {
    const parts = splitName(name);
    const base = parts.at(-1);
    if (base === undefined) return { path: '', created: [] };
    const wanted = parts.slice(0, -1).join('/');
    if (this.#nodes.get(wanted)?.kind === 'directory') return { path: join(wanted, base), created: [] };
    const created: string[] = [];
    const parent = this.#walk(parts.slice(0, -1), name, created);
    return { path: join(parent, base), created };
  }

  #walk(parts: readonly string[], name: string, created: string[]): string {
    const ahead = [...parts];
    let here = '';
    for (let links = 0; ahead.length > 0; ) {
      const part = ahead.shift() ?? '';
      if (part === '..') {
        here = parentOf(here);
        continue;
      }
      const next = join(here, part);
      const node = this.#nodes.get(next);
      if (node === undefined) {
        this.put(next, 'directory');
        created.push(next);
        here = next;
      } else if (node.kind === 'directory') here = next;
      else if (node.kind === 'symlink') {
        links += 1;
        if (links > maxSymlinks) throw refuse(name, 'lies behind a loop of symlinks');
        if (node.target.startsWith('/')) here = '';
        ahead.unshift(...node.target.split('/').filter((one) => one !== '' && one !== '.'));
      } else throw refuse(name, `lies inside ${printable(next)}, which is not a directory`);
    }
    return here;
  }

  /**
   * What has to be deleted before an entry of this kind can take the path, children first; those are forgotten here. A file over a file
   * and a directory over a directory need nothing. Anything over a symlink does: GNU tar makes symlinks last, by a stand-in that it tells
   * from its successor by inode and time alone.
   */
  displace(path: string, kind: EntryKind): readonly string[] {
    const before = this.#nodes.get(path);
    const filled = before?.kind === 'directory' && before.children > 0 && kind !== 'directory';
    if (path === '' || (before?.kind !== 'symlink' && !filled)) return [];
    const doomed = filled ? [...this.#nodes.keys()].filter((one) => one.startsWith(`${path}/`)) : [];
    // A child is always entered after its parent.
    const paths = [...doomed.reverse(), path];
    for (const one of paths) {
      this.#nodes.delete(one);
      this.#implicit.delete(one);
    }
    const parent = this.#nodes.get(parentOf(path));
    if (parent !== undefined) parent.children -= 1;
    return paths;
  }

  /** Enters a node; its parent must be a directory here. `entry`: undefined for a directory that nothing names. */
  put(path: string, kind: EntryKind, entry?: TarEntry): void {
    const before = this.#nodes.get(path);
    if (path === '' && kind !== 'directory') throw refuse('/', 'would replace the root of the layer');
    if (before === undefined) {
      const parent = this.#nodes.get(parentOf(path));
      if (parent !== undefined) parent.children += 1;
    }
    // A second name of a symlink is a symlink.
    const linked = kind === 'link' && entry !== undefined ? this.#nodes.get(entry.linkName) : undefined;
    const made = kind === 'link' ? (linked?.kind ?? 'file') : kind;
    this.#nodes.set(path, {
      kind: made,
      target: linked?.target ?? (kind === 'symlink' ? (entry?.linkName ?? '') : ''),
      children: before?.kind === 'directory' && kind === 'directory' ? before.children : 0,
      entry: kind === 'directory' ? entry : undefined,
    });
    if (kind === 'directory' && entry === undefined) this.#implicit.add(path);
    else this.#implicit.delete(path);
  }

  /** Where a hard link points. DATA_LOSS when that is not an earlier file of this layer, or lies below the folder that the link replaces. */
  linkTarget(entry: TarEntry, path: string): string {
    const parts = splitName(entry.linkName);
    const target = join(this.#walkExisting(parts.slice(0, -1), entry), parts.at(-1) ?? '');
    const kind = this.kindOf(target);
    if (kind === undefined) throw refuse(entry.name, `links to ${printable(entry.linkName)}, which is not in this layer`);
    if (kind === 'directory' || target === path || target.startsWith(`${path}/`))
      throw refuse(entry.name, `links to ${printable(entry.linkName)}, which cannot be linked`);
    return target;
  }

  #walkExisting(parts: readonly string[], entry: TarEntry): string {
    const wanted = parts.join('/');
    if (this.#nodes.get(wanted)?.kind === 'directory') return wanted;
    const created: string[] = [];
    const parent = this.#walk(parts, entry.name, created);
    if (created.length > 0) throw refuse(entry.name, `links to ${printable(entry.linkName)}, which is not in this layer`);
    return parent;
  }
}
