import { TsoError } from '@tso/proto';
import { type Manifest, parseManifest } from './manifest.ts';
import { maxDocumentBytes } from './materialise.ts';
import { printable, type TarEntry } from './tar-format.ts';

/** Ours come with these, and nothing of them is needed where the digest is known. */
const passedOver: readonly string[] = ['oci-layout', 'index.json'];

export const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/**
 * Which members of an archive are kept, when one image of a known digest is wanted and whoever sends it need not be honest: its manifest, then
 * the blobs that this names, each once and no longer than it says. Everything else ends the reading with DATA_LOSS before it takes room.
 */
export class WantedImage {
  readonly digest: string;
  /** Names of what is still to come, and how many bytes each may have. */
  readonly #room = new Map<string, number>();
  #found: { readonly bytes: Uint8Array; readonly manifest: Manifest } | undefined;

  constructor(digest: string) {
    this.digest = digest;
    this.#room.set(blobName(digest), maxDocumentBytes);
  }

  /** Whether the member is kept. DATA_LOSS: it has no business there. */
  keeps({ kind, sizeBytes }: Pick<TarEntry, 'kind' | 'sizeBytes'>, name: string): boolean {
    if (passedOver.includes(name)) return false;
    const most = kind === 'file' ? this.#room.get(name) : undefined;
    if (most === undefined) throw new TsoError('DATA_LOSS', `${printable(name)} is not part of the image ${this.digest}, or comes twice`);
    if (sizeBytes > most) throw new TsoError('DATA_LOSS', `${printable(name)} has ${sizeBytes} bytes, and may have at most ${most}`);
    this.#room.delete(name);
    return true;
  }

  /** Whether that member, which was kept, is the manifest: then `learn` is to be told of it. */
  isManifest(name: string): boolean {
    return name === blobName(this.digest);
  }

  /** What the manifest names may come from now on. DATA_LOSS: it is another. */
  learn(bytes: Uint8Array, digest: string): void {
    if (digest !== this.digest)
      throw new TsoError('DATA_LOSS', `the manifest ${this.digest} is damaged: its content has the digest ${digest}`);
    const manifest = parseManifest(bytes, '', `manifest ${this.digest}`);
    if (manifest.kind !== 'manifest') throw new TsoError('FAILED_PRECONDITION', `${this.digest} is an index, not an image`);
    this.#found = { bytes, manifest };
    for (const one of [manifest.config, ...manifest.layers]) this.#room.set(blobName(one.digest), one.sizeBytes);
  }

  get manifest(): Manifest {
    return this.#known().manifest;
  }

  get bytes(): Uint8Array {
    return this.#known().bytes;
  }

  #known(): { readonly bytes: Uint8Array; readonly manifest: Manifest } {
    if (this.#found === undefined)
      throw new TsoError('DATA_LOSS', `the archive was to hold the image ${this.digest} and lacks its manifest`);
    return this.#found;
  }
}
