import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sentenceOf, TsoError } from '../errors.ts';
import { type CertificateReply, NodeRole } from '../gen/types.ts';
import { identityOf, type PeerRole, peerRoles, type TlsFiles } from '../rpc/tls.ts';

/** What a node keeps of who it is: `identity.json`. */
export interface StoredIdentity {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly role: PeerRole;
  /** Of the roots that it trusts, as the cluster counts them. */
  readonly authorityEpoch: number;
  readonly notAfterMs: number;
  /** From then on another certificate is due. */
  readonly renewAtMs: number;
  /** Whether key.pem is encrypted. */
  readonly sealed: boolean;
}

/** What `writeIdentity` is given; the node's id is in the certificate. */
export interface NewIdentity extends Omit<StoredIdentity, 'nodeId' | 'sealed'> {
  /** PEM of the roots that are trusted. */
  readonly authorities: string;
  /** PEM of the certificate, behind it those between it and the root, if any. */
  readonly certificate: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
}

const current = 'current';
const generationPattern = /^[0-9]{1,15}$/;

/** The same of what a manager answered to Join or Renew, with the key that its certificate was asked for. */
export const identityFromReply = (reply: CertificateReply, key: string): NewIdentity => {
  const { authorities, certificate, authorityEpoch, clusterId, notAfterMs, renewAtMs } = reply;
  const role = reply.role === NodeRole.MANAGER ? 'manager' : 'worker';
  return { authorities, certificate, key, authorityEpoch, role, clusterId, notAfterMs, renewAtMs };
};

const filesIn = (folder: string): TlsFiles => ({
  ca: join(folder, 'ca.pem'),
  cert: join(folder, 'cert.pem'),
  key: join(folder, 'key.pem'),
});

/** Paths of the newest generation, whichever that is when they are opened. */
export const identityFiles = (directory: string): TlsFiles => filesIn(join(directory, current));

/**
 * The newest generation's name, or undefined when there is none. Files read through it fit each other even when another generation
 * takes its place meanwhile.
 */
