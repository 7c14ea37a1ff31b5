import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobStore } from '../image/blob-store.ts';

/** A blob store in a folder of its own, which goes with it. */
export const withBlobs = async (body: (blobs: BlobStore) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-blobs-'));
  try {
    const blobs = new BlobStore({ paths: { dataDir: folder, runDir: folder } });
    await blobs.start();
    await body(blobs);
  } finally {
    await rm(folder, { recursive: true });
  }
};
