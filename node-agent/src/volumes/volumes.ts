import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type AssignmentSet, emptyMount, type Mount, MountType, TsoError } from '@tso/proto';
import { isMissing, makePrivateDir, namesIn, readIfThere, writeDurably } from '../durable-file.ts';
import type { IdShift, Image } from '../image/types.ts';
import { KeyedLock } from '../keyed-lock.ts';
import { type AgentPaths, volumesDir } from '../paths.ts';
import type { FileIdentity, ResolvedMount } from '../runtime/types.ts';
import { resolveInRoot } from '../safe-path.ts';
import { findBindSource } from './bind-source.ts';
import { driverMountOf, isNetworkMount } from './driver-mount.ts';
import { identityInside } from './identity-inside.ts';
import type { ImageMounts } from './image-mounts.ts';
import { VolumeFolder } from './volume-folder.ts';
import { unmountWithin, VolumeMounts } from './volume-mounts.ts';
import type { VolumeSpecs } from './volume-specs.ts';

export interface VolumesRequest {
  /** The task that owns what has no name. */
  readonly ownerId: string;
  readonly mounts: readonly Mount[];
  /** Targets that the image declares with VOLUME. */
  readonly imageVolumes: readonly string[];
  readonly rootfs: string;
  readonly shift: IdShift | undefined;
  /** Names with templates in them that volumes' names came from, by these; what the manager says of one it says under that. */
  readonly templates?: ReadonlyMap<string, string>;
  /** Images that are mounted, by the source of the mount. */
  readonly images?: ReadonlyMap<string, Image>;
}

export interface VolumesPorts {
  readonly specs?: Pick<VolumeSpecs, 'of' | 'apply'>;
  readonly imageMounts?: Pick<ImageMounts, 'mount' | 'removeWhere'>;
}

