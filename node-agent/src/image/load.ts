import { link, rm } from 'node:fs/promises';
import type { Platform } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { Archive } from './archive.ts';
import { namesOfDescriptor, storedNameOf } from './archive-names.ts';
import type { SpooledFile } from './blob-store.ts';
import { sha256Digest } from './blob-store.ts';
import type { Lease } from './gc.ts';
import { layerMediaType } from './import.ts';
import {
  choosePlatform,
  type Descriptor,
  encodeManifest,
  type Index,
  type Manifest,
  mediaTypes,
  noPlatform,
  parseManifest,
} from './manifest.ts';
import { type BlobSource, materialise, type Stores } from './materialise.ts';
import { platformRank } from './platform.ts';
import { jsonArray, jsonObject, jsonString, jsonStrings, parseJson } from './untrusted-json.ts';
import { WantedImage } from './wanted-image.ts';

export interface Loaded {
  readonly manifestDigest: string;
  readonly names: readonly string[];
}

export interface LoadRequest {
  readonly tar: AsyncIterable<Uint8Array>;
  readonly platform: Platform;
  /** Keep an image for whatever platform: it goes on to nodes that can run it. */
  readonly anyPlatform?: boolean;
  /** The archive may be without blobs that are in the store and in the lease. */
  readonly mayLackBlobs?: boolean;
  /** The one image that is wanted. DATA_LOSS when the archive holds another or more. */
  readonly digest?: string | undefined;
  readonly lease: Lease;
  readonly signal?: AbortSignal | undefined;
}

/** An image found in an archive: its manifest and where each blob lies. */
interface Found extends Loaded {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, SpooledFile>;
}

const maxImages = 1000;
const maxIndexDepth = 4;

/** Everything an archive holds for this platform; told apart by content: an OCI layout has index.json, a docker-archive manifest.json. Newer ones have both. */
export const loadImages = async (stores: Stores, request: LoadRequest): Promise<readonly Loaded[]> => {
  const archive = await Archive.read(stores.blobs, request.tar, request.signal);
  try {
    const found = await imagesOf(archive, request);
    checkWanted(found, request.digest);
    for (const image of found) await keep(stores, image, request);
    return merged(found);
  } finally {
    await archive.discard();
  }
};

/**
 * The one image of that digest, from somebody who need not be honest, as our own archives hold it: nothing else is written to the disk, and nothing
 * of it is believed but what its digests say. DATA_LOSS: it is another one, or more.
 */
export const loadWanted = async (stores: Stores, digest: string, request: LoadRequest): Promise<void> => {
  const wanted = new WantedImage(digest);
  const archive = await Archive.read(stores.blobs, request.tar, request.signal, wanted);
  try {
    const { manifest, bytes } = wanted;
    await keep(stores, { manifestDigest: digest, names: [], bytes, manifest, files: filesOf(archive, manifest, true) }, request);
  } finally {
    await archive.discard();
  }
};

/** Where the blobs of the manifest lie. DATA_LOSS: one lacks. */
const filesOf = (archive: Archive, manifest: Manifest, mayLackBlobs: boolean): ReadonlyMap<string, SpooledFile> => {
  const there = [manifest.config, ...manifest.layers].filter(({ digest }) => !mayLackBlobs || archive.hasBlob(digest));
  return new Map(there.map(({ digest }) => [digest, archive.blob(digest)]));
};

const checkWanted = (found: readonly Found[], digest: string | undefined): void => {
  if (digest === undefined || found.every(({ manifestDigest }) => manifestDigest === digest)) return;
  const others = [...new Set(found.map(({ manifestDigest }) => manifestDigest))].join(', ');
  throw new TsoError('DATA_LOSS', `the archive was to hold the image ${digest} and holds ${others}`);
};

const imagesOf = async (archive: Archive, request: LoadRequest): Promise<readonly Found[]> => {
  const docker = archive.has('manifest.json') ? await dockerEntries(archive) : [];
  if (archive.has('index.json')) return ociImages(archive, request, docker);
  if (docker.length > 0) return Promise.all(docker.map((entry) => dockerImage(archive, entry)));
  throw new TsoError('INVALID_ARGUMENT', 'this is neither an OCI archive nor a docker-archive: it has no index.json and no manifest.json', {
    hint: 'A root filesystem is imported: tso image import FILE NAME',
  });
};

const merged = (found: readonly Found[]): readonly Loaded[] => {
  const names = new Map<string, readonly string[]>();
  for (const image of found) names.set(image.manifestDigest, [...(names.get(image.manifestDigest) ?? []), ...image.names]);
  return [...names].map(([manifestDigest, all]) => ({ manifestDigest, names: all }));
};

