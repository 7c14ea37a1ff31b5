import type { CipherGCM, DecipherGCM } from 'node:crypto';
import { TsoError } from '@tso/proto';

/**
 * A sealed backup. Numbers are big-endian.
 *
 *     offset  bytes
 *     0       8      "TSOSEAL" and the version of this format, 1
 *     8       1      log2 of scrypt's N (RFC 7914)
 *     9       1      scrypt's r
 *     10      1      scrypt's p
 *     11      1      log2 of the size of a chunk
 *     12      16     salt
 *     28      32     HMAC-SHA-256 of the bytes before it
 *     60             chunks
 *
 * scrypt of passphrase and salt gives 64 bytes: the key of the chunks, then the key of the HMAC. The HMAC tells a wrong
 * passphrase from a damaged file, and vouches for the header.
 *
 * A chunk is AES-256-GCM of at most that size, behind it its tag of 16 bytes. Every chunk but the last is full. Its nonce is its
 * number (11 bytes, from 0), then 1 for the last chunk and 0 for all others: a file that was cut, also between two chunks, or
 * whose chunks are in another order, does not open (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
 * The key serves one file only, since the salt is new each time.
 */
const magic = Buffer.from('TSOSEAL');
const version = 1;
const saltBytes = 16;
const macBytes = 32;
const tagBytes = 16;
const fixedBytes = magic.length + 5;
export const headerBytes = fixedBytes + saltBytes + macBytes;

/** What each guess of a passphrase costs (RFC 7914). */
export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB of memory and about half a second. */
const defaultCost: ScryptCost = { log2N: 17, r: 8, p: 1 };
/** What a file may ask of us: scrypt needs 128 * N * r bytes. */
const maxMemoryBytes = 1024 ** 3;
const maxP = 16;
const log2Chunk = 16;
const maxLog2Chunk = 24;

/** See `engine-client.ts`: importing it as an ES module costs 20 ms at every start. */
const crypto = () => process.getBuiltinModule('node:crypto');

interface Keys {
  readonly chunks: Buffer;
  readonly mac: Buffer;
}

const keysOf = (passphrase: string, salt: Uint8Array, { log2N, r, p }: ScryptCost) =>
  new Promise<Keys>((resolve, reject) => {
    const N = 2 ** log2N;
    // One normal form: the same passphrase typed on another keyboard is the same.
    crypto().scrypt(passphrase.normalize('NFC'), salt, 64, { N, r, p, maxmem: 128 * N * r + 1024 ** 2 * 64 }, (error, key) => {
      if (error === null) resolve({ chunks: key.subarray(0, 32), mac: key.subarray(32) });
      else reject(new TsoError('INTERNAL', `scrypt failed: ${error.message}`, { cause: error }));
    });
  });

const macOf = (key: Buffer, header: Uint8Array): Buffer => crypto().createHmac('sha256', key).update(header).digest();

const nonceOf = (index: number, last: boolean): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
};

const algorithm = 'aes-256-gcm';

const sealChunk = (key: Buffer, index: number, last: boolean, plain: Uint8Array): Buffer => {
  const cipher: CipherGCM = crypto().createCipheriv(algorithm, key, nonceOf(index, last));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

/** Undefined: it is not what was sealed as that chunk. */
const openChunk = (key: Buffer, index: number, last: boolean, sealed: Buffer): Buffer | undefined => {
  const decipher: DecipherGCM = crypto().createDecipheriv(algorithm, key, nonceOf(index, last));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    // The tag does not fit: all that GCM says of why.
    return undefined;
  }
};

/** Pieces of exactly that size and what is left, told apart only once it is known whether more comes. The last may be empty. */
async function* pieces(source: AsyncIterable<Uint8Array>, size: number): AsyncIterable<{ readonly bytes: Buffer; readonly last: boolean }> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    while (rest.length > size) {
      yield { bytes: rest.subarray(0, size), last: false };
      rest = rest.subarray(size);
    }
  }
  yield { bytes: rest, last: true };
}

