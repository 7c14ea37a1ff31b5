import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { TsoError } from '@tso/proto';
import type { Root } from './rotation.ts';
import { isKnownKind, knownKinds, loadX509 } from './signing-key.ts';

const refuse = (reason: string, message: string, hint?: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', message, { details: { reason }, ...(hint === undefined ? {} : { hint }) });

const oneCertificate = (pem: string): X509Certificate => {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (count > 1) throw refuse('several-certificates', `there are ${count} certificates instead of one`, 'Give that of the root alone');
  try {
    return new X509Certificate(pem);
  } catch {
    throw refuse('not-a-certificate', 'the certificate of the authority is not one in PEM form');
  }
};

const privateKey = (pem: string): KeyObject => {
  if (pem.includes('ENCRYPTED')) {
    const hint = 'Decrypt it first, for instance with `openssl pkey`; the cluster keeps it sealed in its own way';
    throw refuse('encrypted-key', 'the key of the authority is encrypted', hint);
  }
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause is left out: what it quotes could be part of the key.
    throw refuse('not-a-key', 'the key of the authority is not a private key in PEM form');
  }
};

/** It must be trusted by itself, sign certificates, and leave room for one authority below it: the next root, when that takes its place. */
const checkIsRoot = async (certificate: X509Certificate): Promise<void> => {
  const x509 = await loadX509();
  const details = new x509.X509Certificate(new Uint8Array(certificate.raw));
  const uses = details.getExtension(x509.KeyUsagesExtension)?.usages;
  if (!certificate.ca || (uses !== undefined && (uses & x509.KeyUsageFlags.keyCertSign) === 0)) {
    throw refuse('not-an-authority', 'the certificate is not that of an authority: it may not sign others');
  }
  if (!certificate.checkIssued(certificate) || !certificate.verify(certificate.publicKey)) {
    const hint = 'Give a root, or one whose own key signed it; an authority below another is not enough';
    throw refuse('not-a-root', 'the certificate of the authority was signed by another one', hint);
  }
  if (details.getExtension(x509.BasicConstraintsExtension)?.pathLength === 0) {
    const hint = 'Make one without a path length, or with at least 1';
    throw refuse('path-length', 'the authority may have no authority below it (path length 0), so that it could never be rotated', hint);
  }
};

const checkLasts = (certificate: X509Certificate, nowMs: number, lifeMs: number): void => {
  const { validFromDate, validToDate } = certificate;
  if (nowMs > validToDate.getTime()) throw refuse('expired', `the certificate of the authority expired on ${validToDate.toISOString()}`);
  if (nowMs < validFromDate.getTime()) {
    throw refuse('not-yet-valid', `the certificate of the authority is not valid before ${validFromDate.toISOString()}`);
  }
  if (nowMs + lifeMs > validToDate.getTime()) {
    const message = `the certificate of the authority ends on ${validToDate.toISOString()}, before those that it is to sign would`;
    throw refuse('too-short', message, 'Make one that lasts for years');
  }
};

/**
 * A root that somebody made elsewhere, once it is sure that it can serve. INVALID_ARGUMENT with `details.reason`: several-certificates,
 * not-a-certificate, encrypted-key, not-a-key, key-kind, key-mismatch, not-an-authority, not-a-root, path-length, expired, not-yet-valid,
 * too-short. No message quotes any of the key.
 * @param lifeMs of the certificates that it is to sign
 */
export const checkedRoot = async (given: Root, nowMs: number, lifeMs: number): Promise<Root> => {
  const certificate = oneCertificate(given.certificate);
  const key = privateKey(given.key);
  if (!isKnownKind(key)) throw refuse('key-kind', `the key of the authority is neither ${knownKinds}`);
  if (!certificate.checkPrivateKey(key)) throw refuse('key-mismatch', 'the key is not that of the certificate of the authority');
  await checkIsRoot(certificate);
  checkLasts(certificate, nowMs, lifeMs);
  return { certificate: certificate.toString(), key: key.export({ format: 'pem', type: 'pkcs8' }).toString() };
};