const keep = async (stores: Stores, image: Found, request: LoadRequest): Promise<void> => {
  request.lease.blobs.add(image.manifestDigest);
  const source: BlobSource = {
    fetch: async (descriptor, { onBytes }) => {
      const file = image.files.get(descriptor.digest);
      if (file === undefined && request.mayLackBlobs === true && (await stores.blobs.size(descriptor.digest)) === descriptor.sizeBytes) {
        onBytes?.(descriptor.sizeBytes);
        return;
      }
      if (file === undefined)
        throw new TsoError('DATA_LOSS', `the archive lacks the blob ${descriptor.digest}`, {
          hint: 'It is cut short or damaged; save the image again',
        });
      if (file.digest !== descriptor.digest || file.sizeBytes !== descriptor.sizeBytes) {
        throw new TsoError('DATA_LOSS', `blob ${descriptor.digest} of the archive is damaged: its content has the digest ${file.digest}`, {
          hint: 'Save the image again',
        });
      }
      await adoptCopy(stores, file);
      onBytes?.(file.sizeBytes);
    },
  };
  await stores.blobs.put(image.bytes);
  const what = image.names[0] ?? `image ${image.manifestDigest}`;
  await materialise(stores, {
    manifest: image.manifest,
    source,
    lease: request.lease,
    platform: request.anyPlatform === true ? undefined : request.platform,
    what,
    signal: request.signal,
  });
};

/** Several images of one archive share files, so each takes a second name of the file, not the file. */
const adoptCopy = async (stores: Stores, file: SpooledFile): Promise<void> => {
  const path = stores.blobs.temporaryPath('blob');
  await link(file.path, path);
  try {
    await stores.blobs.adopt({ ...file, path });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
};

interface DockerEntry {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

const dockerEntries = async (archive: Archive): Promise<readonly DockerEntry[]> => {
  const what = 'manifest.json of the archive';
  const entries = jsonArray(parseJson(await archive.document(archive.file('manifest.json'), what), what), what, maxImages);
  return entries.map((item, n) => {
    const object = jsonObject(item, `${what}[${n}]`);
    return {
      config: jsonString(object.Config, `${what}[${n}].Config`),
      names: jsonStrings(object.RepoTags, `${what}[${n}].RepoTags`).map(storedNameOf),
      layers: jsonStrings(object.Layers, `${what}[${n}].Layers`),
    };
  });
};

/** A docker-archive has no manifest in the registry's sense: one is made of what it names. */
const dockerImage = async (archive: Archive, entry: DockerEntry): Promise<Found> => {
  const config = archive.file(entry.config);
  const layers = entry.layers.map((name) => archive.file(name));
  const bytes = encodeManifest(
    config,
    layers.map((file) => ({ mediaType: layerMediaType(file), digest: file.digest, sizeBytes: file.sizeBytes })),
  );
  const manifest = parseManifest(bytes, mediaTypes.ociManifest, 'the manifest of the archive');
  if (manifest.kind !== 'manifest') throw new TsoError('INTERNAL', 'a manifest of our own making must be one');
  return {
    manifestDigest: sha256Digest(bytes),
    names: entry.names,
    bytes,
    manifest,
    files: new Map([config, ...layers].map((file) => [file.digest, file])),
  };
};

const ociImages = async (archive: Archive, request: LoadRequest, docker: readonly DockerEntry[]): Promise<readonly Found[]> => {
  const { platform, anyPlatform = false } = request;
  const what = 'index.json of the archive';
  const index = parseManifest(await archive.document(archive.file('index.json'), what), mediaTypes.ociIndex, what);
  if (index.kind !== 'index') throw new TsoError('DATA_LOSS', `${what} is no index`);
  const found: Found[] = [];
  for (const descriptor of anyPlatform ? index.manifests : runnable(index, platform))
    found.push(await ociImage(archive, descriptor, request, docker));
  if (found.length === 0) throw noPlatform(index.manifests, platform, 'the archive');
  return found;
};

/** Entries that may run here. One that states no platform is looked at; attestations and other platforms are passed over. */
const runnable = (index: Index, platform: Platform): readonly Descriptor[] =>
  index.manifests.filter(
    (one) => one.platform === undefined || (one.platform.os !== 'unknown' && platformRank(one.platform, platform) !== undefined),
  );

const ociImage = async (
  archive: Archive,
  named: Descriptor,
  { platform, mayLackBlobs = false }: LoadRequest,
  docker: readonly DockerEntry[],
): Promise<Found> => {
  let descriptor = named;
  for (let depth = 0; depth < maxIndexDepth; depth += 1) {
    const what = `manifest ${descriptor.digest} of the archive`;
    const file = archive.blob(descriptor.digest);
    if (file.digest !== descriptor.digest)
      throw new TsoError('DATA_LOSS', `${what} is damaged: its content has the digest ${file.digest}`, { hint: 'Save the image again' });
    const bytes = await archive.document(file, what);
    const manifest = parseManifest(bytes, descriptor.mediaType, what);
    if (manifest.kind === 'index') {
      descriptor = choosePlatform(manifest, platform, what);
      continue;
    }
    const files = filesOf(archive, manifest, mayLackBlobs);
    const alias = docker.filter((entry) => archive.has(entry.config) && archive.file(entry.config).digest === manifest.config.digest);
    const names = namesOfDescriptor(named);
    return { manifestDigest: file.digest, names: names.length > 0 ? names : alias.flatMap((entry) => entry.names), bytes, manifest, files };
  }
  throw new TsoError('DATA_LOSS', `manifest ${named.digest} of the archive is an index of indexes of indexes`);
};
