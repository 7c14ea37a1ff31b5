import { createHash } from 'node:crypto';
import { chown, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Mount, MountType, TsoError } from '@tso/proto';
import { isMissing, makePrivateDir } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';
import type { IdShift } from '../image/types.ts';
import { type AgentPaths, volumesDir } from '../paths.ts';
import type { ResolvedMount } from '../runtime/types.ts';
import { resolveInRoot } from '../safe-path.ts';

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
const anonymousPrefix = 'anonymous.';
const defaultTmpfsMode = 0o1777;

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const anonymousName = (ownerId: string, target: string): string => `${anonymousPrefix}${ownerId}.${shortHash(target)}`;

const resolved = (mount: Mount, source: string): ResolvedMount => ({
  kind: mount.type === MountType.TMPFS ? 'tmpfs' : 'bind',
  source,
  target: mount.target,
  readOnly: mount.readOnly,
  propagation: mount.propagation || 'rprivate',
  recursive: !mount.recursiveDisabled,
  sizeBytes: mount.tmpfsSizeBytes,
  mode: mount.tmpfsMode || defaultTmpfsMode,
});

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

/** Named volumes of this host, each a folder in the data directory; and the sources of bind mounts. */
export class Volumes {
  readonly #paths: AgentPaths;

  constructor(options: { readonly paths: AgentPaths }) {
    this.#paths = options.paths;
  }

  async start(): Promise<void> {
    await makePrivateDir(volumesDir(this.#paths));
  }

  /** The mounts with sources that exist. NOT_FOUND: a bind source that does not exist and may not be made. */
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
      }));
  }

  async #resolve(mount: Mount, request: VolumesRequest): Promise<ResolvedMount> {
    switch (mount.type) {
      case MountType.BIND:
        return resolved(mount, await this.#bindSource(mount));
      case MountType.VOLUME:
        return resolved(mount, await this.#volumeSource(mount, request));
      case MountType.TMPFS:
        return resolved(mount, 'tmpfs');
      default:
        return mount.type satisfies never;
    }
  }

  async #bindSource(mount: Mount): Promise<string> {
    if (await exists(mount.source)) return mount.source;
    if (!mount.createHostPath) {
      throw new TsoError('NOT_FOUND', `the bind mount source ${mount.source} (for ${mount.target}) does not exist on this host`, {
        hint: 'Create it, or set bind.create_host_path: true to have an empty folder made',
      });
    }
    try {
      await mkdir(mount.source, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw new TsoError(
        'FAILED_PRECONDITION',
        `the bind mount source ${mount.source} (for ${mount.target}) does not exist and cannot be made: ${(error as Error).message}`,
        { cause: error },
      );
    }
    return mount.source;
  }

  async #volumeSource(mount: Mount, request: VolumesRequest): Promise<string> {
    const name = mount.source || anonymousName(request.ownerId, mount.target);
    if (!volumeName.test(name))
      throw new TsoError('INVALID_ARGUMENT', `"${name}" is not a volume name: letters, digits, _ . - only, at most 254`);
    const folder = this.#dataFolder(name);
    const isNew = !(await exists(folder));
    if (isNew) await mkdir(folder, { recursive: true, mode: 0o755 });
    if (!mount.noCopy && (await readdir(folder)).length === 0) await this.#fillFromImage(folder, mount.target, request);
    if (mount.subpath === '') return folder;
    const inside = await resolveInRoot(folder, mount.subpath);
    if (!(await exists(inside))) {
      throw new TsoError('NOT_FOUND', `the volume ${name} has no folder ${mount.subpath} (for ${mount.target})`, {
        hint: 'Create it inside the volume first',
      });
    }
    return inside;
  }

  /** An empty volume starts with what the image has at its place, owner and mode included: what images with a data folder rely on. */
  async #fillFromImage(folder: string, target: string, request: VolumesRequest): Promise<void> {
    const source = await resolveInRoot(request.rootfs, target);
    if (await exists(source)) {
      await runCommand('cp', ['--archive', '--no-target-directory', '--', source, folder], { timeoutMs: 600_000 });
    } else if (request.shift !== undefined) {
      await chown(folder, request.shift.base, request.shift.base);
    }
  }

  /** Deletes what the task's unnamed volumes hold. */
  async removeAnonymous(ownerId: string): Promise<void> {
    const prefix = `${anonymousPrefix}${ownerId}.`;
    const names = (await readdir(volumesDir(this.#paths))).filter((name) => name.startsWith(prefix));
    await Promise.all(names.map((name) => this.remove(name)));
  }

  /** Deletes a volume and its data. No error when there is none. */
  async remove(name: string): Promise<void> {
    if (!volumeName.test(name)) throw new TsoError('INVALID_ARGUMENT', `"${name}" is not a volume name`);
    await rm(join(volumesDir(this.#paths), name), { recursive: true, force: true });
  }

  #dataFolder(name: string): string {
    return join(volumesDir(this.#paths), name, '_data');
  }
}
