import { webcrypto } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

const pem = async (key: webcrypto.CryptoKey): Promise<string> => {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
};

const writeKey = async (path: string, key: webcrypto.CryptoKey): Promise<void> => {
  await writeFile(path, await pem(key), { mode: 0o600 });
  await chmod(path, 0o600);
};

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** A root whose key the test has, to give to a cluster and to issue what that would never issue. */
export interface OwnAuthority {
  /** Paths of its files. */
  readonly certificate: string;
  readonly key: string;
  /** ca.pem, cert.pem and key.pem in that folder, for somebody of that subject. */
  issue(folder: string, subject: string, fromMs: number, toMs: number): Promise<void>;
}

/** @param folder where its files go */
export const ownAuthority = async (folder: string): Promise<OwnAuthority> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=root of our own',
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 3_650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const files = { certificate: join(folder, 'root.pem'), key: join(folder, 'root.key') };
  await writeFile(files.certificate, root.toString('pem'));
  await writeKey(files.key, keys.privateKey);
  return {
    ...files,
    issue: async (to, subject, fromMs, toMs) => {
      const own = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: '02',
        subject,
        issuer: root.subject,
        notBefore: new Date(fromMs),
        notAfter: new Date(toMs),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
      });
      await mkdir(to, { recursive: true, mode: 0o700 });
      await writeFile(join(to, 'ca.pem'), root.toString('pem'));
      await writeFile(join(to, 'cert.pem'), certificate.toString('pem'));
      await writeKey(join(to, 'key.pem'), own.privateKey);
    },
  };
};
