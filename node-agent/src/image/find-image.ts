import { type Reference, repositoryName, storedName, tryReference } from '@tso/proto';
import type { ImageRecord } from './image-index.ts';
import type { Image } from './types.ts';

/** An image with what only this room needs of it. */
export interface KnownImage {
  readonly record: ImageRecord;
  readonly image: Image;
  /** Chain ids, lowest first. */
  readonly chain: readonly string[];
  /** Digests of the layers' blobs, lowest first. */
  readonly layerBlobs: readonly string[];
  /** The lowest layer that shows: what lies below an opaque root does not. */
  readonly firstLayer: number;
}

export interface FoundImage extends KnownImage {
  /** The full name that matched; undefined when it was found by id or digest. */
  readonly matched: string | undefined;
}

const shortestPrefix = 4;

const byName = (images: readonly KnownImage[], reference: Reference): FoundImage | undefined => {
  const name = storedName(reference);
  const named = images.find(({ record }) => record.names.includes(name));
  if (named !== undefined) return { ...named, matched: name };
  if (reference.digest === '') return undefined;
  const repository = `${repositoryName(reference)}:`;
  const known = images.find(
    ({ record }) =>
      record.digests.includes(name) || (record.manifest === reference.digest && record.names.some((one) => one.startsWith(repository))),
  );
  return known === undefined ? undefined : { ...known, matched: undefined };
};

/** By id (`sha256:…`), or by the start of one that only one image has. */
const byId = (images: readonly KnownImage[], text: string): FoundImage | undefined => {
  const start = text.replace(/^sha256:/, '');
  if (start.length < shortestPrefix || !/^[0-9a-f]{4,64}$/.test(start)) return undefined;
  const found = images.filter(({ image }) => image.id.startsWith(`sha256:${start}`));
  const [first] = found;
  return first !== undefined && new Set(found.map(({ image }) => image.id)).size === 1 ? { ...first, matched: undefined } : undefined;
};

/** The image a user means: by name first, as docker does, then by id. An id start that several have finds none. */
export const findRecord = (images: readonly KnownImage[], text: string): FoundImage | undefined => {
  const reference = tryReference(text);
  const named = reference === undefined ? undefined : byName(images, reference);
  return named ?? byId(images, text);
};
