import { KeyObject, webcrypto } from 'node:crypto';

/** A new key and the request for a certificate of it, both PEM. */
export interface KeyAndCsr {
  /** PKCS #8, not encrypted. */
  readonly key: string;
  /** Signed by that key, which proves that the asker has it. */
  readonly csr: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A key of its own for each certificate. What the certificate says is decided by who issues it, so the request's subject says nothing. */
export const makeKeyAndCsr = async (): Promise<KeyAndCsr> => {
  // Most processes never ask for a certificate: they do not load what makes requests. It is CommonJS: in a bundle of several
  // files its default export is all of it.
  const { default: x509 } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=tso', keys, signingAlgorithm: algorithm }, webcrypto);
  const key = KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' });
  return { key: key.toString(), csr: `${request.toString('pem')}\n` };
};
