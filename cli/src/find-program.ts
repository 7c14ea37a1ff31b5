import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Where programs of the host are looked up, and what they find as PATH: the caller's PATH says nothing about root's. */
export const programFolders: readonly string[] = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The absolute path of a program of the host; undefined: it is not installed. */
export const findProgram = (name: string): string | undefined =>
  programFolders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        // Not in this folder: the next one decides.
        return false;
      }
    });
