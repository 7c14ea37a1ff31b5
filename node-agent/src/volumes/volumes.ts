import { createHash, randomUUID } from 'node:crypto';
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Mount, MountType, TsoError } from '@tso/proto';
import { isMissing, makePrivateDir } from '../durable-file.ts';
import type { IdShift } from '../image/types.ts';
import { type AgentPaths, volumesDir } from '../paths.ts';
import { KeyLock } from '../runtime/key-lock.ts';
import type { FileIdentity, ResolvedMount } from '../runtime/types.ts';
import { resolveInRoot } from '../safe-path.ts';
import { findBindSource } from './bind-source.ts';
import { identityInside } from './identity-inside.ts';
import { VolumeFolder } from './volume-folder.ts';

export interface VolumesRequest {
  /** The task that owns what has no name. */
  readonly ownerId: string;
  readonly mounts: readonly Mount[];
  /** Targets that the image declares with VOLUME. */
  readonly imageVolumes: readonly string[];
  readonly rootfs: string;
  readonly shift: IdShift | undefined;
}

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,253}$/;
/** Names that nobody can give a volume: one without a name, with its task; one on its way out. */
const unnamedPrefix = '.unnamed.';
const removedPrefix = '.removed.';
const defaultTmpfsMode = 0o1777;

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const unnamed = (ownerId: string, target: string): string => `${unnamedPrefix}${ownerId}.${shortHash(target)}`;
const ownerOf = (name: string): string | undefined => (name.startsWith(unnamedPrefix) ? name.split('.')[2] : undefined);

const requireName = (name: string): void => {
  if (volumeName.test(name)) return;
  throw new TsoError('INVALID_ARGUMENT', `"${name}" is not a volume name: letters, digits, _ . - only, at most 254`);
};

const resolved = (mount: Mount, source: string, identity?: FileIdentity): ResolvedMount => ({
  kind: mount.type === MountType.TMPFS ? 'tmpfs' : 'bind',
  source,
  target: mount.target,
  readOnly: mount.readOnly,
  propagation: mount.propagation || 'rprivate',
  recursive: !mount.recursiveDisabled,
  sizeBytes: mount.tmpfsSizeBytes,
  mode: mount.tmpfsMode || defaultTmpfsMode,
  ...(identity === undefined ? {} : { identity }),
});

const kindOf = async (path: string): Promise<'folder' | 'other' | undefined> => {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Named volumes of this host, each a folder in the data directory; and the sources of bind mounts. */
export class Volumes {
  readonly #paths: AgentPaths;
  readonly #remapping: boolean;
  /** One change of a volume at a time: two tasks that start together fill it once. */
  readonly #lock = new KeyLock();

  /** @param options.remapping whether containers may run in a user namespace, whose root must be able to walk to its volumes */
  constructor(options: { readonly paths: AgentPaths; readonly remapping: boolean }) {
    this.#paths = options.paths;
    this.#remapping = options.remapping;
  }

  /** Makes the folder, and ends removals that a crash cut short. */
  async start(): Promise<void> {
    const folder = volumesDir(this.#paths);
    await makePrivateDir(folder);
    if (this.#remapping) await chmod(folder, 0o711);
    for (const name of await readdir(folder)) if (name.startsWith(removedPrefix)) await rm(join(folder, name), { recursive: true });
  }

  /**
   * The mounts with sources that exist. NOT_FOUND: a bind source that does not exist and may not be made, or a subpath that is
   * not there; INVALID_ARGUMENT: not a volume name.
   */
  async prepare(request: VolumesRequest): Promise<readonly ResolvedMount[]> {
    const mounts: ResolvedMount[] = [];
    for (const mount of [...request.mounts, ...this.#imageMounts(request)]) mounts.push(await this.#resolve(mount, request));
    return mounts;
  }

  /** What a volume of the image that no mount covers becomes: one without a name, gone with its task. */
  #imageMounts(request: VolumesRequest): readonly Mount[] {
    const covered = new Set(request.mounts.map((mount) => mount.target.replace(/\/+$/, '')));
    return request.imageVolumes
      .filter((target) => !covered.has(target.replace(/\/+$/, '')))
      .map((target) => ({
        type: MountType.VOLUME,
        source: '',
        target,
        readOnly: false,
        createHostPath: false,
        propagation: '',
        noCopy: false,
        tmpfsSizeBytes: 0,
        tmpfsMode: 0,
        subpath: '',
        recursiveDisabled: false,
        recursiveReadOnly: false,
      }));
  }

  async #resolve(mount: Mount, request: VolumesRequest): Promise<ResolvedMount> {
    switch (mount.type) {
      case MountType.BIND:
        return resolved(mount, await findBindSource(mount));
      case MountType.VOLUME:
        return this.#volume(mount, request);
      case MountType.TMPFS:
        return resolved(mount, 'tmpfs');
      default:
        return mount.type satisfies never;
    }
  }

  async #volume(mount: Mount, request: VolumesRequest): Promise<ResolvedMount> {
    if (mount.source !== '') requireName(mount.source);
    const name = mount.source || unnamed(request.ownerId, mount.target);
    return this.#lock.run(name, async () => {
      const volume = new VolumeFolder(join(volumesDir(this.#paths), name));
      await volume.prepare(request.shift?.base);
      if (mount.subpath === '') {
        if (!mount.noCopy) await this.#fillFromImage(volume, mount.target, request);
        return resolved(mount, volume.data);
      }
      const inside = await resolveInRoot(volume.data, mount.subpath);
      const identity = await identityInside(volume.data, relative(volume.data, inside));
      if (identity !== undefined) return resolved(mount, inside, identity);
      throw new TsoError('NOT_FOUND', `the volume ${name} has no folder ${mount.subpath} (for ${mount.target})`, {
        hint: 'Create it inside the volume first',
      });
    });
  }

  /** An empty volume starts with what the image has at its place, owner and mode included: what images with a data folder rely on. */
  async #fillFromImage(volume: VolumeFolder, target: string, request: VolumesRequest): Promise<void> {
    const source = await resolveInRoot(request.rootfs, target);
    if ((await kindOf(source)) === 'folder') await volume.fillFrom(source);
  }

  /** Deletes what the task's unnamed volumes hold. */
  async removeAnonymous(ownerId: string): Promise<void> {
    await this.#removeWhere((owner) => owner === ownerId);
  }

  /** Deletes the unnamed volumes of all tasks but these. */
  async collectGarbage(liveOwners: ReadonlySet<string>): Promise<void> {
    await this.#removeWhere((owner) => !liveOwners.has(owner));
  }

  /** Deletes a volume and its data, once `unused` has resolved; who wants a volume of that name meanwhile waits and gets a new one. No error when there is none. */
  async remove(name: string, unused: Promise<unknown> = Promise.resolve()): Promise<void> {
    requireName(name);
    await this.#remove(name, unused);
  }

  async #remove(name: string, unused: Promise<unknown>): Promise<void> {
    await this.#lock.run(name, async () => {
      await unused;
      const removed = join(volumesDir(this.#paths), `${removedPrefix}${randomUUID()}`);
      try {
        // Out of the way at once: half deleted under its name, it would be taken for a volume with data.
        await rename(join(volumesDir(this.#paths), name), removed);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await rm(removed, { recursive: true });
    });
  }

  async #removeWhere(isDoomed: (owner: string) => boolean): Promise<void> {
    for (const name of await readdir(volumesDir(this.#paths))) {
      const owner = ownerOf(name);
      if (owner !== undefined && isDoomed(owner)) await this.#remove(name, Promise.resolve());
    }
  }
}
