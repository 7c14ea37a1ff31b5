import { generateKeyPairSync, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { formatToken, parseToken, TsoError } from '@tso/proto';
import { certificateDigest, makeKeyAndCsr } from '@tso/proto/pki';
import test from 'ava';
import { crossSign, makeAuthority, makeRoot } from './authority.ts';
import { checkedRoot } from './given-root.ts';
import { issue } from './issuer.ts';
import { begunRotation, type Root } from './rotation.ts';
import { clusterId, randomBytes } from './testing/ca-site.ts';
import { tokensOf } from './tokens.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);

test('a cluster begins with a root of its own, which lasts 20 years and may sign the root after it', async (t) => {
  const authority = await makeAuthority(clusterId, randomBytes, nowMs);
  const root = new X509Certificate(authority.certificate);
  t.true(root.ca && root.checkIssued(root) && root.verify(root.publicKey));
  t.is(root.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.is(root.validToDate.getTime(), nowMs + 20 * 365 * dayMs);
  t.is(root.validFromDate.getTime(), nowMs - dayMs, 'clocks may differ by a day');
  t.is(new x509.X509Certificate(authority.certificate).getExtension(x509.BasicConstraintsExtension)?.pathLength, 1);
  t.like(authority, { id: 'authority', epoch: 1, certificateLifeMs: 90 * dayMs, unlockKey: '', revoked: [] });
  const digest = certificateDigest(authority.certificate);
  t.deepEqual(parseToken(formatToken(tokensOf(authority, digest).worker)), { digest, secret: authority.workerSecret });
  t.not(authority.workerSecret, authority.managerSecret);
});

test('no two roots have a key, a name or a number in common', async (t) => {
  const roots = await Promise.all(Array.from({ length: 5 }, () => makeRoot(clusterId, randomBytes, nowMs)));
  const certificates = roots.map(({ certificate }) => new X509Certificate(certificate));
  t.is(new Set(certificates.map(({ subject }) => subject)).size, 5);
  t.is(new Set(certificates.map(({ serialNumber }) => serialNumber)).size, 5);
  t.is(new Set(roots.map(({ key }) => key)).size, 5);
});

interface Recipe {
  readonly algorithm: Parameters<typeof webcrypto.subtle.generateKey>[0] & { readonly name: string };
  readonly extensions?: readonly x509.Extension[];
  readonly fromMs?: number;
  readonly toMs?: number;
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const isAuthority = new x509.BasicConstraintsExtension(true, undefined, true);

const pemOf = (key: webcrypto.CryptoKey): string => KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString();

const elsewhere = async (recipe: Recipe): Promise<Root> => {
  const { algorithm, extensions = [isAuthority], fromMs = nowMs, toMs = nowMs + 1_000 * dayMs } = recipe;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: '01',
      subject: 'CN=Example Root, O=Example',
      issuer: 'CN=Example Root, O=Example',
      notBefore: new Date(fromMs),
      notAfter: new Date(toMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      extensions: [...extensions],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), key: pemOf(keys.privateKey) };
};

const reasonOf = async (given: Root): Promise<unknown> => {
  try {
    await checkedRoot(given, nowMs, 90 * dayMs);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof TsoError) || error.code !== 'INVALID_ARGUMENT') return error;
    const secret = given.key.split('\n')[1] ?? '';
    return secret.length > 20 && error.sentence.includes(secret) ? 'it quotes the key' : error.details.reason;
  }
};

for (const [name, algorithm] of Object.entries({
  'ECDSA with P-256': p256,
  'ECDSA with P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'ECDSA with P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  Ed25519: { name: 'Ed25519' },
})) {
  test(`a root made elsewhere serves as authority, signs and is rotated away from: ${name}`, async (t) => {
    const given = await elsewhere({ algorithm });
    const authority = await makeAuthority(clusterId, randomBytes, nowMs, given);
    t.is(certificateDigest(authority.certificate), certificateDigest(given.certificate));
    const { csr } = await makeKeyAndCsr();
    const subject = { name: 'n1', role: 'worker', clusterId } as const;
    const root = new X509Certificate(authority.certificate);
    const { certificate } = await issue(authority, { csr, subject, lifeMs: dayMs }, randomBytes, nowMs);
    t.true(new X509Certificate(certificate).checkIssued(root) && new X509Certificate(certificate).verify(root.publicKey));
    const next = await makeRoot(clusterId, randomBytes, nowMs);
    const between = new X509Certificate(await crossSign(next, authority, randomBytes, nowMs));
    t.true(between.checkIssued(root) && between.verify(root.publicKey));
  });
}

