import { createHash, createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import test, { type ExecutionContext } from 'ava';
import { type CertificateReply, NodeRole } from '../gen/types.ts';
import { testAuthority } from '../rpc/testing/certificates.ts';
import { loadTls } from '../rpc/tls.ts';
import {
  certificateDigest,
  currentIdentityFiles,
  identityFiles,
  identityFromReply,
  makeKeyAndCsr,
  type NewIdentity,
  readIdentity,
  resealIdentity,
  writeIdentity,
} from './index.ts';

const folder = async (t: ExecutionContext): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'tso-pki-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
};

const authority = testAuthority();

const issued = async (t: ExecutionContext, change: Partial<NewIdentity> = {}): Promise<NewIdentity> => {
  const files = await (await authority).issue(await folder(t), 'CN=node-a, OU=worker, O=cluster-1');
  const [authorities, certificate, key] = await Promise.all([files.ca, files.cert, files.key].map((it) => readFile(it, 'utf8')));
  return {
    authorities: authorities ?? '',
    certificate: certificate ?? '',
    key: key ?? '',
    authorityEpoch: 3,
    role: 'worker',
    clusterId: 'cluster-1',
    notAfterMs: 2_000,
    renewAtMs: 1_000,
    ...change,
  };
};

test('a request carries the public key of the key made with it, is signed by it, and says nothing of who asks', async (t) => {
  const { key, csr } = await makeKeyAndCsr();
  const request = new Pkcs10CertificateRequest(csr);
  t.true(await request.verify(webcrypto));
  t.is(request.subject, 'CN=tso');
  t.is(createPrivateKey(key).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.deepEqual(Buffer.from(request.publicKey.rawData), createPublicKey(key).export({ format: 'der', type: 'spki' }));
  t.not((await makeKeyAndCsr()).key, key);
});

test('what is no certificate has no digest', async (t) => {
  t.throws(() => certificateDigest('hello'), { code: 'INVALID_ARGUMENT' });
  t.throws(() => certificateDigest(''), { code: 'INVALID_ARGUMENT' });
  const { csr } = await makeKeyAndCsr();
  t.throws(() => certificateDigest(csr), { code: 'INVALID_ARGUMENT' });
});

test('the digest of a certificate is its SHA-256 in base 36, as long for small numbers', async (t) => {
  const { certificate } = await issued(t);
  const digest = certificateDigest(certificate);
  t.regex(digest, /^[0-9a-z]{50}$/);
  const number = [...digest].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  t.is(number.toString(16).padStart(64, '0'), createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex'));
});

test('an identity that was written is read back and opens connections, and nobody else may read it', async (t) => {
  const directory = join(await folder(t), 'identity');
  t.is(await readIdentity(directory), undefined);
  await t.throwsAsync(currentIdentityFiles(directory), { code: 'NOT_FOUND' });
  const stored = await writeIdentity(directory, await issued(t));
  t.deepEqual(await readIdentity(directory), stored);
  t.like(stored, { nodeId: 'node-a', role: 'worker', clusterId: 'cluster-1', authorityEpoch: 3, sealed: false });
  t.like(await loadTls(identityFiles(directory), Date.now()), { identity: { nodeId: 'node-a', role: 'worker', cluster: 'cluster-1' } });
  t.is((await stat(directory)).mode & 0o777, 0o700);
  for (const name of await readdir(join(directory, 'current'))) {
    t.is((await stat(join(directory, 'current', name))).mode & 0o777, 0o600, name);
  }
});

test('two generations are kept, and files that were named before the newest came still fit each other', async (t) => {
  const directory = await folder(t);
  await writeIdentity(directory, await issued(t));
  await writeIdentity(directory, await issued(t, { authorityEpoch: 4 }));
  const before = await currentIdentityFiles(directory);
  await writeIdentity(directory, await issued(t, { authorityEpoch: 5 }));
  t.deepEqual((await readdir(directory)).sort(), ['2', '3', 'current']);
  t.is((await readIdentity(directory))?.authorityEpoch, 5);
  t.is((await loadTls(before, Date.now())).identity.nodeId, 'node-a');
});

test('what a crash left half made is never the identity, and the next one takes another place', async (t) => {
  const directory = await folder(t);
  await writeIdentity(directory, await issued(t));
  await mkdir(join(directory, '2'));
  await writeFile(join(directory, '2', 'key.pem'), 'half');
  await symlink('2', join(directory, 'current.tmp'));
  t.is((await readIdentity(directory))?.authorityEpoch, 3);
  await writeIdentity(directory, await issued(t, { authorityEpoch: 4 }));
  t.is(await readlink(join(directory, 'current')), '3');
  t.deepEqual((await readdir(directory)).sort(), ['1', '3', 'current']);
});

test('parts that do not fit each other never take the place of those that do', async (t) => {
  const directory = await folder(t);
  const good = await issued(t);
  await writeIdentity(directory, good);
  const { key } = await makeKeyAndCsr();
  await t.throwsAsync(writeIdentity(directory, { ...good, key }), { message: 'the key is not that of the certificate' });
  await t.throwsAsync(writeIdentity(directory, { ...good, role: 'manager' }), { code: 'INVALID_ARGUMENT' });
  await t.throwsAsync(writeIdentity(directory, { ...good, clusterId: 'cluster-2' }), { code: 'INVALID_ARGUMENT' });
  t.deepEqual((await readdir(directory)).sort(), ['1', 'current']);
});

test('a damaged identity is not taken for none', async (t) => {
  const directory = await folder(t);
  await writeIdentity(directory, await issued(t));
  const file = join(directory, 'current', 'identity.json');
  await writeFile(file, '{"nodeId":"node-a"}');
  await t.throwsAsync(readIdentity(directory), { code: 'DATA_LOSS' });
  await writeFile(file, '{');
  await t.throwsAsync(readIdentity(directory), { code: 'DATA_LOSS' });
  await rm(file);
  await t.throwsAsync(readIdentity(directory), { code: 'DATA_LOSS' });
});

const keysIn = async (directory: string): Promise<readonly string[]> => {
  const names = (await readdir(directory)).filter((name) => name !== 'current');
  return Promise.all(names.map((name) => readFile(join(directory, name, 'key.pem'), 'utf8')));
};

test('a sealed key opens with its passphrase only, and no open form of it stays beside', async (t) => {
  const directory = await folder(t);
  const identity = await issued(t);
  await writeIdentity(directory, identity);
  await resealIdentity(directory, { to: 'first' });
  t.true((await readIdentity(directory))?.sealed);
  const sealed = await keysIn(directory);
  t.is(sealed.length, 1);
  t.true(sealed.every((pem) => pem.includes('BEGIN ENCRYPTED PRIVATE KEY')));
  const open = createPrivateKey({ key: sealed[0] ?? '', passphrase: 'first' }).export({ format: 'der', type: 'pkcs8' });
  t.deepEqual(open, createPrivateKey(identity.key).export({ format: 'der', type: 'pkcs8' }));
  t.throws(() => createPrivateKey({ key: sealed[0] ?? '', passphrase: 'second' }));
});

test('a renewed certificate of a sealed node keeps the one before it, which opens with the same passphrase', async (t) => {
  const directory = await folder(t);
  await writeIdentity(directory, await issued(t), { passphrase: 'first' });
  await writeIdentity(directory, await issued(t), { passphrase: 'first' });
  t.is((await keysIn(directory)).length, 2);
});

test('another unlock key, or none, seals anew and forgets what the old one opens', async (t) => {
  const directory = await folder(t);
  await writeIdentity(directory, await issued(t), { passphrase: 'first' });
  await t.throwsAsync(resealIdentity(directory, { from: 'wrong', to: 'second' }), { code: 'PERMISSION_DENIED' });
  await t.throwsAsync(resealIdentity(directory, { to: 'second' }), { code: 'PERMISSION_DENIED' });
  await resealIdentity(directory, { from: 'first', to: 'second' });
  t.is((await keysIn(directory)).length, 1);
  await resealIdentity(directory, { from: 'second' });
  t.false((await readIdentity(directory))?.sealed);
  t.is((await loadTls(identityFiles(directory), Date.now())).identity.nodeId, 'node-a');
});

test('a reply of the cluster becomes an identity in the role that it names', async (t) => {
  const { certificate, authorities, key } = await issued(t);
  const reply: CertificateReply = {
    certificate,
    authorities,
    authorityEpoch: 7,
    clusterId: 'cluster-1',
    role: NodeRole.WORKER,
    notAfterMs: 9,
    renewAtMs: 8,
    managers: [],
    addressPool: '',
    vxlanPort: 0,
    address: '',
  };
  t.like(identityFromReply(reply, key), { role: 'worker', authorityEpoch: 7, notAfterMs: 9, renewAtMs: 8 });
  t.is(identityFromReply({ ...reply, role: NodeRole.MANAGER }, key).role, 'manager');
});
