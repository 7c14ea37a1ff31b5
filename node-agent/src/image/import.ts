import type { Platform } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { type SpooledFile, sha256Digest } from './blob-store.ts';
import { compressionOf } from './decompress.ts';
import { deleteTrees } from './disk.ts';
import { applyChanges } from './dockerfile-changes.ts';
import type { Lease } from './gc.ts';
import { emptyConfig, encodeConfig } from './image-config.ts';
import { encodeManifest, mediaTypes } from './manifest.ts';
import type { Stores } from './materialise.ts';

export interface ImportRequest {
  readonly tar: AsyncIterable<Uint8Array>;
  readonly changes: readonly string[];
  readonly platform: Platform;
  /** RFC 3339. */
  readonly created: string;
  readonly lease: Lease;
  readonly signal?: AbortSignal | undefined;
}

/** The media type of a layer file by its first bytes. */
export const layerMediaType = (file: SpooledFile): string => {
  const compression = compressionOf(file.head);
  return compression === 'none' ? mediaTypes.ociLayer : `${mediaTypes.ociLayer}+${compression}`;
};

const refuseArchives = (rootNames: readonly string[]): void => {
  const has = (name: string): boolean => rootNames.includes(name);
  if (!has('manifest.json') && !(has('oci-layout') && has('index.json'))) return;
  if (has('etc') || has('bin') || has('usr')) return;
  throw new TsoError('INVALID_ARGUMENT', 'this is an image archive, not a root filesystem', { hint: 'Load it: tso image load FILE' });
};

/** Makes a one-layer image of a root filesystem tar and returns its manifest's digest; the tar is kept as it came. */
export const importImage = async (stores: Stores, request: ImportRequest): Promise<string> => {
  const { lease, signal } = request;
  const config = applyChanges(emptyConfig, request.changes);
  const file = await stores.blobs.spool(request.tar, { signal });
  if (file.sizeBytes === 0) {
    await deleteTrees([file.path]);
    throw new TsoError('INVALID_ARGUMENT', 'the root filesystem tar is empty', {
      hint: 'Give a tar of a root filesystem, such as debootstrap makes',
    });
  }
  lease.blobs.add(file.digest);
  await stores.blobs.adopt(file);
  const draft = await stores.layers.draft(file.digest, { signal });
  lease.layers.add(draft.diffId);
  try {
    refuseArchives(draft.summary.rootNames);
  } catch (error) {
    await deleteTrees([draft.folder]);
    throw error;
  }
  await stores.layers.settleBottom(draft);
  const blob = encodeConfig({
    platform: request.platform,
    created: request.created,
    config,
    diffIds: [draft.diffId],
    comment: 'imported root filesystem',
  });
  const put = async (bytes: Uint8Array): Promise<string> => {
    lease.blobs.add(sha256Digest(bytes));
    return stores.blobs.put(bytes);
  };
  const configDigest = await put(blob);
  return put(
    encodeManifest({ digest: configDigest, sizeBytes: blob.length }, [
      { mediaType: layerMediaType(file), digest: file.digest, sizeBytes: file.sizeBytes },
    ]),
  );
};