test('a root of another kind of key is refused', async (t) => {
  const rsa = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  t.is(await reasonOf(await elsewhere({ algorithm: rsa })), 'key-kind');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const good = await elsewhere({ algorithm: p256 });
  t.is(await reasonOf({ ...good, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }), 'key-kind');
});

test('a root whose parts do not fit, or are not what they should be, is refused', async (t) => {
  const good = await elsewhere({ algorithm: p256 });
  const other = await elsewhere({ algorithm: p256 });
  t.is(await reasonOf(good), 'accepted');
  t.is(await reasonOf({ ...good, key: other.key }), 'key-mismatch');
  t.is(await reasonOf({ certificate: `${good.certificate}\n${other.certificate}`, key: good.key }), 'several-certificates');
  t.is(await reasonOf({ certificate: good.key, key: good.key }), 'not-a-certificate');
  t.is(await reasonOf({ certificate: '', key: good.key }), 'not-a-certificate');
  t.is(await reasonOf({ ...good, key: good.certificate }), 'not-a-key');
  t.is(await reasonOf({ ...good, key: good.key.replace(/\n(.{20})/, '\n') }), 'not-a-key');
  const sealed = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const key = sealed.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  t.is(await reasonOf({ ...good, key }), 'encrypted-key');
});

test('a certificate that may sign no others, or no root after it, is refused', async (t) => {
  t.is(await reasonOf(await elsewhere({ algorithm: p256, extensions: [] })), 'not-an-authority');
  const leaf = new x509.BasicConstraintsExtension(false, undefined, true);
  t.is(await reasonOf(await elsewhere({ algorithm: p256, extensions: [leaf] })), 'not-an-authority');
  const encipher = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyEncipherment, true);
  t.is(await reasonOf(await elsewhere({ algorithm: p256, extensions: [isAuthority, encipher] })), 'not-an-authority');
  const short = new x509.BasicConstraintsExtension(true, 0, true);
  t.is(await reasonOf(await elsewhere({ algorithm: p256, extensions: [short] })), 'path-length');
});

test('an authority that another one signed is refused: nobody could trust it by itself', async (t) => {
  const parent = await elsewhere({ algorithm: p256 });
  const next = await makeRoot(clusterId, randomBytes, nowMs);
  const below = await crossSign(next, parent, randomBytes, nowMs);
  t.is(await reasonOf({ certificate: below, key: next.key }), 'not-a-root');
});

test('a root that is past, not begun, or ends before what it is to sign, is refused', async (t) => {
  t.is(await reasonOf(await elsewhere({ algorithm: p256, fromMs: nowMs - 10 * dayMs, toMs: nowMs - dayMs })), 'expired');
  t.is(await reasonOf(await elsewhere({ algorithm: p256, fromMs: nowMs + dayMs })), 'not-yet-valid');
  t.is(await reasonOf(await elsewhere({ algorithm: p256, toMs: nowMs + 89 * dayMs })), 'too-short');
});

test('two roots of one name or one key cannot take each other’s place', async (t) => {
  const old = await elsewhere({ algorithm: p256 });
  const namesake = await elsewhere({ algorithm: p256 });
  await t.throwsAsync(crossSign(namesake, old, randomBytes, nowMs), { message: /has the name of the present one/ });
  const { certificate } = await makeRoot(clusterId, randomBytes, nowMs);
  await t.throwsAsync(crossSign({ certificate, key: '' }, { certificate, key: '' }, randomBytes, nowMs), { code: 'INVALID_ARGUMENT' });
});

test('the bridge between two roots ends with the shorter of them and signs no further authority', async (t) => {
  const old = await elsewhere({ algorithm: p256, toMs: nowMs + 200 * dayMs });
  const next = await makeRoot(clusterId, randomBytes, nowMs);
  const between = new x509.X509Certificate(await crossSign(next, old, randomBytes, nowMs));
  t.is(between.notAfter.getTime(), nowMs + 200 * dayMs);
  t.is(between.getExtension(x509.BasicConstraintsExtension)?.pathLength, 0);
  t.is(between.subject, new x509.X509Certificate(next.certificate).subject);
  const authority = { ...(await makeAuthority(clusterId, randomBytes, nowMs)), ...old };
  t.is(begunRotation(authority, next, 'x', nowMs).certificate, next.certificate);
});
