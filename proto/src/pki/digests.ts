import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { sentenceOf, TsoError } from '../errors.ts';
import { publicKeyOfRequest } from './der.ts';

const requestBlock = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END (?:NEW )?CERTIFICATE REQUEST-----/;

const publicKeyOf = (pem: string): KeyObject => {
  const request = requestBlock.exec(pem)?.[1];
  if (request === undefined) return new X509Certificate(pem).publicKey;
  const key = Buffer.from(publicKeyOfRequest(Buffer.from(request, 'base64')));
  return createPublicKey({ key, format: 'der', type: 'spki' });
};

/** SHA-256 of the public key (SubjectPublicKeyInfo) that a certificate or a certificate request carries, hex. INVALID_ARGUMENT: it is neither. */
export const publicKeyDigest = (pem: string): string => {
  try {
    return createHash('sha256')
      .update(publicKeyOf(pem).export({ format: 'der', type: 'spki' }))
      .digest('hex');
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', `no public key can be read from it: ${sentenceOf(error)}`, { cause: error });
  }
};

const digestLength = 50;

/** What a join token carries of a DER-encoded certificate: its SHA-256 in base 36, 50 characters. */
export const derDigest = (der: Uint8Array): string => {
  const number = BigInt(`0x${createHash('sha256').update(der).digest('hex')}`);
  return number.toString(36).padStart(digestLength, '0');
};

/** The same for a PEM certificate, the first if there are several. INVALID_ARGUMENT: there is none. */
export const certificateDigest = (pem: string): string => {
  try {
    return derDigest(new X509Certificate(pem).raw);
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', `it is not a certificate: ${sentenceOf(error)}`, { cause: error });
  }
};
