import type { BlobStore } from './blob-store.ts';
import { inParallel } from './in-parallel.ts';
import type { LayerStore } from './layers.ts';

/** What one operation under way is about to need, so that a removal beside it leaves it alone. */
export interface Lease {
  readonly blobs: Set<string>;
  readonly layers: Set<string>;
}

/** All leases of this process; a crash ends them all, and the next start clears what they held. */
export class Leases {
  readonly #active = new Set<Lease>();

  /** Runs the work with a lease that ends with it. */
  async hold<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease: Lease = { blobs: new Set(), layers: new Set() };
    this.#active.add(lease);
    try {
      return await work(lease);
    } finally {
      this.#active.delete(lease);
    }
  }

  hasBlob(digest: string): boolean {
    return [...this.#active].some((lease) => lease.blobs.has(digest));
  }

  hasLayer(chainId: string): boolean {
    return [...this.#active].some((lease) => lease.layers.has(chainId));
  }
}

/** Asked at the last moment before each deletion. */
export interface Needs {
  blob(digest: string): boolean;
  layer(chainId: string): boolean;
}

/** Deletes every blob and layer that nothing needs. */
export const collectGarbage = async (stores: { readonly blobs: BlobStore; readonly layers: LayerStore }, needs: Needs): Promise<void> => {
  const blobs = (await stores.blobs.list()).filter((digest) => !needs.blob(digest));
  await inParallel(blobs, 4, undefined, (digest) => stores.blobs.remove(digest, () => needs.blob(digest)));
  const layers = (await stores.layers.list()).filter((chainId) => !needs.layer(chainId));
  await inParallel(layers, 2, undefined, (chainId) => stores.layers.remove(chainId, () => needs.layer(chainId)));
};
