import type { Stats } from 'node:fs';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';

const copyTimeoutMs = 600_000;

const stats = async (path: string): Promise<Stats | undefined> => {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Owners, modes and the folder's own included. */
const copyTree = async (source: string, target: string): Promise<void> => {
  await runCommand('cp', ['--archive', '--no-target-directory', '--', source, target], { timeoutMs: copyTimeoutMs });
};

/**
 * One volume: `_data` is what containers see. What it is filled with at first arrives beside it as `_filling`, is named `_filled` once it
 * is whole, and is then moved in, so that a crash leaves no half-filled volume that looks like a used one. Containers write in `_data`: nothing
 * that is found there says more than that the volume has content.
 */
export class VolumeFolder {
  readonly data: string;
  readonly #mounted: boolean;
  readonly #filling: string;
  readonly #filled: string;

  /** @param options.mounted it is mounted from elsewhere: what it is filled with can be moved from inside of it alone */
  constructor(folder: string, options: { readonly mounted: boolean } = { mounted: false }) {
    this.data = join(folder, '_data');
    this.#mounted = options.mounted;
    this.#filling = join(folder, '_filling');
    this.#filled = join(folder, '_filled');
  }

  /** Makes it when it is not there, and finishes a filling that a crash cut short. One that is mounted from elsewhere is as it is. */
  async prepare(owner: number | undefined): Promise<void> {
    if (this.#mounted) return;
    if ((await stats(this.data)) === undefined) {
      await mkdir(this.data, { recursive: true });
      // Not by mkdir, which the umask of whoever started the agent would narrow: users other than root are to enter.
      for (const folder of [join(this.data, '..'), this.data]) await chmod(folder, 0o755);
      if (owner !== undefined) await chown(this.data, owner, owner);
    }
    await this.#finish();
  }

  /** Gives a file system that was made just now, empty and root's, to the root of a remapped container. */
  async adopt(owner: number): Promise<void> {
    const looks = await stats(this.data);
    if (looks?.uid === 0 && (await this.#content()).length === 0) await chown(this.data, owner, owner);
  }

  /**
   * Copies a folder in, owners, modes and the folder's own included, if the volume is still empty. While one that is mounted from elsewhere is filled,
   * nothing else may write in it; what a crash leaves there counts as content.
   */
  async fillFrom(source: string): Promise<void> {
    if ((await this.#content()).length > 0) return;
    if (this.#mounted) return this.#fillInside(source);
    await rm(this.#filling, { recursive: true, force: true });
    await copyTree(source, this.#filling);
    await rename(this.#filling, this.#filled);
    await this.#finish();
  }

  /** By a new folder of a name that nobody has seen before. */
  async #fillInside(source: string): Promise<void> {
    const looks = await lstat(source);
    const copy = await mkdtemp(join(this.data, '.tso-'));
    try {
      await copyTree(source, copy);
      await this.#moveIn(copy, looks);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  /** Without what mkfs(8) makes. */
  async #content(): Promise<readonly string[]> {
    const names = await readdir(this.data);
    return this.#mounted ? names.filter((name) => name !== 'lost+found') : names;
  }

  async #finish(): Promise<void> {
    const looks = await stats(this.#filled);
    if (looks === undefined) return;
    await this.#moveIn(this.#filled, looks);
    await rmdir(this.#filled);
  }

  async #moveIn(from: string, { uid, gid, mode }: Stats): Promise<void> {
    await chown(this.data, uid, gid);
    await chmod(this.data, mode & 0o7777);
    for (const name of await readdir(from)) {
      // What a container that shares it has made meanwhile stays as it is.
      if ((await stats(join(this.data, name))) === undefined) await rename(join(from, name), join(this.data, name));
      else await rm(join(from, name), { recursive: true });
    }
  }
}
