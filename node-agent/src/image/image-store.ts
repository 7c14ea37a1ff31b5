import { access } from 'node:fs/promises';
import type { Clock, Logger, Platform } from '@tso/proto';
import { formatReference, parseReference, sentenceOf, storedName, TsoError, toTsoError, tryReference } from '@tso/proto';
import { KeyedLock } from '../keyed-lock.ts';
import type { AgentPaths } from '../paths.ts';
import { imagesDir } from '../paths.ts';
import { BlobStore } from './blob-store.ts';
import { deleteTrees, privateFolder, syncFileSystem } from './disk.ts';
import { findRecord, type KnownImage } from './find-image.ts';
import { collectGarbage, type Lease, Leases, type Needs } from './gc.ts';
import { parseConfig } from './image-config.ts';
import { ImageIndex, type ImageRecord, withName } from './image-index.ts';
import { importImage } from './import.ts';
import { chainIds, LayerStore } from './layers.ts';
import { loadImages, loadWanted } from './load.ts';
import { type Descriptor, mediaTypes, parseManifest } from './manifest.ts';
import { maxDocumentBytes, type Stores } from './materialise.ts';
import { normalisePlatform, parsePlatform } from './platform.ts';
import { pullImage } from './pull.ts';
import { RegistryClient, type RegistryOptions } from './registry.ts';
import { type ImageArchive, imageArchive } from './save.ts';
import type { ArchiveSource, FetchOptions, IdShift, Image, Images, PullOptions, TakeInOptions } from './types.ts';

export interface ImageStoreOptions extends RegistryOptions {
  readonly paths: AgentPaths;
}

const hostPlatform = (): Platform => normalisePlatform({ os: process.platform, architecture: process.arch, variant: '' });

/** Digests of blobs that a fetch says it has: 71 bytes each, and an image has far fewer. */
const mostBlobsTold = 10_000;

/** The blobs, which do not go as long as the lease lasts: the other side waits for them, or leaves them out because they are here. */
const held = (blobs: readonly string[], lease: Lease): readonly string[] => {
  for (const blob of blobs) lease.blobs.add(blob);
  return blobs;
};

/** The full name that a built image is kept under. */
const nameOfBuilt = (name: string): string => storedName(parseReference(name));

/** Two layers may be the same blob (an empty one). */
const firstOfKind = ({ digest }: Descriptor, at: number, all: readonly Descriptor[]): boolean =>
  all.findIndex((one) => one.digest === digest) === at;

/** The images of this host: `images/index.json` says which, blobs and layers hold them. One process only may use the folder. */
export class ImageStore implements Images {
  readonly #root: string;
  readonly #stores: Stores;
  readonly #index: ImageIndex;
  readonly #registry: RegistryClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #leases = new Leases();
  readonly #lock = new KeyedLock();
  /** By manifest digest. */
  #images: ReadonlyMap<string, KnownImage> = new Map();
  /** Recorded, but a part is gone. Nothing is collected meanwhile: what is left of them may be mounted in a running container. */
  #damaged: readonly ImageRecord[] = [];

