import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { TsoError } from '@tso/proto';

interface Folder {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whether the kernel lets somebody without privileges, of this user and group id, walk through a folder (path_resolution(7)). */
export const maySearch = (folder: Pick<Folder, 'mode' | 'uid' | 'gid'>, id: number): boolean =>
  (folder.mode & (folder.uid === id ? 0o100 : folder.gid === id ? 0o010 : 0o001)) !== 0;

const foldersAbove = (path: string): readonly Folder[] => {
  const above = dirname(path);
  if (above === path) return [];
  const { mode, uid, gid } = lstatSync(above);
  return [...foldersAbove(above), { path: above, mode, uid, gid }];
};

/** FAILED_PRECONDITION names the folder that keeps the root of a remapped container from walking to its root filesystem. */
export const requirePassage = (rootfs: string, id: number): void => {
  const closed = foldersAbove(rootfs).find((folder) => !maySearch(folder, id));
  if (closed === undefined) return;
  const mode = (closed.mode & 0o7777).toString(8);
  throw new TsoError(
    'FAILED_PRECONDITION',
    `the root of a remapped container, user ${id}, may not pass through ${closed.path} (mode ${mode}) to its files`,
    {
      hint: `Let it pass: chmod o+x ${closed.path}; or choose another --data-dir`,
    },
  );
};
