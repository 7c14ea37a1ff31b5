import type { Platform } from '@tso/proto';
import { isDigest, TsoError } from '@tso/proto';
import { formatPlatform, normalisePlatform, platformRank } from './platform.ts';
import type { JsonObject } from './untrusted-json.ts';
import { jsonArray, jsonObject, jsonRecord, jsonString, jsonWhole, parseJson } from './untrusted-json.ts';

export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

/** What a pull says it understands, best first. */
export const acceptedManifests: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
];

/** Overlayfs itself stacks at most 500 lower layers (OVL_MAX_STACK). */
export const maxLayers = 500;
const maxDescriptors = 10_000;

/** OCI image-spec descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly platform: Platform | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

export interface Index {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

const damaged = (what: string, why: string): TsoError =>
  new TsoError('DATA_LOSS', `${what} is not valid: ${why}`, { hint: 'Push or save the image again' });

const readPlatform = (value: unknown, what: string): Platform | undefined => {
  if (value === undefined || value === null) return undefined;
  const platform = jsonObject(value, what);
  const text = (key: string): string => jsonString(platform[key], `${what}.${key}`, '');
  return { os: text('os'), architecture: text('architecture'), variant: text('variant') };
};

const readDescriptor = (value: unknown, what: string): Descriptor => {
  const object = jsonObject(value, what);
  const digest = jsonString(object.digest, `${what}.digest`);
  if (!isDigest(digest)) throw damaged(`${what}.digest`, `${JSON.stringify(digest)} is not a sha256 digest`);
  return {
    mediaType: jsonString(object.mediaType, `${what}.mediaType`, ''),
    digest,
    sizeBytes: jsonWhole(object.size, `${what}.size`),
    platform: readPlatform(object.platform, `${what}.platform`),
    annotations: jsonRecord(object.annotations, `${what}.annotations`),
  };
};

const refuseOldSchema = (object: JsonObject, mediaType: string, what: string): void => {
  const old = mediaType === mediaTypes.dockerSchema1 || mediaType === mediaTypes.dockerSchema1Signed || object.schemaVersion === 1;
  if (old) throw new TsoError('UNIMPLEMENTED', `${what} is in the retired schema 1`, { hint: 'Push the image again with a current tool' });
  if (object.schemaVersion !== 2) throw damaged(what, 'schemaVersion is not 2');
};

const readIndex = (object: JsonObject, what: string): Index => ({
  kind: 'index',
  manifests: jsonArray(object.manifests, `${what}.manifests`, maxDescriptors).map((entry, n) =>
    readDescriptor(entry, `${what}.manifests[${n}]`),
  ),
});

const configTypes: ReadonlySet<string> = new Set([mediaTypes.ociConfig, mediaTypes.dockerConfig]);

const readManifest = (object: JsonObject, what: string): Manifest => {
  const config = readDescriptor(object.config, `${what}.config`);
  if (!configTypes.has(config.mediaType)) {
    throw new TsoError('FAILED_PRECONDITION', `${what} is not a container image but ${config.mediaType || 'of no stated type'}`, {
      hint: 'Name an image that can run',
    });
  }
  const layers = jsonArray(object.layers, `${what}.layers`, maxDescriptors).map((entry, n) =>
    readDescriptor(entry, `${what}.layers[${n}]`),
  );
  if (layers.length > maxLayers)
    throw new TsoError('RESOURCE_EXHAUSTED', `${what} has ${layers.length} layers; overlayfs stacks at most ${maxLayers}`, {
      hint: 'Squash the image',
    });
  return { kind: 'manifest', config, layers };
};

/**
 * Reads an OCI manifest or index, or a docker schema 2 manifest or list; told apart by content where the media type is silent, refused
 * where the two disagree (else the same bytes would mean two things: CVE-2021-41190). `what` names it in messages.
 */
export const parseManifest = (bytes: Uint8Array, mediaType: string, what: string): Manifest | Index => {
  const object = jsonObject(parseJson(bytes, what), what);
  const inner = jsonString(object.mediaType, `${what}.mediaType`, '');
  refuseOldSchema(object, inner || mediaType, what);
  const type = inner || mediaType;
  const isIndex = 'manifests' in object;
  if (isIndex && ('layers' in object || 'config' in object)) throw damaged(what, 'it is a manifest and an index at once');
  const namesIndex = type === mediaTypes.ociIndex || type === mediaTypes.dockerList;
  const namesManifest = type === mediaTypes.ociManifest || type === mediaTypes.dockerManifest;
  if ((isIndex && namesManifest) || (!isIndex && namesIndex)) throw damaged(what, `its content is no ${type}`);
  return isIndex ? readIndex(object, what) : readManifest(object, what);
};

/** An attestation or another companion, not an image. */
const isCompanion = (descriptor: Descriptor): boolean =>
  descriptor.platform?.os === 'unknown' || descriptor.annotations['vnd.docker.reference.type'] !== undefined;

/** The manifest that runs best on the platform; the first among equals, as the spec wants. One without a platform counts only when none has one. */
export const choosePlatform = (index: Index, wanted: Platform, what: string): Descriptor => {
  let best: { readonly rank: number; readonly descriptor: Descriptor } | undefined;
  for (const descriptor of index.manifests) {
    if (descriptor.platform === undefined || isCompanion(descriptor)) continue;
    const rank = platformRank(descriptor.platform, wanted);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { rank, descriptor };
  }
  if (best !== undefined) return best.descriptor;
  const first = index.manifests[0];
  if (first !== undefined && index.manifests.every((descriptor) => descriptor.platform === undefined)) return first;
  throw noPlatform(index.manifests, wanted, what);
};

export const noPlatform = (offered: readonly Descriptor[], wanted: Platform, what: string): TsoError => {
  const names = new Set(
    offered.flatMap((one) => (one.platform === undefined || isCompanion(one) ? [] : [formatPlatform(normalisePlatform(one.platform))])),
  );
  return new TsoError('NOT_FOUND', `${what} has no image for ${formatPlatform(normalisePlatform(wanted))}`, {
    hint: names.size === 0 ? 'It holds no image at all' : `It has ${[...names].sort().join(', ')}`,
  });
};

/** The bytes of an OCI manifest of our own making; equal input, equal bytes. */
export const encodeManifest = (
  config: Pick<Descriptor, 'digest' | 'sizeBytes'>,
  layers: readonly Pick<Descriptor, 'mediaType' | 'digest' | 'sizeBytes'>[],
): Uint8Array => {
  const part = (mediaType: string, one: Pick<Descriptor, 'digest' | 'sizeBytes'>): object => ({
    mediaType,
    digest: one.digest,
    size: one.sizeBytes,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: part(mediaTypes.ociConfig, config),
    layers: layers.map((layer) => part(layer.mediaType, layer)),
  };
  return new TextEncoder().encode(JSON.stringify(manifest));
};
