import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Logger, TsoError } from '@tso/proto';
import { systemClock } from '@tso/proto/system';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../../../node-agent/src/host-command.ts';
import { ImageStore, type ImageStoreOptions } from '../../../node-agent/src/image/image-store.ts';
import { Snapshotter } from '../../../node-agent/src/image/snapshotter.ts';
import type { Image } from '../../../node-agent/src/image/types.ts';
import type { AgentPaths } from '../../../node-agent/src/paths.ts';
import { type EntryWish, type ImageWish, imageOf, ociArchive, piecesOf, tarOf } from './image-fixtures.ts';

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** One agent's images and root filesystems in a temporary directory. */
export class ImageLab {
  readonly dir = mkdtempSync(join(tmpdir(), 'tso-image-'));
  readonly paths: AgentPaths = { dataDir: join(this.dir, 'data'), runDir: join(this.dir, 'run') };
  readonly rootfses = new Snapshotter({ folder: join(this.paths.dataDir, 'rootfs') });
  readonly images: ImageStore;

  constructor(options: Partial<ImageStoreOptions> = {}, clock: Clock = systemClock) {
    this.images = new ImageStore({ ...options, paths: this.paths }, { clock, logger: silent });
  }

  /** A second agent on the same data: what a restart sees. */
  async reopened(): Promise<ImageStore> {
    const images = new ImageStore({ paths: this.paths }, { clock: systemClock, logger: silent });
    await images.start();
    return images;
  }

  /** Everything the images' folder holds beside its index: blobs, layers, temporary files. */
  contents(): readonly string[] {
    const list = (part: string): readonly string[] =>
      readdirSync(join(this.paths.dataDir, 'images', part)).map((name) => `${part}/${name}`);
    return [...list('blobs/sha256'), ...list('layers'), ...list('tmp')];
  }

  async stop(): Promise<void> {
    for (const id of await this.rootfses.list()) await this.rootfses.remove(id);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A test with an agent's images of its own. */
export const inLab = (title: string, run: (t: ExecutionContext, lab: ImageLab) => Promise<void>): void => {
  // Serially: two cores only.
  test.serial(title, async (t) => {
    const lab = new ImageLab();
    try {
      await lab.images.start();
      await run(t, lab);
    } finally {
      await lab.stop();
    }
  });
};

/** Imports a root filesystem. */
export const importTar = (lab: ImageLab, tar: Uint8Array, name = 'base'): Promise<Image> =>
  lab.images.importRootfs(piecesOf(tar), { name, changes: [] });

/** Loads an image of these layers and mounts it. */
export const mounted = async (lab: ImageLab, layers: readonly (readonly EntryWish[])[], wish: ImageWish = {}): Promise<string> => {
  const image = await loadOne(lab, imageOf(layers.map(tarOf), wish));
  return lab.rootfses.mount('c1', await lab.images.layerFolders(image));
};

/** Loads an OCI archive of one image. */
export const loadOne = async (lab: ImageLab, fixture: ReturnType<typeof imageOf>, name = 'example/app:1'): Promise<Image> => {
  const [image] = await lab.images.load(piecesOf(ociArchive([{ image: fixture, name }])));
  if (image === undefined) throw new Error('nothing was loaded');
  return image;
};

/** What the work failed with. */
export const failure = async (t: ExecutionContext, work: Promise<unknown>): Promise<TsoError> => {
  const error = await t.throwsAsync(work);
  if (error instanceof TsoError) return error;
  throw error ?? new Error('it did not fail');
};

/** Every name below a folder; symlinks are not followed. */
export const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await runCommand('find', [folder, '-mindepth', '1', '-printf', '%P\\0'])).stdout.split('\0').slice(0, -1).sort();
