import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';

/** As many symbolic links as the kernel follows (path_resolution(7)). */
const maxLinks = 40;

const linkTarget = async (path: string): Promise<string | undefined> => {
  try {
    return await readlink(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not a link, or not there at all: the name stands for itself.
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
};

/**
 * The host path of `path` as a process whose root is `root` would resolve it: `..` stops at the root, absolute links start
 * there. The result never lies outside; it need not exist. The tree must not change meanwhile (no container runs on it yet).
 */
export const resolveInRoot = async (root: string, path: string): Promise<string> => {
  const todo = path.split('/').reverse();
  const resolved: string[] = [];
  let links = 0;
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = await linkTarget(join(root, ...resolved, part));
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    links += 1;
    if (links > maxLinks) throw new TsoError('INVALID_ARGUMENT', `${path} goes through more than ${maxLinks} symbolic links`);
    if (target.startsWith('/')) resolved.length = 0;
    todo.push(...target.split('/').reverse());
  }
  return join(root, ...resolved);
};