const currentGeneration = async (directory: string): Promise<string | undefined> => {
  try {
    return await readlink(join(directory, current));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Paths of the generation that is the newest now; they fit each other even when a newer one comes while they are read. NOT_FOUND: there is none. */
export const currentIdentityFiles = async (directory: string): Promise<TlsFiles> => {
  const generation = await currentGeneration(directory);
  if (generation !== undefined) return filesIn(join(directory, generation));
  throw new TsoError('NOT_FOUND', `there is no certificate of this node in ${directory}`, {
    hint: 'Have this node join a cluster, or make one with `tso init`',
    details: { reason: 'missing', file: join(directory, current) },
  });
};

const generations = async (directory: string): Promise<readonly number[]> =>
  (await readdir(directory)).filter((name) => generationPattern.test(name)).map(Number);

const syncDirectory = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const writeSynced = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

const sealKey = (key: string, passphrase: string | undefined): string => {
  const parsed = createPrivateKey(key);
  return passphrase === undefined
    ? parsed.export({ format: 'pem', type: 'pkcs8' }).toString()
    : parsed.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString();
};

/** Who the certificate is for, once it is sure that the parts fit: what does not must never take the place of what does. */
const checked = ({ certificate, key, role, clusterId }: NewIdentity): string => {
  const parsed = new X509Certificate(certificate);
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new TsoError('INVALID_ARGUMENT', 'the key is not that of the certificate');
  const identity = identityOf(parsed.toLegacyObject().subject);
  if (identity === undefined || identity.role !== role || identity.cluster !== clusterId) {
    throw new TsoError('INVALID_ARGUMENT', `the certificate is not that of a ${role} of cluster ${clusterId}`);
  }
  return identity.nodeId;
};

const forget = async (directory: string, keep: readonly number[]): Promise<void> => {
  const old = (await generations(directory)).filter((it) => !keep.includes(it));
  await Promise.all(old.map((it) => rm(join(directory, String(it)), { recursive: true, force: true })));
};

const point = async (directory: string, generation: number): Promise<void> => {
  const temporary = join(directory, `${current}.tmp`);
  await rm(temporary, { force: true });
  await symlink(String(generation), temporary);
  await rename(temporary, join(directory, current));
  await syncDirectory(directory);
};

/**
 * Makes it what `directory/current` points to: after a crash that is the one before or this one, whole. The one before is kept, unless
 * its key lies open (or is sealed with another passphrase) while this one's is sealed. INVALID_ARGUMENT: key, certificate and fields do not fit.
 * One writer at a time.
 */
export const writeIdentity = async (
  directory: string,
  identity: NewIdentity,
  { passphrase }: { readonly passphrase?: string } = {},
): Promise<StoredIdentity> => {
  const { authorities, certificate, key, authorityEpoch, role, clusterId, notAfterMs, renewAtMs } = identity;
  const sealed = passphrase !== undefined;
  const stored = { nodeId: checked(identity), clusterId, role, authorityEpoch, notAfterMs, renewAtMs, sealed };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const before = await currentGeneration(directory);
  const generation = Math.max(0, ...(await generations(directory))) + 1;
  const folder = join(directory, String(generation));
  await mkdir(folder, { mode: 0o700 });
  const files = filesIn(folder);
  await writeSynced(files.ca, authorities);
  await writeSynced(files.cert, certificate);
  await writeSynced(files.key, sealKey(key, passphrase));
  await writeSynced(join(folder, 'identity.json'), JSON.stringify(stored));
  await syncDirectory(folder);
  await point(directory, generation);
  const keepsBefore = before !== undefined && (!sealed || (await opens(join(directory, before), passphrase)));
  await forget(directory, keepsBefore ? [Number(before), generation] : [generation]);
  return stored;
};

/** Whether that generation's key is sealed, and with that passphrase. */
const opens = async (folder: string, passphrase: string): Promise<boolean> => {
  const pem = await readFile(filesIn(folder).key, 'utf8').catch(() => ''); // One that cannot be read is not worth keeping.
  if (!pem.includes('ENCRYPTED')) return false;
  try {
    createPrivateKey({ key: pem, passphrase });
    return true;
  } catch {
    return false; // Sealed with another.
  }
};

const isStored = (value: Partial<StoredIdentity>): value is StoredIdentity =>
  typeof value.nodeId === 'string' &&
  typeof value.clusterId === 'string' &&
  peerRoles.some((role) => role === value.role) &&
  typeof value.authorityEpoch === 'number' &&
  typeof value.notAfterMs === 'number' &&
  typeof value.renewAtMs === 'number' &&
  typeof value.sealed === 'boolean';

/** Who this node is, or undefined when it is nobody yet. DATA_LOSS: what was written cannot be read back. */
export const readIdentity = async (directory: string): Promise<StoredIdentity | undefined> => {
  const generation = await currentGeneration(directory);
  if (generation === undefined) return undefined;
  const path = join(directory, generation, 'identity.json');
  const hint = 'Restore it from a backup, or remove the directory and have this node join again';
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new TsoError('DATA_LOSS', `the file ${path} is damaged: ${sentenceOf(error)}`, { hint, cause: error });
  }
  if (typeof value === 'object' && value !== null && isStored(value)) return value;
  throw new TsoError('DATA_LOSS', `the file ${path} is damaged: it does not say who this node is`, { hint });
};

/** Thrown without a cause: what OpenSSL says of a key could be part of it. */
const wrongPassphrase = (file: string): TsoError =>
  new TsoError('PERMISSION_DENIED', `the key ${file} cannot be opened with the unlock key that was given`, {
    hint: 'Give the key that `tso unlock-key` shows on a manager that is unlocked',
    details: { reason: 'wrong-passphrase', file },
  });

const openKey = (file: string, pem: string, passphrase: string | undefined): string => {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase })
      .export({ format: 'pem', type: 'pkcs8' })
      .toString();
  } catch {
    throw wrongPassphrase(file);
  }
};

/**
 * The same identity, its key sealed with another passphrase, or with none. No other form of the key is left in the directory.
 * PERMISSION_DENIED: `from` does not open it. NOT_FOUND: there is none.
 */
export const resealIdentity = async (
  directory: string,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<void> => {
  const files = await currentIdentityFiles(directory);
  const stored = await readIdentity(directory);
  if (stored === undefined) return;
  const [authorities, certificate, pem] = await Promise.all([
    readFile(files.ca, 'utf8'),
    readFile(files.cert, 'utf8'),
    readFile(files.key, 'utf8'),
  ]);
  const key = openKey(files.key, pem, from);
  await writeIdentity(directory, { ...stored, authorities, certificate, key }, to === undefined ? {} : { passphrase: to });
};
