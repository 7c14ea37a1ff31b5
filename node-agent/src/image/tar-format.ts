import { TsoError } from '@tso/proto';

/**
 * The tar format, read and written byte for byte (POSIX.1-2017 pax, "ustar interchange format"; GNU tar manual, "Basic Tar Format").
 * Names and attribute values are binary strings (one character per byte): file names are bytes, and tar-stream's decoding of pax records
 * as UTF-8 destroys values such as security.capability of newuidmap (byte 0x80).
 */

export const blockSize = 512;

export type EntryKind = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo';

export interface TarEntry {
  readonly kind: EntryKind;
  /** As it stands in the archive: may be absolute, may hold `..`. */
  readonly name: string;
  /** Target of a link or symlink. */
  readonly linkName: string;
  /** Permission bits with setuid, setgid, sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Epoch seconds as decimal text, so that fractions stay exact. */
  readonly mtime: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, string>;
}

/** Type flags that carry no entry of their own but say something about the next. */
export type HeaderKind = EntryKind | 'pax' | 'global-pax' | 'long-name' | 'long-link' | 'ignored';

export interface RawHeader extends Omit<TarEntry, 'kind'> {
  readonly kind: HeaderKind;
}

const damaged = (why: string): TsoError => new TsoError('DATA_LOSS', `the tar archive is damaged: ${why}`);

/** One character per byte. */
export const binaryString = (bytes: Uint8Array, from = 0, to = bytes.length): string => {
  let text = '';
  for (let i = from; i < to; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
};

export const bytesOf = (binary: string): Uint8Array => {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
};

/** A name as people read it: UTF-8, unreadable bytes replaced, at most 200 characters. */
export const printable = (binary: string): string => JSON.stringify(new TextDecoder().decode(bytesOf(binary)).slice(0, 200));

const textField = (block: Uint8Array, offset: number, length: number): string => {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end += 1;
  return binaryString(block, offset, end);
};

/** Octal text, or GNU's base-256 where the first bit is set. */
const numberField = (block: Uint8Array, offset: number, length: number, what: string): number => {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) return base256(block, offset, length, what);
  const text = textField(block, offset, length).trim();
  if (!/^[0-7]*$/.test(text)) throw damaged(`${what} ${printable(text)} is not octal`);
  return text === '' ? 0 : Number.parseInt(text, 8);
};

const base256 = (block: Uint8Array, offset: number, length: number, what: string): number => {
  const negative = ((block[offset] ?? 0) & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  for (let i = 0; i < length; i += 1) {
    const byte = block[offset + i] ?? 0;
    value = (value << 8n) | BigInt(i === 0 && !negative ? byte & 0x7f : byte);
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw damaged(`${what} is out of range`);
  return number;
};

const checksum = (block: Uint8Array): number => {
  let sum = 8 * 0x20;
  for (let i = 0; i < blockSize; i += 1) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  return sum;
};

const kinds: Readonly<Record<string, HeaderKind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  x: 'pax',
  g: 'global-pax',
  L: 'long-name',
  K: 'long-link',
  V: 'ignored',
};

const kindOf = (flag: string, name: string): HeaderKind => {
  const kind = kinds[flag];
  if (flag === 'S') throw sparse(name);
  if (kind === undefined) throw damaged(`entry ${printable(name)} has the unknown type ${printable(flag)}`);
  // Version 7 tar had no type for directories.
  return flag === '\0' && name.endsWith('/') ? 'directory' : kind;
};

export const sparse = (name: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `entry ${printable(name)} of the tar archive is a sparse file`, {
    hint: 'Make the archive without tar -S',
  });

/** Whether a block marks the end of the archive. */
export const isZeroBlock = (block: Uint8Array): boolean => block.every((byte) => byte === 0);

/** Reads one header block. DATA_LOSS for a wrong checksum or number. Only files and the kinds that speak of the next entry have content. */
export const decodeHeader = (block: Uint8Array): RawHeader => {
  if (numberField(block, 148, 8, 'checksum') !== checksum(block)) throw damaged('the checksum of a header is wrong');
  const isUstar = binaryString(block, 257, 263) === 'ustar\0';
  const prefix = isUstar ? textField(block, 345, 155) : '';
  const ownName = textField(block, 0, 100);
  const name = prefix === '' ? ownName : `${prefix}/${ownName}`;
  const kind = kindOf(String.fromCharCode(block[156] ?? 0), name);
  const size = numberField(block, 124, 12, `the size of ${printable(name)}`);
  if (size < 0) throw damaged(`the size of ${printable(name)} is negative`);
  const isDevice = kind === 'char' || kind === 'block';
  return {
    kind,
    name,
    linkName: textField(block, 157, 100),
    mode: numberField(block, 100, 8, 'a mode') & 0o7777,
    uid: numberField(block, 108, 8, 'a user id'),
    gid: numberField(block, 116, 8, 'a group id'),
    sizeBytes: hasContent(kind) ? size : 0,
    mtime: String(numberField(block, 136, 12, 'a time')),
    devMajor: isDevice ? numberField(block, 329, 8, 'a device number') : 0,
    devMinor: isDevice ? numberField(block, 337, 8, 'a device number') : 0,
    xattrs: noXattrs,
  };
};

export const noXattrs: ReadonlyMap<string, string> = new Map();

export const hasContent = (kind: HeaderKind): boolean =>
  kind === 'file' || kind === 'pax' || kind === 'global-pax' || kind === 'long-name' || kind === 'long-link' || kind === 'ignored';

/** The records of a pax header, values as bytes. DATA_LOSS when a length is wrong. */
export const decodePax = (bytes: Uint8Array): ReadonlyMap<string, string> => {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    const digits = blank === -1 ? '' : binaryString(bytes, at, blank);
    const length = /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = bytes.indexOf(0x3d, blank + 1);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || equals === -1 || equals >= end)
      throw damaged('a pax record has a wrong length');
    records.set(binaryString(bytes, blank + 1, equals), binaryString(bytes, equals + 1, end - 1));
    at = end;
  }
  return records;
};

