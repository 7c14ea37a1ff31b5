import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isDigest, TsoError } from '@tso/proto';
import { type Pack, pack } from 'tar-stream';

/** An image in a folder of the OCI layout (OCI image-spec image-layout.md). */
export interface ImageLayout {
  readonly folder: string;
  /** Of the manifest. */
  readonly digest: string;
  /** Digests of its configuration and layers, each once. */
  readonly blobs: readonly string[];
}

const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

const digestOf = (value: unknown): string => {
  const digest = typeof value === 'object' && value !== null && 'digest' in value ? value.digest : undefined;
  if (typeof digest === 'string' && isDigest(digest)) return digest;
  throw new TsoError('DATA_LOSS', 'the image that buildah wrote has a manifest that names no digests');
};

/** What the manifest of that digest names. DATA_LOSS: it is not one. */
export const readLayout = async (folder: string, digest: string): Promise<ImageLayout> => {
  const manifest: unknown = JSON.parse(await readFile(join(folder, blobName(digestOf({ digest }))), 'utf8'));
  const { config, layers } = manifest as { readonly config?: unknown; readonly layers?: unknown };
  if (!Array.isArray(layers)) throw new TsoError('DATA_LOSS', 'the image that buildah wrote is no single image');
  return { folder, digest, blobs: [...new Set([config, ...layers].map(digestOf))] };
};

/** Bytes of those blobs together. */
export const sizeOfBlobs = async ({ folder }: ImageLayout, blobs: readonly string[]): Promise<number> => {
  const sizes = await Promise.all(blobs.map(async (blob) => (await stat(join(folder, blobName(blob)))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

const add = async (archive: Pack, folder: string, name: string): Promise<void> => {
  const path = join(folder, name);
  const entry = archive.entry({ name, size: (await stat(path)).size, mode: 0o644, mtime: new Date(0) });
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), entry);
};

const addAll = async (archive: Pack, { folder }: ImageLayout, names: readonly string[]): Promise<void> => {
  try {
    for (const name of names) await add(archive, folder, name);
    archive.finalize();
  } catch (error) {
    archive.destroy(error as Error);
  }
};

/** The image as a tar archive, of its blobs only those; made as it is read. */
export async function* packLayout(layout: ImageLayout, blobs: readonly string[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  void addAll(archive, layout, ['oci-layout', 'index.json', blobName(layout.digest), ...blobs.map(blobName)]);
  for await (const piece of archive) yield piece as Uint8Array;
}
