import { createHash, X509Certificate } from 'node:crypto';
import { sentenceOf, TsoError } from '../errors.ts';

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
