import { chmod, chown, lstat, mkdir, readdir, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { runCommand } from '../host-command.ts';
import { deleteTrees } from './disk.ts';
import { maxLayers } from './manifest.ts';
import type { IdShift, Rootfses } from './types.ts';

const idPattern = /^[A-Za-z0-9][\w.-]{0,127}$/;

const device = async (path: string): Promise<number | undefined> => {
  try {
    return (await lstat(path)).dev;
  } catch {
    // Not there: that is the answer.
    return undefined;
  }
};

/**
 * One overlay mount per container: `rootfs/<id>/merged` over the image's layers, with `upper` for what the container writes.
 *
 * mount(2) takes one page of options, 4096 bytes, so the layers are named by short symlinks, resolved from the container's folder:
 * `lowerdir=l/119:l/118:…` has room for all 500 layers that overlayfs allows.
 */
export class Snapshotter implements Rootfses {
  readonly #root: string;

  /** @param options.folder where all of them are */
  constructor(options: { readonly folder: string }) {
    this.#root = options.folder;
  }

  /** INVALID_ARGUMENT for an id that is no file name, RESOURCE_EXHAUSTED for more layers than overlayfs stacks. */
  async mount(containerId: string, layerFolders: readonly string[], shift?: IdShift): Promise<string> {
    const home = this.#home(containerId);
    const merged = join(home, 'merged');
    if (await this.#isMounted(home)) return merged;
    if (layerFolders.length > maxLayers)
      throw new TsoError('RESOURCE_EXHAUSTED', `the image has ${layerFolders.length} layers; overlayfs stacks at most ${maxLayers}`);
    await this.#makeFolders(home, shift);
    const lower = await this.#nameLayers(home, layerFolders);
    await this.#adoptRoot(join(home, 'upper'), layerFolders.at(-1), shift);
    await this.#mountOverlay(home, lower);
    return merged;
  }

  /** Nothing there is fine. The mount is gone for certain before anything is deleted. */
  async remove(containerId: string): Promise<void> {
    const home = this.#home(containerId);
    if ((await device(home)) === undefined) return;
    await this.#unmount(containerId, home);
    await deleteTrees([home]);
  }

  async list(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#root)).filter((name) => idPattern.test(name)).sort();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  #home(containerId: string): string {
    if (!idPattern.test(containerId)) throw new TsoError('INVALID_ARGUMENT', `${JSON.stringify(containerId)} is not a container id`);
    return join(this.#root, containerId);
  }

  /** A mount point is on another device than its folder. */
  async #isMounted(home: string): Promise<boolean> {
    const inside = await device(join(home, 'merged'));
    return inside !== undefined && inside !== (await device(home));
  }

  /**
   * Root alone may pass, or a host user could run the container's setuid programs. A remapped container's root needs a way to its own
   * root filesystem: its group may pass through its folder, and anyone through the one above, which can be neither listed nor read.
   */
  async #makeFolders(home: string, shift: IdShift | undefined): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    for (const part of ['upper', 'work', 'merged', 'l']) await mkdir(join(home, part), { recursive: true, mode: 0o700 });
    if (shift === undefined) return;
    await chmod(this.#root, 0o711);
    await chown(home, 0, shift.base);
    await chmod(home, 0o710);
  }

  /** Highest first, as lowerdir wants them; overlayfs needs at least one, so an image without layers gets an empty folder. */
  async #nameLayers(home: string, layerFolders: readonly string[]): Promise<string> {
    const names = join(home, 'l');
    // A mount that was cut short may have named other folders.
    await deleteTrees((await readdir(names)).map((name) => join(names, name)));
    if (layerFolders.length === 0) await mkdir(join(names, '0'), { mode: 0o755 });
    await Promise.all(layerFolders.map((folder, n) => symlink(folder, join(names, String(n)))));
    return Array.from({ length: Math.max(1, layerFolders.length) }, (_, n) => `l/${n}`)
      .reverse()
      .join(':');
  }

  /** The root directory of the container is the upper one: it looks like the topmost layer's. */
  async #adoptRoot(upper: string, topLayer: string | undefined, shift: IdShift | undefined): Promise<void> {
    if ((await readdir(upper)).length > 0) return;
    const looks = topLayer === undefined ? undefined : await lstat(topLayer);
    await chown(upper, looks?.uid ?? shift?.base ?? 0, looks?.gid ?? shift?.base ?? 0);
    await chmod(upper, looks === undefined ? 0o755 : looks.mode & 0o7777);
  }

  async #mountOverlay(home: string, lower: string): Promise<void> {
    const options = `lowerdir=${lower},upperdir=upper,workdir=work,index=off,metacopy=off,redirect_dir=off`;
    // Relative names are resolved by the kernel from where mount runs. The newer mount API takes 256 bytes per option only, hence the old one.
    const env = { LIBMOUNT_FORCE_MOUNT2: 'always' };
    await runCommand('env', [`--chdir=${home}`, 'mount', '--no-canonicalize', '-i', '-t', 'overlay', '-o', options, 'overlay', 'merged'], {
      env,
    });
  }

  async #unmount(containerId: string, home: string): Promise<void> {
    const merged = join(home, 'merged');
    if (!(await this.#isMounted(home))) return;
    try {
      await runCommand('umount', ['--no-canonicalize', '-i', merged]);
    } catch (error) {
      // Something still uses it: detached now, the kernel frees it when the last user has gone.
      await runCommand('umount', ['--no-canonicalize', '-i', '--lazy', merged]);
      if (await this.#isMounted(home))
        throw new TsoError('INTERNAL', `the root filesystem of container ${containerId} cannot be unmounted`, { cause: error });
    }
    // Proof that nothing is mounted below any more: an empty folder.
    await rmdir(merged);
  }
}
