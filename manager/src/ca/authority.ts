import { KeyObject, webcrypto } from 'node:crypto';
import type * as Library from '@peculiar/x509';
import { type Authority, emptyMeta, NodeRole, type RandomBytes, TsoError } from '@tso/proto';
import { checkedRoot } from './given-root.ts';
import { backdateMs, defaultNodeLifeMs } from './revocations.ts';
import type { Root } from './rotation.ts';
import { ownerOf, partyOf, sign } from './signing.ts';
import { loadX509, signingKeyOf } from './signing-key.ts';
import { newSecret, withSecret } from './tokens.ts';

const rootLifeMs = 20 * 365 * 86_400_000;
const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** The one object of its kind. */
export const authorityId = 'authority';

const authorityExtensions = async (pathLength: number): Promise<readonly Library.Extension[]> => {
  const x509 = await loadX509();
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
};

/** A new root: ECDSA P-256, 20 years. Each has a name of its own, so that two of one cluster are never taken for each other. */
export const makeRoot = async (clusterId: string, random: RandomBytes, nowMs: number): Promise<Root> => {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const key = KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
  const publicKey = await x509.PublicKey.create(keys.publicKey, webcrypto);
  const owner = await partyOf(new x509.Name([{ CN: [`tso root ${newSecret(random)}`] }, { O: [clusterId] }]), publicKey);
  const validity = { notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + rootLifeMs };
  const certificate = await sign(
    { subject: owner, publicKey, ...validity, extensions: await authorityExtensions(1) },
    owner,
    signingKeyOf(key),
    random,
  );
  return { certificate, key };
};

/**
 * What a cluster begins with: a root, made here or given, and secrets for its join tokens.
 * INVALID_ARGUMENT: the given one cannot serve (`checkedRoot`).
 */
export const makeAuthority = async (clusterId: string, random: RandomBytes, nowMs: number, given?: Root): Promise<Authority> => {
  const root = given === undefined ? await makeRoot(clusterId, random, nowMs) : await checkedRoot(given, nowMs, defaultNodeLifeMs);
  const authority: Authority = {
    id: authorityId,
    meta: emptyMeta,
    ...root,
    epoch: 1,
    workerSecret: '',
    managerSecret: '',
    certificateLifeMs: defaultNodeLifeMs,
    revoked: [],
    unlockKey: '',
  };
  return withSecret(withSecret(authority, NodeRole.WORKER, newSecret(random)), NodeRole.MANAGER, newSecret(random));
};

/** Between two roots of one name or key nobody could tell whose signature is whose. */
const checkDiffer = (next: Library.X509Certificate, old: Library.X509Certificate): void => {
  const same =
    next.subject === old.subject ? 'name' : Buffer.from(next.publicKey.rawData).equals(Buffer.from(old.publicKey.rawData)) && 'key';
  if (same === false) return;
  throw new TsoError('INVALID_ARGUMENT', `the new authority has the ${same} of the present one (${old.subject})`, {
    hint: `Make one with another ${same}`,
    details: { reason: `same-${same}` },
  });
};

/**
 * The new root's name and key, vouched for by the old one: PEM. It may sign no further authority. INVALID_ARGUMENT: they have a name or
 * a key in common.
 */
export const crossSign = async (next: Root, old: Root, random: RandomBytes, nowMs: number): Promise<string> => {
  const x509 = await loadX509();
  const nextCertificate = new x509.X509Certificate(next.certificate);
  const oldCertificate = new x509.X509Certificate(old.certificate);
  checkDiffer(nextCertificate, oldCertificate);
  const toSign = {
    subject: await ownerOf(nextCertificate),
    publicKey: nextCertificate.publicKey,
    notBeforeMs: nowMs - backdateMs,
    notAfterMs: Math.min(nextCertificate.notAfter.getTime(), oldCertificate.notAfter.getTime()),
    extensions: await authorityExtensions(0),
  };
  return sign(toSign, await ownerOf(oldCertificate), signingKeyOf(old.key), random);
};
