import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { PeerCertificate } from 'node:tls';
import { TsoError } from '../errors.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  /** Certificates of the authorities that are trusted, one or (while they change) several. */
  readonly ca: string;
  /** The own certificate, behind it those between it and the authority, if any. */
  readonly cert: string;
  /** The private key of the own certificate; nobody but its owner may read it. */
  readonly key: string;
}

export const peerRoles = ['manager', 'worker', 'client'] as const;
export type PeerRole = (typeof peerRoles)[number];

/** Who somebody is, as a certificate says it. */
export interface PeerIdentity {
  /** Subject CN. */
  readonly nodeId: string;
  /** Subject OU. */
  readonly role: PeerRole;
  /** Subject O. */
  readonly cluster: string;
}

/** Files that were read and fit each other: what both ends of mutual TLS are made of. */
export interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who this process is. */
  readonly identity: PeerIdentity;
  /** End of validity of the own certificate, epoch milliseconds. */
  readonly notAfterMs: number;
}

type Subject = PeerCertificate['subject'];

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Who the subject names; undefined when it lacks a part or has one twice. */
export const identityOf = (subject: Partial<Subject> | undefined): PeerIdentity | undefined => {
  const nodeId = single(subject?.CN);
  const cluster = single(subject?.O);
  const role = peerRoles.find((it) => it === single(subject?.OU));
  return nodeId === undefined || cluster === undefined || role === undefined ? undefined : { nodeId, role, cluster };
};

const refuse = (reason: string, file: string, message: string, hint: string, cause?: unknown): TsoError =>
  new TsoError(reason === 'missing' ? 'NOT_FOUND' : 'FAILED_PRECONDITION', message, {
    hint,
    details: { reason, file },
    ...(cause === undefined ? {} : { cause }),
  });

const renewHint = 'Have this node join again, which gives it a new one';

const read = async (what: string, file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (error) {
    throw refuse('missing', file, `the ${what} ${file} cannot be read: ${String(error)}`, renewHint, error);
  }
};

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** All that stand in it, in their order. Throws what the parser does when one is damaged. */
export const certificatesIn = (pem: Buffer): readonly X509Certificate[] =>
  (pem.toString('latin1').match(pemBlock) ?? []).map((block) => new X509Certificate(block));

const certificates = (what: string, file: string, pem: Buffer): readonly [X509Certificate, ...X509Certificate[]] => {
  try {
    const [first, ...rest] = certificatesIn(pem);
    if (first === undefined) throw new TsoError('INVALID_ARGUMENT', 'it holds no PEM certificate');
    return [first, ...rest];
  } catch (error) {
    throw refuse('unreadable', file, `the ${what} ${file} is not one: ${String(error)}`, renewHint, error);
  }
};

const unlockHint = 'Unlock this node with the key that `tso unlock-key` shows on a manager that is unlocked: tso unlock';

// The causes are left out: what they quote could be part of the key.
const privateKey = (file: string, pem: Buffer, passphrase: string | undefined): KeyObject => {
  const sealed = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  if (sealed && passphrase === undefined) throw refuse('locked', file, `the key ${file} is locked`, unlockHint);
  try {
    return createPrivateKey(passphrase === undefined || !sealed ? pem : { key: pem, passphrase });
  } catch {
    if (sealed) throw refuse('wrong-passphrase', file, `the key ${file} cannot be opened with the unlock key that was given`, unlockHint);
    throw refuse('unreadable', file, `the key ${file} is not a private key in PEM form`, renewHint);
  }
};

const requirePrivate = async (file: string): Promise<void> => {
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  throw refuse('key-not-private', file, `the key ${file} has mode ${octal}, others than its owner can use it`, `chmod 600 ${file}`);
};

const requireValidAt = (nowMs: number, what: string, file: string, certificate: X509Certificate): void => {
  if (nowMs > certificate.validToDate.getTime()) {
    throw refuse('expired', file, `the ${what} ${file} has expired on ${certificate.validToDate.toISOString()}`, renewHint);
  }
  if (nowMs < certificate.validFromDate.getTime()) {
    const from = certificate.validFromDate.toISOString();
    throw refuse('not-yet-valid', file, `the ${what} ${file} is not valid before ${from}`, "Set this machine's clock right");
  }
};

const issued = (by: X509Certificate, certificate: X509Certificate): boolean =>
  by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);

/** The authority at the end of the chain that begins with the certificate; undefined when there is none. */
export const authorityOf = (
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): X509Certificate | undefined => {
  const authority = authorities.find((it) => issued(it, certificate));
  if (authority !== undefined) return authority;
  const next = between.find((it) => issued(it, certificate));
  return next === undefined
    ? undefined
    : authorityOf(
        next,
        between.filter((it) => it !== next),
        authorities,
      );
};

/** What the files hold: PEM. */
export interface TlsPem {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * The same as `loadTls` of what was read already.
 * @param files what errors call the three
 */
export const tlsFromPem = ({ ca, cert, key }: TlsPem, files: TlsFiles, nowMs: number, passphrase?: string): TlsMaterial => {
  const authorities = certificates('certificate of the authority', files.ca, ca);
  const [own, ...between] = certificates('certificate', files.cert, cert);
  const opened = privateKey(files.key, key, passphrase);
  if (!own.checkPrivateKey(opened)) {
    throw refuse('key-mismatch', files.key, `the key ${files.key} is not that of the certificate ${files.cert}`, renewHint);
  }
  const authority = authorityOf(own, between, authorities);
  if (authority === undefined) {
    const message = `the certificate ${files.cert} does not come from an authority in ${files.ca}`;
    throw refuse('untrusted', files.cert, message, renewHint);
  }
  requireValidAt(nowMs, 'certificate', files.cert, own);
  requireValidAt(nowMs, 'certificate of the authority', files.ca, authority);
  const identity = identityOf(own.toLegacyObject().subject);
  if (identity === undefined) {
    const message = `the certificate ${files.cert} does not say who it is for (CN node id, OU ${peerRoles.join(' or ')}, O cluster)`;
    throw refuse('no-identity', files.cert, message, renewHint);
  }
  const plain = Buffer.from(opened.export({ format: 'pem', type: 'pkcs8' }));
  return { ca, cert, key: plain, identity, notAfterMs: own.validToDate.getTime() };
};

/**
 * Reads the files and proves that they can be used, at the given instant. NOT_FOUND or FAILED_PRECONDITION with `details.file` and
 * `details.reason`: missing, unreadable, locked, wrong-passphrase, key-not-private, key-mismatch, untrusted, expired, not-yet-valid, no-identity.
 * @param options.passphrase opens a key that is sealed; what is returned is not
 */
export const loadTls = async (files: TlsFiles, nowMs: number, options: { readonly passphrase?: string } = {}): Promise<TlsMaterial> => {
  const [ca, cert, key] = await Promise.all([
    read('certificate of the authority', files.ca),
    read('certificate', files.cert),
    read('key', files.key),
  ]);
  await requirePrivate(files.key);
  return tlsFromPem({ ca, cert, key }, files, nowMs, options.passphrase);
};
