import { chmod, chown, lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';

const copyTimeoutMs = 600_000;

const stats = async (path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> => {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/**
 * One volume: `_data` is what containers see. What it is filled with at first arrives beside it as `_filling`, is named `_filled` once it
 * is whole, and is then moved in, so that a crash leaves no half-filled volume that looks like a used one.
 */
export class VolumeFolder {
  readonly data: string;
  readonly #mounted: boolean;
  readonly #filling: string;
  readonly #filled: string;

  /** @param options.mounted it is mounted from elsewhere: what it is filled with arrives inside of it, from where alone it can be moved */
  constructor(folder: string, options: { readonly mounted: boolean } = { mounted: false }) {
    this.data = join(folder, '_data');
    this.#mounted = options.mounted;
    this.#filling = options.mounted ? join(this.data, '.tso-filling') : join(folder, '_filling');
    this.#filled = options.mounted ? join(this.data, '.tso-filled') : join(folder, '_filled');
  }

  /** Makes it when it is not there, and finishes a filling that a crash cut short. */
  async prepare(owner: number | undefined): Promise<void> {
    if (!this.#mounted && (await stats(this.data)) === undefined) {
      await mkdir(this.data, { recursive: true });
      // Not by mkdir, which the umask of whoever started the agent would narrow: users other than root are to enter.
      for (const folder of [join(this.data, '..'), this.data]) await chmod(folder, 0o755);
      if (owner !== undefined) await chown(this.data, owner, owner);
    }
    await this.#moveIn();
  }

  /** Gives a file system that was made just now, empty and root's, to the root of a remapped container. */
  async adopt(owner: number): Promise<void> {
    const looks = await stats(this.data);
    if (looks?.uid === 0 && (await this.#content()).length === 0) await chown(this.data, owner, owner);
  }

  /** Copies a folder in, owners, modes and the folder's own included, if the volume is still empty. */
  async fillFrom(source: string): Promise<void> {
    if ((await this.#content()).length > 0) return;
    await rm(this.#filling, { recursive: true, force: true });
    await runCommand('cp', ['--archive', '--no-target-directory', '--', source, this.#filling], { timeoutMs: copyTimeoutMs });
    await rename(this.#filling, this.#filled);
    await this.#moveIn();
  }

  /** Without what an empty file system has: a half that a crash left, and what mkfs(8) makes. */
  async #content(): Promise<readonly string[]> {
    const names = await readdir(this.data);
    return this.#mounted ? names.filter((name) => name !== '.tso-filling' && name !== 'lost+found') : names;
  }

  async #moveIn(): Promise<void> {
    const looks = await stats(this.#filled);
    if (looks === undefined) return;
    await chown(this.data, Number(looks.uid), Number(looks.gid));
    await chmod(this.data, Number(looks.mode) & 0o7777);
    for (const name of await readdir(this.#filled)) {
      // What a container that shares it has made meanwhile stays as it is.
      if ((await stats(join(this.data, name))) === undefined) await rename(join(this.#filled, name), join(this.data, name));
      else await rm(join(this.#filled, name), { recursive: true });
    }
    await rmdir(this.#filled);
  }
}
