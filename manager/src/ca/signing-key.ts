import { createPrivateKey, type KeyObject, type webcrypto } from 'node:crypto';
import { TsoError } from '@tso/proto';

/** What makes certificates; loaded when the first one is made, which most processes never do. */
export const loadX509 = () => import('@peculiar/x509');

/** Names of curves, as OpenSSL and as Web Crypto have them, with the digest that fits (RFC 5656 6.2.1). */
const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
};

const algorithmOf = (key: KeyObject) => {
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  return key.asymmetricKeyType === 'ec' && curve !== undefined ? { name: 'ECDSA', ...curve } : undefined;
};

/** Whether we sign with, and issue certificates for, keys of that kind. */
export const isKnownKind = (key: KeyObject): boolean => algorithmOf(key) !== undefined;

export const knownKinds = 'ECDSA (P-256, P-384 or P-521) or Ed25519';

export interface SigningKey {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash?: string };
}

/** The key as Web Crypto wants it, from PEM without encryption. FAILED_PRECONDITION: of a kind we do not sign with. */
export const signingKeyOf = (pem: string): SigningKey => {
  const key = createPrivateKey(pem);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new TsoError('FAILED_PRECONDITION', `the key of the authority is not ${knownKinds}`);
  return { key: key.toCryptoKey(algorithm, false, ['sign']), algorithm };
};