const putText = (block: Uint8Array, offset: number, text: string): void => {
  for (let i = 0; i < text.length; i += 1) block[offset + i] = text.charCodeAt(i);
};

/** Octal where it fits, base-256 otherwise. */
const putNumber = (block: Uint8Array, offset: number, length: number, value: number): void => {
  if (value >= 0 && value < 8 ** (length - 1)) {
    putText(block, offset, value.toString(8).padStart(length - 1, '0'));
    return;
  }
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i -= 1) {
    block[offset + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[offset] = (block[offset] ?? 0) | 0x80;
};

const flags: Readonly<Record<EntryKind, string>> = { file: '0', link: '1', symlink: '2', char: '3', block: '4', directory: '5', fifo: '6' };

interface HeaderFields {
  readonly flag: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly devMajor: number;
  readonly devMinor: number;
}

const encodeBlock = (fields: HeaderFields): Uint8Array => {
  const block = new Uint8Array(blockSize);
  putText(block, 0, fields.name.slice(0, 100));
  putNumber(block, 100, 8, fields.mode);
  putNumber(block, 108, 8, fields.uid);
  putNumber(block, 116, 8, fields.gid);
  putNumber(block, 124, 12, fields.sizeBytes);
  putNumber(block, 136, 12, fields.mtimeSeconds);
  putText(block, 156, fields.flag);
  putText(block, 157, fields.linkName.slice(0, 100));
  putText(block, 257, 'ustar\x0000');
  putNumber(block, 329, 8, fields.devMajor);
  putNumber(block, 337, 8, fields.devMinor);
  putText(block, 148, `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
};

/** Zero bytes up to the next block. */
export const padding = (sizeBytes: number): Uint8Array => new Uint8Array((blockSize - (sizeBytes % blockSize)) % blockSize);

const extension = (flag: string, content: Uint8Array): readonly Uint8Array[] => [
  encodeBlock({
    flag,
    name: '././@LongLink',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: content.length,
    mtimeSeconds: 0,
    devMajor: 0,
    devMinor: 0,
  }),
  content,
  padding(content.length),
];

const paxRecord = (key: string, value: string): string => {
  const body = ` ${key}=${value}\n`;
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return `${length}${body}`;
};

const paxOf = (entry: TarEntry): string => {
  const records = [...entry.xattrs].map(([key, value]) => paxRecord(`SCHILY.xattr.${key}`, value));
  if (!/^-?\d+$/.test(entry.mtime)) records.push(paxRecord('mtime', entry.mtime));
  return records.join('');
};

/**
 * The blocks of an entry's header. Long names go as GNU long-name entries, which carry plain bytes (a pax path is UTF-8 by definition and
 * GNU tar would convert it); attributes and fractions of a second as pax records. The content and its padding follow from the caller.
 */
export const encodeEntry = (entry: TarEntry): readonly Uint8Array[] => {
  const pax = paxOf(entry);
  const blocks: Uint8Array[] = [];
  if (pax !== '') blocks.push(...extension('x', bytesOf(pax)));
  if (entry.name.length > 100) blocks.push(...extension('L', bytesOf(`${entry.name}\0`)));
  if (entry.linkName.length > 100) blocks.push(...extension('K', bytesOf(`${entry.linkName}\0`)));
  blocks.push(
    encodeBlock({
      flag: flags[entry.kind],
      name: entry.name,
      linkName: entry.linkName,
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      sizeBytes: entry.sizeBytes,
      mtimeSeconds: Math.floor(Number(entry.mtime)),
      devMajor: entry.devMajor,
      devMinor: entry.devMinor,
    }),
  );
  return blocks;
};

/** What ends an archive. */
export const endOfArchive = (): Uint8Array => new Uint8Array(2 * blockSize);
