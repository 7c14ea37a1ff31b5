import { TsoError } from '@tso/proto';
import type { RawHeader, TarEntry } from './tar-format.ts';
import { binaryString, blockSize, decodeHeader, decodePax, isZeroBlock, printable, sparse } from './tar-format.ts';

export type TarEvent =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  /** A part of the last entry's content. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/** Room for one name, one link target and the attributes of one file (an xattr value is at most 64 KiB in Linux). */
const maxExtensionBytes = 1024 * 1024;
const maxNameBytes = 4096;
const xattrPrefix = 'SCHILY.xattr.';

const damaged = (why: string): TsoError => new TsoError('DATA_LOSS', `the tar archive is damaged: ${why}`);

interface Extensions {
  readonly pax: ReadonlyMap<string, string>;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
}

const noExtensions: Extensions = { pax: new Map(), longName: undefined, longLink: undefined };

const wholePax = (pax: ReadonlyMap<string, string>, key: string, fallback: number): number => {
  const text = pax.get(key);
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw damaged(`${key} ${printable(text)} is not a number`);
  return value;
};

const timePax = (pax: ReadonlyMap<string, string>, fallback: string): string => {
  const text = pax.get('mtime');
  if (text === undefined || text === '') return fallback;
  if (!/^-?\d{1,15}(\.\d*)?$/.test(text)) throw damaged(`mtime ${printable(text)} is not a time`);
  return text.replace(/\.0*$/, '');
};

const xattrsOf = (pax: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const xattrs = new Map<string, string>();
  for (const [key, value] of pax) if (key.startsWith(xattrPrefix)) xattrs.set(key.slice(xattrPrefix.length), value);
  return xattrs;
};

const checkName = (name: string, what: string): string => {
  if (name.length > maxNameBytes) throw damaged(`${what} is longer than ${maxNameBytes} bytes`);
  if (name.includes('\0')) throw damaged(`${what} ${printable(name)} holds a zero byte`);
  return name;
};

const combine = (header: RawHeader, kind: TarEntry['kind'], extensions: Extensions): TarEntry => {
  const { pax } = extensions;
  const name = checkName(pax.get('path') ?? extensions.longName ?? header.name, 'a name');
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw sparse(name);
  if (name === '') throw damaged('an entry has no name');
  return {
    kind,
    name,
    linkName: checkName(pax.get('linkpath') ?? extensions.longLink ?? header.linkName, 'a link target'),
    mode: header.mode,
    uid: wholePax(pax, 'uid', header.uid),
    gid: wholePax(pax, 'gid', header.gid),
    sizeBytes: kind === 'file' ? wholePax(pax, 'size', header.sizeBytes) : 0,
    mtime: timePax(pax, header.mtime),
    devMajor: header.devMajor,
    devMinor: header.devMinor,
    xattrs: pax.size === 0 ? header.xattrs : xattrsOf(pax),
  };
};

/**
 * Reads an archive that arrives in pieces of any size. Feed each piece to `push` and walk what it yields before the next; then call
 * `finish`. Reads what Go's archive/tar reads (ustar, pax, GNU long names, base-256 numbers), except sparse files. Global pax headers
 * are passed over, as docker does. What follows the end of the archive is not looked at.
 */
export class TarReader {
  #pending: Uint8Array = new Uint8Array(0);
  /** Content still to come, and the padding behind it. */
  #remaining = 0;
  #padding = 0;
  #extension: { readonly header: RawHeader; readonly parts: Uint8Array[] } | undefined;
  #extensions: Extensions = noExtensions;
  #zeroBlocks = 0;

  *push(piece: Uint8Array): Generator<TarEvent, void, undefined> {
    let at = 0;
    while (at < piece.length && this.#zeroBlocks < 2) {
      if (this.#remaining > 0) {
        const bytes = piece.subarray(at, at + this.#remaining);
        at += bytes.length;
        this.#remaining -= bytes.length;
        if (this.#extension === undefined) yield { kind: 'data', bytes };
        else this.#extension.parts.push(bytes.slice());
        if (this.#remaining === 0) yield* this.#contentEnded();
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, piece.length - at);
        at += skipped;
        this.#padding -= skipped;
      } else {
        const block = this.#block(piece, at);
        at = block.next;
        if (block.bytes !== undefined) yield* this.#header(block.bytes);
      }
    }
  }

  /** DATA_LOSS when the archive ended in the midst of an entry. A missing end mark is forgiven, as Go's reader does. */
  finish(): void {
    if (this.#remaining > 0 || this.#pending.length > 0 || this.#extensions !== noExtensions)
      throw damaged('it ends in the midst of an entry');
  }

  /** The next whole block, gathered over pieces where need be. */
  #block(piece: Uint8Array, at: number): { readonly bytes: Uint8Array | undefined; readonly next: number } {
    const held = this.#pending.length;
    if (held === 0 && piece.length - at >= blockSize) return { bytes: piece.subarray(at, at + blockSize), next: at + blockSize };
    const next = Math.min(piece.length, at + blockSize - held);
    const joined = new Uint8Array(held + next - at);
    joined.set(this.#pending);
    joined.set(piece.subarray(at, next), held);
    this.#pending = joined.length === blockSize ? new Uint8Array(0) : joined;
    return { bytes: joined.length === blockSize ? joined : undefined, next };
  }

  *#header(block: Uint8Array): Generator<TarEvent, void, undefined> {
    if (block[0] === 0 && isZeroBlock(block)) {
      this.#zeroBlocks += 1;
      return;
    }
    if (this.#zeroBlocks > 0) throw damaged('something follows a lone end mark');
    const header = decodeHeader(block);
    const { kind } = header;
    if (kind === 'pax' || kind === 'global-pax' || kind === 'long-name' || kind === 'long-link' || kind === 'ignored') {
      if (header.sizeBytes > maxExtensionBytes) throw damaged(`an extended header has ${header.sizeBytes} bytes`);
      this.#extension = { header, parts: [] };
      this.#expect(header.sizeBytes);
      if (header.sizeBytes === 0) yield* this.#contentEnded();
      return;
    }
    const entry = combine(header, kind, this.#extensions);
    this.#extensions = noExtensions;
    this.#expect(entry.sizeBytes);
    yield { kind: 'entry', entry };
    if (entry.sizeBytes === 0) yield { kind: 'end' };
  }

  #expect(sizeBytes: number): void {
    this.#remaining = sizeBytes;
    this.#padding = (blockSize - (sizeBytes % blockSize)) % blockSize;
  }

  *#contentEnded(): Generator<TarEvent, void, undefined> {
    const extension = this.#extension;
    if (extension === undefined) {
      yield { kind: 'end' };
      return;
    }
    this.#extension = undefined;
    const bytes = joinBytes(extension.parts);
    const before = this.#extensions;
    const text = (): string => binaryString(bytes).replace(/\0.*$/s, '');
    if (extension.header.kind === 'pax') this.#extensions = { ...before, pax: decodePax(bytes) };
    else if (extension.header.kind === 'long-name') this.#extensions = { ...before, longName: text() };
    else if (extension.header.kind === 'long-link') this.#extensions = { ...before, longLink: text() };
  }
}

export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};
