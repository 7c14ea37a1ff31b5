import { readFile } from 'node:fs/promises';
import { TsoError } from '@tso/proto';
import type { BlobStore, SpooledFile, SpoolWriter } from './blob-store.ts';
import { decompressed } from './decompress.ts';
import { deleteTrees, diskError } from './disk.ts';
import { maxDocumentBytes } from './materialise.ts';
import { printable, type TarEntry } from './tar-format.ts';
import { TarReader } from './tar-reader.ts';
import { blobName, type WantedImage } from './wanted-image.ts';

type Member = { readonly kind: 'file'; readonly file: SpooledFile } | { readonly kind: 'link'; readonly target: string };

const maxMembers = 100_000;
const maxLinks = 8;

/** `./a/../b` as a plain relative name. Members' names are compared with one another and never opened, so `..` does no harm. */
const plainName = (name: string, folder = ''): string => {
  const parts: string[] = [];
  for (const part of `${folder}/${name}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
};

/** The members of an image archive, each in a temporary file of its own under its digest: the order inside an archive is anyone's guess. */
export class Archive {
  readonly #members = new Map<string, Member>();
  readonly #paths: string[] = [];
  readonly #wanted: WantedImage | undefined;

  private constructor(wanted: WantedImage | undefined) {
    this.#wanted = wanted;
  }

  /**
   * Reads the whole archive (plain, gzip or zstd). A failure leaves no file.
   * @param wanted all that may be in it, which must be plain then: what comes takes no more room than that
   */
  static async read(
    blobs: BlobStore,
    tar: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
    wanted?: WantedImage,
  ): Promise<Archive> {
    const archive = new Archive(wanted);
    try {
      await archive.#fill(blobs, tar, signal);
      return archive;
    } catch (error) {
      await archive.discard();
      throw diskError(error, 'reading an image archive');
    }
  }

  async #fill(blobs: BlobStore, tar: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
    const reader = new TarReader();
    let open: { readonly name: string; readonly writer: SpoolWriter } | undefined;
    try {
      for await (const piece of this.#wanted === undefined ? decompressed(tar) : tar) {
        signal?.throwIfAborted();
        for (const event of reader.push(piece)) {
          if (event.kind === 'entry') open = await this.#enter(blobs, event.entry);
          else if (event.kind === 'data') await open?.writer.write(event.bytes);
          else if (open !== undefined) {
            const { name, writer } = open;
            open = undefined;
            const file = await writer.finish();
            this.#paths.push(file.path);
            this.#members.set(name, { kind: 'file', file });
            if (this.#wanted?.isManifest(name) === true) this.#wanted.learn(await readFile(file.path), file.digest);
          }
        }
      }
      reader.finish();
    } finally {
      await open?.writer.discard();
    }
  }

  async #enter(blobs: BlobStore, entry: TarEntry): Promise<{ readonly name: string; readonly writer: SpoolWriter } | undefined> {
    const name = plainName(entry.name);
    if (this.#members.size >= maxMembers) throw new TsoError('RESOURCE_EXHAUSTED', `the archive has more than ${maxMembers} members`);
    if (this.#wanted?.keeps(entry, name) === false) return undefined;
    if (entry.kind === 'file') return { name, writer: await blobs.openSpool() };
    if (entry.kind === 'symlink') this.#members.set(name, { kind: 'link', target: plainName(entry.linkName, parent(name)) });
    if (entry.kind === 'link') this.#members.set(name, { kind: 'link', target: plainName(entry.linkName) });
    return undefined;
  }

  has(name: string): boolean {
    return this.#members.has(plainName(name));
  }

  /** A member's file, links followed. DATA_LOSS when the archive lacks it. */
  file(name: string): SpooledFile {
    let wanted = plainName(name);
    for (let links = 0; links <= maxLinks; links += 1) {
      const member = this.#members.get(wanted);
      if (member?.kind === 'file') return member.file;
      if (member === undefined) break;
      wanted = member.target;
    }
    throw new TsoError('DATA_LOSS', `the archive lacks ${printable(name)}`, { hint: 'It is cut short or damaged; save the image again' });
  }

  /** A blob of an OCI layout. */
  blob(digest: string): SpooledFile {
    return this.file(blobName(digest));
  }

  hasBlob(digest: string): boolean {
    return this.has(blobName(digest));
  }

  /** A member that is read whole. */
  async document(file: SpooledFile, what: string): Promise<Uint8Array> {
    if (file.sizeBytes > maxDocumentBytes)
      throw new TsoError('DATA_LOSS', `${what} has ${file.sizeBytes} bytes, more than the ${maxDocumentBytes} allowed`);
    return readFile(file.path);
  }

  /** Deletes every temporary file that no blob has been made of. */
  async discard(): Promise<void> {
    for (let at = 0; at < this.#paths.length; at += 1000) await deleteTrees(this.#paths.slice(at, at + 1000));
  }
}

const parent = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')));
