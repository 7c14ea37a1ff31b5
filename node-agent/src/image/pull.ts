import type { Logger, Platform } from '@tso/proto';
import { formatReference, type Reference, repositoryName, sentenceOf, TsoError, withDefaultTag } from '@tso/proto';
import type { Lease } from './gc.ts';
import type { Descriptor, Manifest } from './manifest.ts';
import { choosePlatform, parseManifest } from './manifest.ts';
import { type BlobSource, materialise, type Stores } from './materialise.ts';
import { type FetchedManifest, isBrokenOff, type RegistryClient, type Repository } from './registry.ts';
import type { PullOptions } from './types.ts';

export interface Pulled {
  readonly manifestDigest: string;
  /** `docker.io/library/redis@sha256:…`, of what the name pointed to. */
  readonly digestNames: readonly string[];
}

export interface PullRequest {
  readonly reference: Reference;
  readonly platform: Platform;
  readonly options: PullOptions;
  readonly lease: Lease;
}

/** An index may name an index; deeper than this is a circle. */
const maxIndexDepth = 4;
/** A blob whose connection broke is begun again this often. */
const blobAttempts = 3;

/** Brings an image here from its registry or one of its mirrors; see `Images.pull`. What had arrived before a failure is the caller's to collect. */
export const pullImage = async (registry: RegistryClient, stores: Stores, request: PullRequest, logger: Logger): Promise<Pulled> => {
  const reference = withDefaultTag(request.reference);
  const repositories = registry.repositories(reference, request.options.credentials);
  for (const [n, repository] of repositories.entries()) {
    try {
      return await pullFrom(repository, stores, { ...request, reference });
    } catch (error) {
      request.options.signal?.throwIfAborted();
      if (n === repositories.length - 1) throw error;
      logger.warn({ image: formatReference(reference), reason: sentenceOf(error) }, 'a mirror could not give an image; asking the next');
    }
  }
  throw new TsoError('INTERNAL', `no registry to pull ${formatReference(reference)} from`);
};

const pullFrom = async (repository: Repository, stores: Stores, request: PullRequest): Promise<Pulled> => {
  const { reference, options, lease } = request;
  const named = await repository.manifest(reference.digest || reference.tag, options.signal);
  const { manifest, fetched } = await chosenManifest(repository, named, request);
  lease.blobs.add(fetched.digest);
  await stores.blobs.put(fetched.bytes);
  await materialise(stores, {
    manifest,
    source: new RegistrySource(repository, stores),
    lease,
    platform: request.platform,
    what: formatReference(reference),
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const digestNames = new Set([named.digest, fetched.digest].map((digest) => `${repositoryName(reference)}@${digest}`));
  return { manifestDigest: fetched.digest, digestNames: [...digestNames] };
};

const chosenManifest = async (
  repository: Repository,
  named: FetchedManifest,
  request: PullRequest,
): Promise<{ readonly manifest: Manifest; readonly fetched: FetchedManifest }> => {
  const what = formatReference(request.reference);
  let fetched = named;
  for (let depth = 0; depth < maxIndexDepth; depth += 1) {
    const manifest = parseManifest(fetched.bytes, fetched.mediaType, `the manifest of ${what}`);
    if (manifest.kind === 'manifest') return { manifest, fetched };
    fetched = await repository.manifest(choosePlatform(manifest, request.platform, what).digest, request.options.signal);
  }
  throw new TsoError('DATA_LOSS', `the manifest of ${what} is an index of indexes of indexes`);
};

class RegistrySource implements BlobSource {
  readonly #repository: Repository;
  readonly #stores: Stores;

  constructor(repository: Repository, stores: Stores) {
    this.#repository = repository;
    this.#stores = stores;
  }

  async fetch(
    descriptor: Descriptor,
    options: { readonly signal?: AbortSignal | undefined; readonly onBytes?: ((count: number) => void) | undefined },
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      let arrived = 0;
      const onBytes = (count: number): void => {
        arrived += count;
        options.onBytes?.(count);
      };
      try {
        await this.#stores.blobs.ingest(
          descriptor.digest,
          descriptor.sizeBytes,
          () => this.#repository.blob(descriptor.digest, options.signal),
          { signal: options.signal, onBytes },
        );
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        // Only a connection that broke in the midst: opening has its own patience, and damaged content stays damaged.
        if (!isBrokenOff(error) || attempt === blobAttempts) throw error;
        options.onBytes?.(-arrived);
      }
    }
  }
}
