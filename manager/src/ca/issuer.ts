import { createHash, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type * as Library from '@peculiar/x509';
import { type Authority, type RandomBytes, TsoError } from '@tso/proto';
import { backdateMs } from './revocations.ts';
import { issuingChain, trustedRoots } from './rotation.ts';
import { ownerOf, type Party, partyOf, sign } from './signing.ts';
import { isKnownKind, knownKinds, loadX509, type SigningKey, signingKeyOf } from './signing-key.ts';

/** Whom a certificate is for; never what the request says of it. */
export interface Subject {
  /** CN: a node's id, or the name of an operator. */
  readonly name: string;
  /** OU. */
  readonly role: 'manager' | 'worker' | 'client';
  /** O. */
  readonly clusterId: string;
}

export interface Issued {
  /** PEM: the certificate, behind it those between it and the roots that others may still trust. */
  readonly certificate: string;
  /** PEM of the roots that are trusted now. */
  readonly authorities: string;
  readonly notAfterMs: number;
  /** Half its life. */
  readonly renewAtMs: number;
}

/** A request of an EC key has less than 1 KiB. */
const maxRequestLength = 16_384;

const badRequest = (reason: string, why: string): TsoError =>
  new TsoError('INVALID_ARGUMENT', `the certificate request cannot be granted: ${why}`, { details: { reason } });

/** One block and nothing beside it: of several, two readers could each take another one for the request. */
const onlyBlock = /^\s*-----BEGIN CERTIFICATE REQUEST-----(?<body>[A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/;

const parsed = async (pem: string): Promise<Library.Pkcs10CertificateRequest> => {
  if (pem.length > maxRequestLength) throw badRequest('csr-too-large', `it is longer than ${maxRequestLength} characters`);
  const body = onlyBlock.exec(pem)?.groups?.body;
  if (body === undefined) throw badRequest('csr-unreadable', 'it is not one in PEM form, and nothing else');
  const x509 = await loadX509();
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(body, 'base64'));
  } catch {
    throw badRequest('csr-unreadable', 'it is not one in PEM form');
  }
};

const isSigned = async (request: Library.Pkcs10CertificateRequest): Promise<boolean> => {
  try {
    return await request.verify(webcrypto);
  } catch {
    return false; // Neither is a signature of a kind that we do not know.
  }
};

const keyOf = (request: Library.Pkcs10CertificateRequest): KeyObject => {
  try {
    return createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
  } catch {
    throw badRequest('csr-key', 'its key cannot be read');
  }
};

/** A public key whose owner has shown to have the private one. */
export interface ProvenKey {
  readonly publicKey: Library.PublicKey;
  /** SHA-256 of its SubjectPublicKeyInfo, hex. */
  readonly digest: string;
}

/**
 * The key of a certificate request, once it is sure that the asker has the private one. INVALID_ARGUMENT with `details.reason`:
 * csr-too-large, csr-unreadable, csr-key, csr-signature.
 */
export const provenKey = async (csr: string): Promise<ProvenKey> => {
  const request = await parsed(csr);
  const key = keyOf(request);
  if (!isKnownKind(key)) throw badRequest('csr-key', `its key is neither ${knownKinds}`);
  if (!(await isSigned(request))) throw badRequest('csr-signature', 'it was not signed with the key that it is for');
  const digest = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex');
  return { publicKey: request.publicKey, digest };
};

const makeExtensions = async (role: Subject['role']): Promise<readonly Library.Extension[]> => {
  const x509 = await loadX509();
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(role === 'manager' ? [serverAuth, clientAuth] : [clientAuth]),
  ];
};

const extensions = new Map<Subject['role'], Promise<readonly Library.Extension[]>>();

/** What certificates of that role may be used for; only managers are called by others. */
const extensionsFor = (role: Subject['role']): Promise<readonly Library.Extension[]> => {
  const known = extensions.get(role) ?? makeExtensions(role);
  extensions.set(role, known);
  return known;
};

/** An authority, ready to sign. */
interface Signer {
  readonly issuer: Party;
  readonly key: SigningKey;
  readonly notAfterMs: number;
}

const makeSigner = async ({ certificate, key }: Authority): Promise<Signer> => {
  const x509 = await loadX509();
  const root = new x509.X509Certificate(certificate);
  return { issuer: await ownerOf(root), key: signingKeyOf(key), notAfterMs: root.notAfter.getTime() };
};

/** Kept for as long as the store has that authority: to read it takes as long as to sign. */
const signers = new WeakMap<Authority, Promise<Signer>>();

const signerOf = (authority: Authority): Promise<Signer> => {
  const known = signers.get(authority) ?? makeSigner(authority);
  signers.set(authority, known);
  return known;
};

/** Certificates count in whole seconds. */
const wholeSeconds = (atMs: number): number => Math.floor(atMs / 1_000) * 1_000;

export interface ToIssue {
  readonly key: ProvenKey;
  readonly subject: Subject;
  readonly lifeMs: number;
}

/** A certificate for that key, signed by the root that signs now. It ends with its root at the latest, and began a day ago, for clocks that differ. */
export const issueFor = async (
  authority: Authority,
  { key: { publicKey }, subject, lifeMs }: ToIssue,
  random: RandomBytes,
  nowMs: number,
): Promise<Issued> => {
  const x509 = await loadX509();
  const signer = await signerOf(authority);
  const name = new x509.Name([{ O: [subject.clusterId] }, { OU: [subject.role] }, { CN: [subject.name] }]);
  const notAfterMs = wholeSeconds(Math.min(nowMs + lifeMs, signer.notAfterMs));
  const toSign = {
    subject: await partyOf(name, publicKey),
    publicKey,
    notBeforeMs: wholeSeconds(nowMs - backdateMs),
    notAfterMs,
    extensions: await extensionsFor(subject.role),
  };
  const certificate = await sign(toSign, signer.issuer, signer.key, random);
  return {
    certificate: [certificate, ...issuingChain(authority)].join(''),
    authorities: trustedRoots(authority).join(''),
    notAfterMs,
    renewAtMs: nowMs + Math.floor((notAfterMs - nowMs) / 2),
  };
};

/** The same for the key of a request. INVALID_ARGUMENT: the request's key or signature is not good. */
export const issue = async (
  authority: Authority,
  { csr, subject, lifeMs }: { readonly csr: string; readonly subject: Subject; readonly lifeMs: number },
  random: RandomBytes,
  nowMs: number,
): Promise<Issued> => issueFor(authority, { key: await provenKey(csr), subject, lifeMs }, random, nowMs);
