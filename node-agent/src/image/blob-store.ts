import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, isDigest, TsoError } from '@tso/proto';
import { KeyedLock } from '../keyed-lock.ts';
import type { AgentPaths } from '../paths.ts';
import { imagesDir } from '../paths.ts';
import { diskError, privateFolder } from './disk.ts';

/** Large enough that the cost of a round through the thread pool does not count, small enough to hash in well under a millisecond. */
export const pieceBytes = 256 * 1024;

export interface StreamOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of each piece. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** A file in the temporary folder with what is known of its content. */
export interface SpooledFile {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** Its first bytes, up to 8. */
  readonly head: Uint8Array;
}

export const sha256Digest = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * Blobs by their sha256: a file is there only when its content has been verified. Written to a temporary file first and renamed, so a
 * crash leaves nothing half-made; `start` clears what it left behind. One writer per digest, others wait and then find it.
 */
export class BlobStore {
  readonly #root: string;
  readonly #lock = new KeyedLock();
  #temporaryCount = 0;

  constructor(options: { readonly paths: AgentPaths }) {
    this.#root = imagesDir(options.paths);
  }

  async start(): Promise<void> {
    await privateFolder(join(this.#root, 'blobs', 'sha256'));
    await privateFolder(this.temporaryFolder);
  }

  /** On the same file system as everything else here, cleared at start. */
  get temporaryFolder(): string {
    return join(this.#root, 'tmp');
  }

  temporaryPath(kind: string): string {
    this.#temporaryCount += 1;
    return join(this.temporaryFolder, `${kind}-${this.#temporaryCount}`);
  }

  path(digest: string): string {
    assert(isDigest(digest), `${digest} must be a sha256 digest`);
    return join(this.#root, 'blobs', 'sha256', digest.slice('sha256:'.length));
  }

  /** Size in bytes, or undefined when it is not here. */
  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(digest))).size;
    } catch {
      // Not there: that is the answer.
      return undefined;
    }
  }

  /** The whole blob. DATA_LOSS when it is missing or larger than the caller can take. */
  async read(digest: string, maxBytes: number): Promise<Uint8Array> {
    const size = await this.size(digest);
    if (size === undefined) throw new TsoError('DATA_LOSS', `blob ${digest} is missing`, { hint: 'Pull or load the image again' });
    if (size > maxBytes) throw new TsoError('DATA_LOSS', `blob ${digest} has ${size} bytes, more than the ${maxBytes} allowed`);
    return readFile(this.path(digest));
  }

  /** The blob in pieces. */
  stream(digest: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.path(digest), { highWaterMark: pieceBytes });
  }

  /**
   * Has the blob in the store, from `source` unless it is here already; true when it had to be written.
   * DATA_LOSS when the content has another digest or size; nothing is kept then.
   */
  ingest(
    digest: string,
    sizeBytes: number | undefined,
    source: () => Promise<AsyncIterable<Uint8Array>>,
    options: StreamOptions = {},
  ): Promise<boolean> {
    return this.#lock.run(digest, async () => {
      if ((await this.size(digest)) !== undefined) return false;
      const spooled = await this.spool(await source(), { ...options, limitBytes: sizeBytes });
      if (spooled.digest !== digest || (sizeBytes !== undefined && spooled.sizeBytes !== sizeBytes)) {
        await rm(spooled.path, { force: true });
        const found =
          spooled.digest === digest
            ? `has ${spooled.sizeBytes} bytes instead of ${sizeBytes}`
            : `is damaged: its content has the digest ${spooled.digest}`;
        throw new TsoError('DATA_LOSS', `blob ${digest} ${found}`, { hint: 'Push the image again, or pull it from elsewhere' });
      }
      await rename(spooled.path, this.path(digest));
      return true;
    });
  }

  /** Keeps a small blob of our own making and returns its digest. */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = sha256Digest(bytes);
    await this.ingest(digest, bytes.length, async () => once(bytes));
    return digest;
  }

  /** Writes a stream to a temporary file while hashing it. The caller adopts or deletes the file; a failure leaves none. */
  async spool(
    source: AsyncIterable<Uint8Array>,
    options: StreamOptions & { readonly limitBytes?: number | undefined } = {},
  ): Promise<SpooledFile> {
    const writer = await this.openSpool();
    try {
      for await (const piece of source) {
        options.signal?.throwIfAborted();
        await writer.write(piece);
        if (options.limitBytes !== undefined && writer.sizeBytes > options.limitBytes) {
          throw new TsoError('DATA_LOSS', `a blob is longer than the ${options.limitBytes} bytes its manifest states`, {
            hint: 'Push the image again, or pull it from elsewhere',
          });
        }
        options.onBytes?.(piece.length);
      }
      options.signal?.throwIfAborted();
      return await writer.finish();
    } catch (error) {
      await writer.discard();
      throw diskError(error, 'writing an image to disk');
    }
  }

  /** A temporary file to write to piece by piece. */
  async openSpool(): Promise<SpoolWriter> {
    const path = this.temporaryPath('blob');
    return new SpoolWriter(path, await open(path, 'wx', 0o600));
  }

  /** Makes a spooled file a blob. */
  adopt(spooled: SpooledFile): Promise<void> {
    return this.#lock.run(spooled.digest, async () => {
      if ((await this.size(spooled.digest)) === undefined) await rename(spooled.path, this.path(spooled.digest));
      else await rm(spooled.path, { force: true });
    });
  }

  /** Deletes a blob unless `needed` says, at the last moment, that someone has come to need it. */
  remove(digest: string, needed: () => boolean): Promise<void> {
    return this.#lock.run(digest, async () => {
      if (!needed()) await rm(this.path(digest), { force: true });
    });
  }

  /** Digests of all blobs here. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(join(this.#root, 'blobs', 'sha256'));
    return names.map((name) => `sha256:${name}`).filter(isDigest);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Hashes what it writes. Ends with `finish` or `discard`. */
export class SpoolWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;
  #head: Uint8Array = new Uint8Array(0);

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    if (this.#head.length < 8) this.#head = new Uint8Array([...this.#head, ...piece.subarray(0, 8 - this.#head.length)]);
    for (let at = 0; at < piece.length; ) at += (await this.#handle.write(piece, at)).bytesWritten;
    this.#sizeBytes += piece.length;
  }

  async finish(): Promise<SpooledFile> {
    await this.#handle.close();
    return { path: this.#path, digest: `sha256:${this.#hash.digest('hex')}`, sizeBytes: this.#sizeBytes, head: this.#head };
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}