/** The bytes, sealed with the passphrase. The cost is in the header: whoever opens it pays the same. */
export async function* seal(source: AsyncIterable<Uint8Array>, passphrase: string, cost = defaultCost): AsyncIterable<Uint8Array> {
  const salt = crypto().randomBytes(saltBytes);
  const head = Buffer.concat([magic, Buffer.from([version, cost.log2N, cost.r, cost.p, log2Chunk]), salt]);
  const keys = await keysOf(passphrase, salt, cost);
  yield Buffer.concat([head, macOf(keys.mac, head)]);
  let index = 0;
  for await (const { bytes, last } of pieces(source, 2 ** log2Chunk)) {
    yield sealChunk(keys.chunks, index, last, bytes);
    index += 1;
  }
}

/** Whether a file that begins with these bytes is sealed, in this version of the format or another. */
export const isSealed = (start: Uint8Array): boolean => Buffer.from(start.subarray(0, magic.length)).equals(magic);

const damaged = (what: string): TsoError =>
  new TsoError('DATA_LOSS', `the sealed backup ${what}`, {
    hint: 'Use another copy of it: nothing of this one was used that is not as it was sealed.',
  });

const readCost = (head: Buffer) => {
  const [log2N = 0, r = 0, p = 0, chunk = 0] = head.subarray(magic.length + 1, fixedBytes);
  if (head[magic.length] !== version) {
    throw new TsoError('INVALID_ARGUMENT', `the backup is sealed in version ${head[magic.length]} of the format, which is not known here`, {
      hint: 'Use the version of tso that wrote it, or a later one.',
    });
  }
  const memory = 128 * 2 ** log2N * r;
  if (log2N < 1 || r < 1 || p < 1 || p > maxP || memory > maxMemoryBytes || chunk < 8 || chunk > maxLog2Chunk)
    throw damaged('has a header that makes no sense');
  return { log2N, r, p, chunk };
};

/** What a sealed backup holds, checked piece by piece: every byte is as it was sealed, and the end is the end. */
export interface Opened {
  readonly contents: AsyncIterable<Uint8Array>;
}

/**
 * Reads the header and tries the passphrase, before anything else is read.
 * PERMISSION_DENIED: it is another passphrase. DATA_LOSS, now or while the contents are read: it is damaged or cut off.
 * INVALID_ARGUMENT: a version that is not known.
 */
export const unseal = async (source: AsyncIterable<Uint8Array>, passphrase: string): Promise<Opened> => {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < headerBytes) {
    const next = await iterator.next();
    if (next.done) throw damaged(`is cut off after ${head.length} bytes`);
    head = Buffer.concat([head, next.value]);
  }
  const rest = head.subarray(headerBytes);
  const signed = head.subarray(0, fixedBytes + saltBytes);
  const { chunk, ...costs } = readCost(signed);
  const keys = await keysOf(passphrase, signed.subarray(fixedBytes), costs);
  if (!crypto().timingSafeEqual(macOf(keys.mac, signed), head.subarray(fixedBytes + saltBytes, headerBytes))) {
    throw new TsoError('PERMISSION_DENIED', 'the passphrase does not open the backup', {
      hint: 'It was sealed with another one, or the first bytes of the file are damaged.',
    });
  }
  return { contents: openAll(joined(rest, iterator), keys.chunks, 2 ** chunk + tagBytes) };
};

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* openAll(source: AsyncIterable<Uint8Array>, key: Buffer, sealedBytes: number): AsyncIterable<Uint8Array> {
  let index = 0;
  for await (const { bytes, last } of pieces(source, sealedBytes)) {
    if (bytes.length < tagBytes) throw damaged('is cut off');
    const plain = openChunk(key, index, last, bytes);
    if (plain === undefined) {
      // A chunk that opens as one before the last is whole: what is missing is what came behind it.
      const cut = last && openChunk(key, index, false, bytes) !== undefined;
      throw damaged(cut ? 'is cut off' : last ? 'is damaged or cut off near its end' : `is damaged: chunk ${index} is not what was sealed`);
    }
    if (plain.length > 0) yield plain;
    index += 1;
  }
}
