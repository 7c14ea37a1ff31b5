import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type Authority, TsoError } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import test from 'ava';
import fc from 'fast-check';
import { crossSign, makeAuthority, makeRoot } from './authority.ts';
import { issue, provenKey, type Subject } from './issuer.ts';
import { begunRotation } from './rotation.ts';
import { clusterId, keyDigestOf, randomBytes } from './testing/ca-site.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);
const authority: Promise<Authority> = makeAuthority(clusterId, randomBytes, nowMs);
const worker: Subject = { name: 'n1', role: 'worker', clusterId };

const issued = async (csr: string, subject: Subject = worker, lifeMs = 90 * dayMs) =>
  issue(await authority, { csr, subject, lifeMs }, randomBytes, nowMs);

const reasonOf = async (csr: string): Promise<unknown> => {
  try {
    await issued(csr);
    return 'granted';
  } catch (error) {
    return error instanceof TsoError && error.code === 'INVALID_ARGUMENT' ? error.details.reason : error;
  }
};

test('a certificate is for the key of the request, says what we say, and comes from the root', async (t) => {
  const { csr } = await makeKeyAndCsr();
  const { certificate, authorities } = await issued(csr);
  const parsed = new X509Certificate(certificate);
  t.is(keyDigestOf(certificate), (await provenKey(csr)).digest);
  t.deepEqual({ ...parsed.toLegacyObject().subject }, { O: clusterId, OU: 'worker', CN: 'n1' });
  const root = new X509Certificate((await authority).certificate);
  t.true(parsed.checkIssued(root) && parsed.verify(root.publicKey) && !parsed.ca);
  t.is(authorities, (await authority).certificate);
});

test('it began a day ago, ends after its life or with its root, and is to be renewed at half of that', async (t) => {
  const { csr } = await makeKeyAndCsr();
  const { certificate, notAfterMs, renewAtMs } = await issued(csr);
  t.deepEqual([notAfterMs, renewAtMs], [nowMs + 90 * dayMs, nowMs + 45 * dayMs]);
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  t.deepEqual([validFromDate.getTime(), validToDate.getTime()], [nowMs - dayMs, nowMs + 90 * dayMs]);
  const rootEnds = new X509Certificate((await authority).certificate).validToDate.getTime();
  t.is((await issued(csr, worker, 100 * 365 * dayMs)).notAfterMs, rootEnds);
});

test('only a manager may be called, and nobody may sign with it', async (t) => {
  const { csr } = await makeKeyAndCsr();
  const uses = async (role: Subject['role']) => {
    const certificate = new x509.X509Certificate((await issued(csr, { ...worker, role })).certificate);
    t.is(certificate.getExtension(x509.KeyUsagesExtension)?.usages, x509.KeyUsageFlags.digitalSignature);
    t.false(certificate.getExtension(x509.BasicConstraintsExtension)?.ca);
    return [...(certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [])];
  };
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  t.deepEqual(await uses('worker'), [clientAuth]);
  t.deepEqual(await uses('client'), [clientAuth]);
  t.deepEqual(await uses('manager'), [serverAuth, clientAuth]);
});

test('what a request says of its owner is not read', async (t) => {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: `CN=n2, OU=manager, O=${clusterId}`,
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [new x509.BasicConstraintsExtension(true, 3, true)],
    },
    webcrypto,
  );
  const { certificate } = await issued(request.toString('pem'));
  const parsed = new X509Certificate(certificate);
  t.deepEqual({ ...parsed.toLegacyObject().subject }, { O: clusterId, OU: 'worker', CN: 'n1' });
  t.false(parsed.ca);
});

test('a name that looks like more than a name stays one', async (t) => {
  const { csr } = await makeKeyAndCsr();
  const { certificate } = await issued(csr, { ...worker, name: 'n1, OU=manager' });
  t.deepEqual({ ...new X509Certificate(certificate).toLegacyObject().subject }, { O: clusterId, OU: 'worker', CN: 'n1, OU=manager' });
});

const changed = (pem: string, at: number): string => {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const index = at % der.length;
  der[index] = (der[index] ?? 0) ^ 0x01;
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
};

test('a request of which any bit was changed gets no certificate for another key', async (t) => {
  const { csr } = await makeKeyAndCsr();
  const honest = (await provenKey(csr)).digest;
  await fc.assert(
    fc.asyncProperty(fc.nat(600), async (at) => {
      const forged = changed(csr, at);
      const verdict = await reasonOf(forged);
      // A bit may lie where nobody reads, in the way the signature is written; then it is the honest owner's request still.
      if (verdict === 'granted') t.is(keyDigestOf((await issued(forged)).certificate), honest);
      else t.regex(String(verdict), /^csr-/);
    }),
    { numRuns: 150 },
  );
});

test('a request for somebody else’s key is refused, for nobody has shown to have it', async (t) => {
  const [mine, theirs] = await Promise.all([makeKeyAndCsr(), makeKeyAndCsr()]);
  const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const signature = der(mine.csr).subarray(-60);
  const forged = Buffer.concat([der(theirs.csr).subarray(0, -60), signature]);
  t.is(
    await reasonOf(`-----BEGIN CERTIFICATE REQUEST-----\n${forged.toString('base64')}\n-----END CERTIFICATE REQUEST-----`),
    'csr-signature',
  );
});

test('what is no request, too long, or for a key of another kind, is refused', async (t) => {
  t.is(await reasonOf(''), 'csr-unreadable');
  t.is(await reasonOf('hello'), 'csr-unreadable');
  t.is(await reasonOf((await authority).certificate), 'csr-unreadable');
  t.is(await reasonOf('x'.repeat(20_000)), 'csr-too-large');
  const rsa = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=x', keys, signingAlgorithm: rsa }, webcrypto);
  t.is(await reasonOf(request.toString('pem')), 'csr-key');
});

test('the key of a request may be Ed25519', async (t) => {
  const ed25519: Parameters<typeof webcrypto.subtle.generateKey>[0] = { name: 'Ed25519' };
  const keys = (await webcrypto.subtle.generateKey(ed25519, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: 'CN=x', keys, signingAlgorithm: { name: 'Ed25519' } },
    webcrypto,
  );
  t.is(await reasonOf(request.toString('pem')), 'granted');
});

test('while the root changes a certificate carries the way to the old one', async (t) => {
  const old = await authority;
  const next = await makeRoot(clusterId, randomBytes, nowMs);
  const rotating = begunRotation(old, next, await crossSign(next, old, randomBytes, nowMs), nowMs);
  const { csr } = await makeKeyAndCsr();
  const { certificate, authorities } = await issue(rotating, { csr, subject: worker, lifeMs: dayMs }, randomBytes, nowMs);
  const [leaf, between, ...more] = (certificate.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
    (it) => new X509Certificate(it),
  );
  const [newRoot, oldRoot] = (authorities.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map((it) => new X509Certificate(it));
  t.is(more.length, 0);
  t.true(newRoot !== undefined && leaf?.verify(newRoot.publicKey) && leaf.checkIssued(newRoot));
  t.true(between !== undefined && leaf?.checkIssued(between) && leaf.verify(between.publicKey));
  t.true(oldRoot !== undefined && between?.checkIssued(oldRoot) && between.verify(oldRoot.publicKey));
});
