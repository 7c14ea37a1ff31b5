import type { Platform } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { BlobStore, StreamOptions } from './blob-store.ts';
import type { Lease } from './gc.ts';
import { type ConfigBlob, parseConfig } from './image-config.ts';
import { inParallel } from './in-parallel.ts';
import { chainIds, type LayerStore } from './layers.ts';
import type { Descriptor, Manifest } from './manifest.ts';
import { formatPlatform, normalisePlatform, platformRank } from './platform.ts';
import type { PullProgress } from './types.ts';

/** Manifests and configurations are read whole; registries themselves take no larger ones (distribution: 4 MiB). */
export const maxDocumentBytes = 4 * 1024 * 1024;

/** Where the blobs of an image come from. */
export interface BlobSource {
  /** Has the blob in the blob store. */
  fetch(descriptor: Descriptor, options: StreamOptions): Promise<void>;
}

export interface Stores {
  readonly blobs: BlobStore;
  readonly layers: LayerStore;
}

export interface MaterialiseOptions {
  readonly manifest: Manifest;
  readonly source: BlobSource;
  readonly lease: Lease;
  /** undefined: any platform will do. */
  readonly platform: Platform | undefined;
  /** For messages: the image's name. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

/** Layers on the way at one time: one arrives while another is unpacked. */
const parallelLayers = 3;

const checkPlatform = (config: ConfigBlob, wanted: Platform | undefined, what: string): void => {
  if (wanted === undefined || config.platform.architecture === '' || platformRank(config.platform, wanted) !== undefined) return;
  const has = formatPlatform(config.platform);
  throw new TsoError('NOT_FOUND', `${what} is an image for ${has}, not for ${formatPlatform(normalisePlatform(wanted))}`, {
    hint: `Name an image for this machine, or ask for it: --platform ${has}`,
  });
};

class Progress {
  readonly #layers: readonly Descriptor[];
  readonly #report: ((progress: PullProgress) => void) | undefined;
  readonly #bytes: number[];
  #done = 0;

  constructor(layers: readonly Descriptor[], report: ((progress: PullProgress) => void) | undefined) {
    this.#layers = layers;
    this.#report = report;
    this.#bytes = layers.map(() => 0);
  }

  /** Bytes of this layer that are here; an attempt that starts over takes them back. */
  arrived(layer: number, bytes: number): void {
    this.#bytes[layer] = bytes;
    this.emit();
  }

  add(layer: number, bytes: number): void {
    this.arrived(layer, (this.#bytes[layer] ?? 0) + bytes);
  }

  done(layer: number): void {
    this.#done += 1;
    this.arrived(layer, this.#layers[layer]?.sizeBytes ?? 0);
  }

  emit(): void {
    this.#report?.({
      layersTotal: this.#layers.length,
      layersDone: this.#done,
      bytesTotal: this.#layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
      bytesDone: this.#bytes.reduce((sum, bytes) => sum + bytes, 0),
    });
  }
}

/**
 * Has everything of an image on this host: its configuration, and each layer fetched, verified and unpacked. What is there already is
 * neither fetched nor unpacked again. Whatever fails, nothing is registered; the caller's garbage collection takes what had arrived.
 */
export const materialise = async (stores: Stores, options: MaterialiseOptions): Promise<ConfigBlob> => {
  const { manifest, source, lease, what, signal } = options;
  for (const descriptor of [manifest.config, ...manifest.layers]) lease.blobs.add(descriptor.digest);
  await source.fetch(manifest.config, { signal });
  const config = parseConfig(await stores.blobs.read(manifest.config.digest, maxDocumentBytes), `the configuration of ${what}`);
  checkPlatform(config, options.platform, what);
  if (config.diffIds.length !== manifest.layers.length) {
    throw new TsoError(
      'DATA_LOSS',
      `${what} is damaged: ${manifest.layers.length} layers, but its configuration names ${config.diffIds.length}`,
      { hint: 'Push or save the image again' },
    );
  }
  await fetchLayers(stores, options, config.diffIds);
  return config;
};

const fetchLayers = async (stores: Stores, options: MaterialiseOptions, diffIds: readonly string[]): Promise<void> => {
  const chain = chainIds(diffIds);
  for (const chainId of chain) options.lease.layers.add(chainId);
  const progress = new Progress(options.manifest.layers, options.onProgress);
  progress.emit();
  const ready = chain.map(() => Promise.withResolvers<void>());
  // A layer above may never come to wait for one that failed; the failure itself is thrown by inParallel.
  for (const { promise } of ready) promise.catch(() => undefined);
  await inParallel(options.manifest.layers, parallelLayers, options.signal, async (descriptor, n, signal) => {
    const gate = ready[n];
    const chainId = chain[n];
    const diffId = diffIds[n];
    if (gate === undefined || chainId === undefined || diffId === undefined) return;
    try {
      await options.source.fetch(descriptor, { signal, onBytes: (count) => progress.add(n, count) });
      const belowReady = Promise.all(ready.slice(0, n).map(({ promise }) => promise));
      belowReady.catch(() => undefined);
      await stores.layers.ensure({ chainId, diffId, blob: descriptor.digest, below: chain.slice(0, n), belowReady, signal });
      progress.done(n);
      gate.resolve();
    } catch (error) {
      gate.reject(error);
      throw error;
    }
  });
};
