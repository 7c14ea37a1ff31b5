import { webcrypto } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { TlsFiles } from '../tls.ts';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hourMs = 3_600_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const aroundNow = (): Validity => ({ notBefore: new Date(Date.now() - hourMs), notAfter: new Date(Date.now() + hourMs) });

/** An authority for tests: it issues certificates into files of a directory. */
export interface TestAuthority {
  /** @param subject such as `CN=node-a, OU=manager, O=cluster-1` */
  issue(directory: string, subject: string, validity?: Validity): Promise<TlsFiles>;
  /** Another authority, which this one vouches for; what it issues carries its certificate along. */
  intermediate(): Promise<TestAuthority>;
  /** A root of its own that is to take this one's place: what it issues carries along that this one vouches for it. */
  successor(): Promise<TestAuthority>;
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^[89a-f]/, '1');

const authority = (root: string, chain: readonly string[], issuer: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): TestAuthority => ({
  issue: async (directory, subject, validity = aroundNow()) => {
    const own = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject,
      issuer: issuer.subject,
      ...validity,
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    const files = { ca: join(directory, 'ca.pem'), cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    await mkdir(directory, { recursive: true });
    await writeFile(files.ca, root);
    await writeFile(files.cert, [certificate.toString('pem'), ...chain].join('\n'));
    await writeFile(files.key, `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`);
    await chmod(files.key, 0o600);
    return files;
  },
  intermediate: async () => {
    const own = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: 'CN=between',
      issuer: issuer.subject,
      ...aroundNow(),
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return authority(root, [certificate.toString('pem'), ...chain], certificate, own);
  },
  successor: async () => {
    const own = await newKeys();
    const next = await selfSigned('CN=next authority', own, aroundNow());
    const crossSigned = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: next.subject,
      issuer: issuer.subject,
      ...aroundNow(),
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return authority(next.toString('pem'), [crossSigned.toString('pem')], next, own);
  },
});

const selfSigned = (name: string, keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<x509.X509Certificate> =>
  x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    ...validity,
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });

export const testAuthority = async (validity: Validity = aroundNow()): Promise<TestAuthority> => {
  const keys = await newKeys();
  const certificate = await selfSigned('CN=authority', keys, validity);
  return authority(certificate.toString('pem'), [], certificate, keys);
};
