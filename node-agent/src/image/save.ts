import type { BlobStore } from './blob-store.ts';
import type { Descriptor } from './manifest.ts';
import { mediaTypes } from './manifest.ts';
import { encodeEntry, endOfArchive, noXattrs, padding } from './tar-format.ts';
import { blobName } from './wanted-image.ts';

/** An image on its way out. */
export interface ImageArchive {
  /** Of all of it. */
  readonly sizeBytes: number;
  /** In order; each is read when it is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** A member of the archive: of our own making, or a blob. */
type Member = { readonly name: string; readonly bytes: Uint8Array } | { readonly name: string; readonly blob: Descriptor };

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Times, owners and modes are the same each time, so that the same image makes the same archive. */
const header = (name: string, sizeBytes: number): readonly Uint8Array[] =>
  encodeEntry({
    kind: 'file',
    name,
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes,
    mtime: '0',
    devMajor: 0,
    devMinor: 0,
    xattrs: noXattrs,
  });

const sizeOf = (member: Member): number => ('bytes' in member ? member.bytes.length : member.blob.sizeBytes);

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0);

/** The archive with one image (OCI image-spec image-layout.md), small documents first. `blobs`: without those that the other side has. */
export const imageArchive = (
  store: Pick<BlobStore, 'stream'>,
  manifest: { readonly digest: string; readonly mediaType: string; readonly bytes: Uint8Array },
  blobs: readonly Descriptor[],
): ImageArchive => {
  const { digest, mediaType, bytes } = manifest;
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [{ mediaType, digest, size: bytes.length }] };
  const members: readonly Member[] = [
    { name: 'oci-layout', bytes: encode({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', bytes: encode(index) },
    { name: blobName(digest), bytes },
    ...blobs.map((blob) => ({ name: blobName(blob.digest), blob })),
  ];
  const sizeBytes = sum(
    members.map((member) => {
      const content = sizeOf(member);
      return sum(header(member.name, content).map((block) => block.length)) + content + padding(content).length;
    }),
  );
  return { sizeBytes: sizeBytes + endOfArchive().length, pieces: piecesOf(store, members) };
};

async function* piecesOf(store: Pick<BlobStore, 'stream'>, members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    yield* header(member.name, sizeOf(member));
    if ('bytes' in member) yield member.bytes;
    else yield* store.stream(member.blob.digest);
    yield padding(sizeOf(member));
  }
  yield endOfArchive();
}