  constructor(options: ImageStoreOptions, ports: { readonly clock: Clock; readonly logger: Logger }) {
    const blobs = new BlobStore(options);
    this.#root = imagesDir(options.paths);
    this.#stores = { blobs, layers: new LayerStore(options, { blobs }) };
    this.#index = new ImageIndex(options);
    this.#registry = new RegistryClient(options, ports);
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  /** Reads what is here, and clears what a crash left half-made. An image that lost a part is left out: pulled again, it is whole. */
  async start(): Promise<void> {
    await privateFolder(this.#root);
    await this.#stores.blobs.start();
    await this.#stores.layers.start();
    await deleteTrees([this.#stores.blobs.temporaryFolder]);
    await this.#stores.blobs.start();
    const known = new Map<string, KnownImage>();
    const damaged: ImageRecord[] = [];
    for (const record of await this.#index.read()) {
      try {
        known.set(record.manifest, await this.#read(record));
      } catch (error) {
        damaged.push(record);
        this.#logger.error(
          { names: record.names, manifest: record.manifest, reason: sentenceOf(error) },
          'an image is damaged and left out',
        );
      }
    }
    this.#images = known;
    this.#damaged = damaged;
    await this.#collect();
  }

  list(): readonly Image[] {
    return [...this.#images.values()].map(({ image }) => image);
  }

  find(name: string): Image | undefined {
    return findRecord([...this.#images.values()], name)?.image;
  }

  findDigest(digest: string): Image | undefined {
    return this.#images.get(digest)?.image;
  }

  async pull(name: string, options: PullOptions = {}): Promise<Image> {
    const reference = parseReference(name);
    const platform = options.platform ? parsePlatform(options.platform) : hostPlatform();
    return this.#operation(`pull of ${formatReference(reference)}`, options.signal, async (lease) => {
      const pulled = await pullImage(this.#registry, this.#stores, { reference, platform, options, lease }, this.#logger);
      return this.#register(pulled.manifestDigest, [storedName(reference)], pulled.digestNames, this.#clock.now());
    });
  }

  async importRootfs(
    tar: AsyncIterable<Uint8Array>,
    options: { readonly name: string; readonly changes: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<Image> {
    const reference = parseReference(options.name);
    if (reference.digest !== '')
      throw new TsoError('INVALID_ARGUMENT', `image name ${options.name}: an import gets its digest from its content`, {
        hint: 'Leave the @sha256:… away',
      });
    return this.#operation(`import of ${formatReference(reference)}`, options.signal, async (lease) => {
      const created = new Date(this.#clock.now()).toISOString();
      const request = { tar, changes: options.changes, platform: hostPlatform(), created, lease, signal: options.signal };
      return this.#register(await importImage(this.#stores, request), [storedName(reference)], []);
    });
  }

  async load(tar: AsyncIterable<Uint8Array>, options: { readonly signal?: AbortSignal } = {}): Promise<readonly Image[]> {
    return this.#operation('load of an archive', options.signal, async (lease) => {
      const loaded = await loadImages(this.#stores, { tar, platform: hostPlatform(), lease, signal: options.signal });
      const images: Image[] = [];
      for (const one of loaded) images.push(await this.#register(one.manifestDigest, one.names, []));
      return images;
    });
  }

  async takeIn(source: ArchiveSource, { digest, blobs, names, signal }: TakeInOptions): Promise<Image> {
    const stored = names.map(nameOfBuilt);
    return this.#operation('load of an image', signal, async (lease) => {
      const here = new Set(await this.#stores.blobs.list());
      const have = held(
        blobs.filter((blob) => here.has(blob)),
        lease,
      );
      const request = { tar: source(have), platform: hostPlatform(), anyPlatform: true, mayLackBlobs: true, digest, lease, signal };
      const [one, ...others] = await loadImages(this.#stores, request);
      if (one === undefined || others.length > 0)
        throw new TsoError('INVALID_ARGUMENT', `the archive holds ${others.length + 1} images, and one is expected`);
      return this.#register(one.manifestDigest, stored.length > 0 ? stored : one.names, []);
    });
  }

  name(digest: string, names: readonly string[]): Promise<Image> {
    return this.#register(digest, names.map(nameOfBuilt), []);
  }

  async fetch(digest: string, source: ArchiveSource, { name, platform: wanted, signal }: FetchOptions): Promise<Image> {
    const platform = wanted === '' ? hostPlatform() : parsePlatform(wanted);
    return this.#operation(`fetch of ${name}`, signal, async (lease) => {
      const have = held((await this.#stores.blobs.list()).slice(0, mostBlobsTold), lease);
      await loadWanted(this.#stores, digest, { tar: source(have), platform, mayLackBlobs: true, lease, signal });
      return this.#register(digest, [nameOfBuilt(name)], []);
    });
  }

  save<T>(digest: string, have: ReadonlySet<string>, use: (archive: ImageArchive, image: Image) => Promise<T>): Promise<T> {
    return this.#leases.hold(async (lease) => {
      const known = this.#images.get(digest);
      if (known === undefined) throw new TsoError('NOT_FOUND', `the image ${digest} is not on this host`);
      held([digest, known.image.id, ...known.layerBlobs], lease);
      const bytes = await this.#stores.blobs.read(digest, maxDocumentBytes);
      const manifest = parseManifest(bytes, '', `image ${digest}`);
      if (manifest.kind !== 'manifest') throw new TsoError('DATA_LOSS', `image ${digest} is an index`);
      const wanted = [manifest.config, ...manifest.layers].filter((one, n, all) => !have.has(one.digest) && firstOfKind(one, n, all));
      const mediaType = manifest.config.mediaType === mediaTypes.dockerConfig ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
      return use(imageArchive(this.#stores.blobs, { digest, mediaType, bytes }, wanted), known.image);
    });
  }

  async remove(name: string, inUse: ReadonlySet<string>): Promise<void> {
    await this.#lock.run('index', async () => {
      const found = findRecord([...this.#images.values()], name);
      if (found === undefined && (await this.#forgetDamaged(name))) return;
      if (found === undefined) throw new TsoError('NOT_FOUND', `no image ${name} on this host`, { hint: 'tso images lists them' });
      const { record, image } = found;
      const byName = found.matched !== undefined;
      const names = byName ? record.names.filter((one) => one !== found.matched) : [];
      if (!byName && record.names.length > 1) {
        throw new TsoError('CONFLICT', `image ${name} has several names: ${record.names.join(', ')}`, { hint: 'Remove them by name' });
      }
      if (names.length === 0 && inUse.has(image.id)) {
        throw new TsoError('CONFLICT', `image ${name} is used by a container`, { hint: 'Stop what runs it first' });
      }
      const records = this.#records().flatMap((one) => (one !== record ? [one] : names.length === 0 ? [] : [{ ...record, names }]));
      await this.#save(records);
    });
    await this.#collect();
  }

  async layerFolders(image: Image, shift?: IdShift): Promise<readonly string[]> {
    const known = this.#images.get(image.digest);
    if (known === undefined)
      throw new TsoError('NOT_FOUND', `image ${image.names[0] ?? image.id} is no longer on this host`, { hint: 'Pull it again' });
    const folders: string[] = [];
    for (let n = known.firstLayer; n < known.chain.length; n += 1) {
      const chainId = known.chain[n] ?? '';
      if (shift === undefined) folders.push(this.#stores.layers.folder(chainId));
      else {
        const request = { chainId, diffId: image.layers[n] ?? '', blob: known.layerBlobs[n] ?? '', below: known.chain.slice(0, n) };
        folders.push(await this.#stores.layers.shifted(request, shift));
      }
    }
    return folders;
  }

  /** Runs what brings images here. On failure everything it brought is collected, and an aborted signal is CANCELLED whatever broke of it. */
  async #operation<T>(what: string, signal: AbortSignal | undefined, work: (lease: Lease) => Promise<T>): Promise<T> {
    try {
      return await this.#leases.hold(work);
    } catch (error) {
      await this.#collect();
      if (signal?.aborted === true) throw new TsoError('CANCELLED', `the ${what} was cancelled`, { cause: error });
      throw toTsoError(error);
    }
  }

  /** Enters an image in the index, once all of it is surely on the disk. */
  #register(manifest: string, names: readonly string[], digests: readonly string[], pulledAtMs?: number): Promise<Image> {
    return this.#lock.run('index', async () => {
      const records = withName(this.#records(), manifest, names, digests, pulledAtMs);
      const record = records.find((one) => one.manifest === manifest);
      if (record === undefined) throw new TsoError('INTERNAL', `image ${manifest} was not entered`);
      const fresh = await this.#read(record);
      if (!this.#images.has(manifest)) await syncFileSystem(this.#root);
      await this.#save(records, fresh);
      return fresh.image;
    });
  }

  #records(): readonly ImageRecord[] {
    return [...[...this.#images.values()].map(({ record }) => record), ...this.#damaged];
  }

  /** Drops a damaged image of this name; false when there is none. */
  async #forgetDamaged(name: string): Promise<boolean> {
    const reference = tryReference(name);
    const doomed = this.#damaged.find(({ names }) => reference !== undefined && names.includes(storedName(reference)));
    if (doomed !== undefined) await this.#save(this.#records().filter((record) => record !== doomed));
    return doomed !== undefined;
  }

  async #save(records: readonly ImageRecord[], fresh?: KnownImage): Promise<void> {
    const damaged = records.filter(
      (record) =>
        record.names.length > 0 &&
        record.manifest !== fresh?.record.manifest &&
        this.#damaged.some(({ manifest }) => manifest === record.manifest),
    );
    await this.#index.write(
      records.filter(
        (record) => damaged.includes(record) || record.manifest === fresh?.record.manifest || this.#images.has(record.manifest),
      ),
    );
    this.#damaged = damaged;
    const next = new Map<string, KnownImage>();
    for (const record of records) {
      const known = record.manifest === fresh?.record.manifest ? fresh : this.#images.get(record.manifest);
      if (known !== undefined) next.set(record.manifest, { ...known, record, image: { ...known.image, names: record.names } });
    }
    this.#images = next;
  }

  /** All that is known of a recorded image. DATA_LOSS when a part is missing. */
  async #read(record: ImageRecord): Promise<KnownImage> {
    const { blobs, layers } = this.#stores;
    const what = `image ${record.names[0] ?? record.manifest}`;
    const manifest = parseManifest(await blobs.read(record.manifest, maxDocumentBytes), '', what);
    if (manifest.kind !== 'manifest') throw new TsoError('DATA_LOSS', `${what} is an index`);
    const config = parseConfig(await blobs.read(manifest.config.digest, maxDocumentBytes), `the configuration of ${what}`);
    const chain = chainIds(config.diffIds);
    const layerBlobs = manifest.layers.map(({ digest }) => digest);
    for (const digest of layerBlobs) await access(blobs.path(digest));
    let sizeBytes = 0;
    let firstLayer = 0;
    for (const [n, chainId] of chain.entries()) {
      const info = await layers.info(chainId);
      if (info === undefined) throw new TsoError('DATA_LOSS', `layer ${chainId} of ${what} is missing`, { hint: 'Pull or load it again' });
      sizeBytes += info.sizeBytes;
      if (info.opaqueRoot) firstLayer = n;
    }
    const image: Image = {
      id: manifest.config.digest,
      names: record.names,
      digest: record.manifest,
      sizeBytes,
      createdAtMs: config.createdAtMs,
      platform: config.platform,
      config: config.config,
      layers: config.diffIds,
      ...(record.pulledAtMs === undefined ? {} : { pulledAtMs: record.pulledAtMs }),
    };
    return { record, image, chain, layerBlobs, firstLayer };
  }

  async #collect(): Promise<void> {
    if (this.#damaged.length === 0) await collectGarbage(this.#stores, this.#needs());
  }

  #needs(): Needs {
    const uses = (check: (known: KnownImage) => boolean): boolean => [...this.#images.values()].some(check);
    return {
      blob: (digest) =>
        this.#leases.hasBlob(digest) ||
        uses(({ record, image, layerBlobs }) => record.manifest === digest || image.id === digest || layerBlobs.includes(digest)),
      layer: (chainId) => this.#leases.hasLayer(chainId) || uses(({ chain }) => chain.includes(chainId)),
    };
  }
}
