/** One side of a copy. */
export type CopyEnd =
  | { readonly kind: 'stream' }
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'task'; readonly target: string; readonly path: string };

/**
 * `-`, a path of this machine, or SERVICE:PATH. What begins with `/` or `.` is a path of this machine whatever colons it has; so is what
 * has none. (docker cp, "Extended description".)
 */
export const parseCopyEnd = (text: string): CopyEnd => {
  if (text === '-') return { kind: 'stream' };
  const colon = text.indexOf(':');
  if (colon <= 0 || text.startsWith('/') || text.startsWith('.')) return { kind: 'local', path: text };
  return { kind: 'task', target: text.slice(0, colon), path: text.slice(colon + 1) };
};

/** Whether a path asks for what is in a folder rather than for the folder: it ends with `/.`. */
export const meansContents = (path: string): boolean => /(^|\/)\.\/*$/.test(path);

const endsWithSlash = (path: string): boolean => path.endsWith('/') || meansContents(path);

/** The last name of a path; empty for the root and for what has no name of its own (`.`, `..`). */
export const lastName = (path: string): string => {
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === '.' || name === '..' ? '' : name;
};

const folderOf = (path: string): string => {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : trimmed.slice(0, slash);
};

export interface CopySource {
  readonly path: string;
  readonly isDirectory: boolean;
  /** Its own name; empty: it has none, as a root has. */
  readonly name: string;
}

export interface CopyDestination {
  readonly path: string;
  readonly kind: 'missing' | 'file' | 'folder';
}

/** What is unpacked where: the archive's first name becomes `name`, or falls away when that is empty. */
export interface CopyPlan {
  /** An existing folder, unless the copy is to fail for its want. */
  readonly folder: string;
  readonly name: string;
}

export type CopyVerdict = { readonly plan: CopyPlan } | { readonly problem: string; readonly hint: string };

/** By the rules of `docker cp`: where a file or folder goes, and under which name, by what stands at the destination. */
export const planCopy = (source: CopySource, destination: CopyDestination): CopyVerdict => {
  const { path, kind } = destination;
  if (kind === 'folder') return { plan: { folder: path, name: source.isDirectory && meansContents(source.path) ? '' : source.name } };
  const renamed = { plan: { folder: folderOf(path), name: lastName(path) } };
  if (source.isDirectory) {
    return kind === 'missing'
      ? renamed
      : { problem: `${path} is a file: a folder cannot take its place`, hint: 'Name a folder, or a path that is free.' };
  }
  return endsWithSlash(path) && kind === 'missing'
    ? { problem: `there is no folder ${path}`, hint: 'Make it first, or leave the slash out to copy under that name.' }
    : renamed;
};

/** The path that an archive's entry gets below the plan's folder: its first name replaced. Empty: the folder itself. */
export const renamedEntry = (entryName: string, name: string): string => {
  const [, ...rest] = entryName.replace(/^\/+/, '').replace(/\/+$/, '').split('/');
  return [name, ...rest].filter((part) => part !== '').join('/');
};
