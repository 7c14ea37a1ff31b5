import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** AES-256-GCM (NIST SP 800-38D), with a key for each file and the number of the piece as nonce: no pair is ever used twice. */

export const tagBytes = 16;
export const keyBytes = 32;
export const saltBytes = 32;
const nonceBytes = 12;
const algorithm = 'aes-256-gcm';

const nonceOf = (number: number): Buffer => {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUInt32LE(number, 0);
  return nonce;
};

/**
 * The key of one file (HKDF, RFC 5869): from the data key and the file's random salt, bound to all that the file's header says, so
 * that nothing in a file can be read under another header.
 */
export const fileKey = (dataKey: Uint8Array, salt: Uint8Array, header: Uint8Array): KeyObject => {
  const info = Buffer.concat([Buffer.from('tso raft file 1\0'), createHash('sha256').update(header).digest()]);
  return createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, salt, info, keyBytes)));
};

/** Writes the sealed bytes, `plain.length + tagBytes`, into the target. */
export const sealInto = (
  target: Buffer,
  offset: number,
  key: KeyObject,
  number: number,
  associated: Uint8Array,
  plain: Uint8Array,
): void => {
  const cipher = createCipheriv(algorithm, key, nonceOf(number));
  cipher.setAAD(associated);
  cipher.update(plain).copy(target, offset);
  cipher.final();
  cipher.getAuthTag().copy(target, offset + plain.length);
};

/** The plain bytes, or undefined when anything of them, of the associated bytes, the number or the key is not what it was. */
export const unseal = (key: KeyObject, number: number, associated: Uint8Array, sealed: Uint8Array): Buffer | undefined => {
  const end = sealed.length - tagBytes;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonceOf(number), { authTagLength: tagBytes });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    // The tag does not fit; OpenSSL says no more than that.
    return undefined;
  }
  return plain;
};