const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,253}$/;
/** Names that nobody can give a volume: one without a name, with its task; one on its way out. */
const unnamedPrefix = '.unnamed.';
const removedPrefix = '.removed.';
const defaultTmpfsMode = 0o1777;
/** Beside a volume's data: the name with templates that its name came from. */
const templateFile = '_template';

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
  ...(mount.tmpfsUid === undefined ? {} : { uid: mount.tmpfsUid }),
  ...(mount.tmpfsGid === undefined ? {} : { gid: mount.tmpfsGid }),
  ...(mount.recursiveReadOnly ? { recursiveReadOnly: true } : {}),
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
  readonly #lock = new KeyedLock();
  readonly #mounts: VolumeMounts;
  readonly #ports: VolumesPorts;

  /** @param options.remapping whether containers may run in a user namespace, whose root must be able to walk to its volumes */
  constructor(options: { readonly paths: AgentPaths; readonly remapping: boolean }, ports: VolumesPorts = {}) {
    this.#paths = options.paths;
    this.#mounts = new VolumeMounts(options);
    this.#ports = ports;
    this.#remapping = options.remapping;
  }

  /** Makes the folder, and ends removals that a crash cut short. */
  async start(): Promise<void> {
    const folder = volumesDir(this.#paths);
    await makePrivateDir(folder);
    if (this.#remapping) await chmod(folder, 0o711);
    await this.#mounts.start();
    for (const name of await readdir(folder)) if (name.startsWith(removedPrefix)) await this.#delete(join(folder, name));
  }

  /** Hears what the manager says of volumes. */
  async know(set: AssignmentSet): Promise<void> {
    await this.#ports.specs?.apply(set);
  }

  /**
   * The mounts with sources that exist, and are mounted themselves where the volume lies elsewhere. NOT_FOUND: a bind source that does not exist and may
   * not be made, or a subpath that is not there; INVALID_ARGUMENT: not a volume name, or driver_opts that make no sense; UNAVAILABLE: its file server;
   * FAILED_PRECONDITION: the kernel refuses to mount it, or a name with a template came to that of another volume.
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
      .map((target) => ({ ...emptyMount, type: MountType.VOLUME, target }));
  }

  async #resolve(mount: Mount, request: VolumesRequest): Promise<ResolvedMount> {
    switch (mount.type) {
      case MountType.BIND:
        return resolved(mount, await findBindSource(mount));
      case MountType.VOLUME:
        return this.#volume(mount, request);
      case MountType.TMPFS:
        return resolved(mount, 'tmpfs');
      case MountType.IMAGE:
        return this.#image(mount, request);
      default:
        return mount.type satisfies never;
    }
  }

  async #volume(mount: Mount, request: VolumesRequest): Promise<ResolvedMount> {
    if (mount.source !== '') requireName(mount.source);
    const name = mount.source || unnamed(request.ownerId, mount.target);
    const template = request.templates?.get(mount.source);
    const spec = mount.source === '' ? undefined : this.#ports.specs?.of(template ?? name);
    const from = spec === undefined ? undefined : driverMountOf(spec);
    return this.#lock.run(name, async () => {
      const folder = join(volumesDir(this.#paths), name);
      if (template !== undefined) await this.#claim(name, template);
      if (from !== undefined) await this.#mounts.acquire(name, from, request.ownerId);
      const volume = new VolumeFolder(folder, { mounted: from !== undefined });
      const isShared = from !== undefined && isNetworkMount(from);
      await volume.prepare(request.shift?.base);
      // A folder of the node keeps its owner, as a bind mount would.
      if (from !== undefined && !isShared && from.type !== 'none' && request.shift !== undefined) await volume.adopt(request.shift.base);
      if (mount.subpath === '') {
        const isAlone = from === undefined || (await this.#mounts.isSoleUser(name, request.ownerId));
        // Several hosts write what lies on a network: none of them fills it.
        const isFilled = !mount.noCopy && !isShared && from?.options.includes('ro') !== true;
        if (isFilled && isAlone) await this.#fillFromImage(volume, mount.target, request);
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

  /** Says that the volume comes of a template, before there is any of it: one that is there already may be another stack's. */
  async #claim(name: string, template: string): Promise<void> {
    const folder = join(volumesDir(this.#paths), name);
    if ((await readIfThere(join(folder, templateFile)))?.toString() === template) return;
    if ((await namesIn(folder)).includes('_data')) {
      throw new TsoError('FAILED_PRECONDITION', `the volume ${name} of this node is not of ${template}`, {
        hint: 'Another stack has a volume of that name, or had: choose names that no other comes to',
      });
    }
    await mkdir(folder, { recursive: true });
    await writeDurably(join(folder, templateFile), template);
  }

  /** Read-only, since it is nobody's own. */
  async #image(mount: Mount, { images, ownerId, shift }: VolumesRequest): Promise<ResolvedMount> {
    const image = images?.get(mount.source);
    if (image === undefined || this.#ports.imageMounts === undefined)
      throw new TsoError('FAILED_PRECONDITION', `the image ${mount.source} (for ${mount.target}) is not on this host`);
    const root = await this.#ports.imageMounts.mount(ownerId, image, shift);
    const inside = await resolveInRoot(root, mount.subpath);
    if ((await kindOf(inside)) !== undefined) return resolved({ ...mount, readOnly: true }, inside);
    throw new TsoError('NOT_FOUND', `the image ${mount.source} has no ${mount.subpath} (for ${mount.target})`, {
      hint: 'Correct image.subpath: it begins at the root of the image',
    });
  }

  /** An empty volume starts with what the image has at its place, owner and mode included: what images with a data folder rely on. */
  async #fillFromImage(volume: VolumeFolder, target: string, request: VolumesRequest): Promise<void> {
    const source = await resolveInRoot(request.rootfs, target);
    if ((await kindOf(source)) === 'folder') await volume.fillFrom(source);
  }

  /** What a task had of volumes goes with it: its unnamed ones with what they hold, images that it mounted, and mounts that nobody else uses. */
  async release(ownerId: string): Promise<void> {
    await this.#releaseWhere((owner) => owner === ownerId);
  }

  /** The same of all tasks but these. */
  async collectGarbage(liveOwners: ReadonlySet<string>): Promise<void> {
    await this.#releaseWhere((owner) => !liveOwners.has(owner));
  }

  async #releaseWhere(isDoomed: (owner: string) => boolean): Promise<void> {
    await this.#removeWhere(isDoomed);
    await this.#ports.imageMounts?.removeWhere(isDoomed);
    for (const [name, taskId] of await this.#mounts.usedBy(isDoomed)) await this.#lock.run(name, () => this.#mounts.release(name, taskId));
  }

  /**
   * Deletes a volume and its data, once `unused` has resolved; who wants a volume of that name meanwhile waits and gets a new one. No error when there is
   * none. Of one that is mounted from elsewhere the mount alone goes. A name with templates stands for all that came of it.
   */
  async remove(name: string, unused: Promise<unknown> = Promise.resolve()): Promise<void> {
    if (!name.includes('{{')) {
      requireName(name);
      return this.#remove(name, unused);
    }
    for (const one of await readdir(volumesDir(this.#paths))) {
      const template = volumeName.test(one) ? await readIfThere(join(volumesDir(this.#paths), one, templateFile)) : undefined;
      if (template?.toString() === name) await this.#remove(one, unused);
    }
  }

  async #remove(name: string, unused: Promise<unknown>): Promise<void> {
    await this.#lock.run(name, async () => {
      await unused;
      if (!name.startsWith('.')) await this.#mounts.unmount(name);
      const removed = join(volumesDir(this.#paths), `${removedPrefix}${randomUUID()}`);
      try {
        // Out of the way at once: half deleted under its name, it would be taken for a volume with data.
        await rename(join(volumesDir(this.#paths), name), removed);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await this.#delete(removed);
    });
  }

  /** Never what is mounted there: that is not this node's. */
  async #delete(folder: string): Promise<void> {
    await unmountWithin(join(await realpath(dirname(folder)), basename(folder)));
    await rm(folder, { recursive: true });
  }

  async #removeWhere(isDoomed: (owner: string) => boolean): Promise<void> {
    for (const name of await readdir(volumesDir(this.#paths))) {
      const owner = ownerOf(name);
      if (owner !== undefined && isDoomed(owner)) await this.#remove(name, Promise.resolve());
    }
  }
}
