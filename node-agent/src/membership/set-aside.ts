import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing, readJson, removeFile, syncFolder, writeDurably } from '../durable-file.ts';
import { type AgentPaths, identityDir, managerStateDir } from '../paths.ts';
import type { Membership } from './identity.ts';

/** What was there before: while this is on disk, a restore has not been completed. */
export interface Before {
  /** undefined: the node was part of no cluster. */
  readonly membership: Membership | undefined;
  /** Names of the folders that were there. */
  readonly folders: readonly string[];
}

const asideOf = (folder: string): string => `${folder}.before-restore`;

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

/** What a node had before a restore: kept beside until that is known to have worked, and put back otherwise. */
export class SetAside {
  readonly #folders: readonly string[];
  readonly #note: string;

  constructor(paths: AgentPaths) {
    this.#folders = [managerStateDir(paths), identityDir(paths)];
    this.#note = join(paths.dataDir, 'before-restore.json');
  }

  /** Noted first: once the note is there, a crash is followed by recover(). */
  async take(membership: Membership | undefined): Promise<void> {
    await this.forget();
    const there = await Promise.all(this.#folders.map(isThere));
    const folders = this.#folders.filter((_, index) => there[index] === true).map((folder) => basename(folder));
    await writeDurably(this.#note, JSON.stringify({ membership, folders }));
    for (const folder of this.#folders) if (folders.includes(basename(folder))) await rename(folder, asideOf(folder));
    await this.#sync();
  }

  /** As it was before take(), wherever that or what followed it ended. What there was then; undefined: nothing was set aside. */
  async recover(): Promise<Before | undefined> {
    const before = await readJson<Before>(this.#note);
    if (before === undefined) {
      await this.forget();
      return undefined;
    }
    for (const folder of this.#folders) {
      const isAside = await isThere(asideOf(folder));
      // What was there and is not aside was never touched.
      if (isAside || !before.folders.includes(basename(folder))) await rm(folder, { recursive: true, force: true });
      if (isAside) await rename(asideOf(folder), folder);
    }
    await this.#sync();
    return { membership: before.membership, folders: before.folders };
  }

  /** What came after it counts from now on. */
  async forget(): Promise<void> {
    await removeFile(this.#note);
    await this.#sync();
    for (const folder of this.#folders) await rm(asideOf(folder), { recursive: true, force: true });
  }

  #sync(): Promise<void> {
    return syncFolder(dirname(this.#note));
  }
}
