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
  readonly #filling: string;
  readonly #filled: string;

  constructor(folder: string) {
    this.data = join(folder, '_data');
    this.#filling = join(folder, '_filling');
    this.#filled = join(folder, '_filled');
  }

  /** Makes it when it is not there, and finishes a filling that a crash cut short. */
  async prepare(owner: number | undefined): Promise<void> {
    if ((await stats(this.data)) === undefined) {
      await mkdir(this.data, { recursive: true });
      // Not by mkdir, which the umask of whoever started the agent would narrow: users other than root are to enter.
      for (const folder of [join(this.data, '..'), this.data]) await chmod(folder, 0o755);
      if (owner !== undefined) await chown(this.data, owner, owner);
    }
    await this.#moveIn();
  }

  /** Copies a folder in, owners, modes and the folder's own included, if the volume is still empty. */
  async fillFrom(source: string): Promise<void> {
    if ((await readdir(this.data)).length > 0) return;
    await rm(this.#filling, { recursive: true, force: true });
    await runCommand('cp', ['--archive', '--no-target-directory', '--', source, this.#filling], { timeoutMs: copyTimeoutMs });
    await rename(this.#filling, this.#filled);
    await this.#moveIn();
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
