import { webcrypto } from 'node:crypto';
import type * as Library from '@peculiar/x509';
import type { RandomBytes } from '@tso/proto';
import { loadX509, type SigningKey } from './signing-key.ts';

/** Positive and never twice (RFC 5280 4.1.2.2), hex. */
const newSerial = (random: RandomBytes): string => {
  const bytes = Buffer.from(random(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
};

/** One end of a certificate: whom it is for, or who signs it. */
export interface Party {
  readonly name: Library.Name;
  /** How certificates refer to its key, hex (RFC 5280 4.2.1.2). */
  readonly keyId: string;
}

/** One certificate in the making. */
export interface ToSign {
  readonly subject: Party;
  readonly publicKey: Library.PublicKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What it may be used for. */
  readonly extensions: readonly Library.Extension[];
}

/** Somebody of that name with that key. */
export const partyOf = async (name: Library.Name, publicKey: Library.PublicKey): Promise<Party> => {
  const x509 = await loadX509();
  return { name, keyId: (await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto)).keyId };
};

/** The owner of a certificate, with its key named as it names it itself: whoever refers to it must use that name. */
export const ownerOf = async (certificate: Library.X509Certificate): Promise<Party> => {
  const x509 = await loadX509();
  const keyId = certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return keyId === undefined ? partyOf(certificate.subjectName, certificate.publicKey) : { name: certificate.subjectName, keyId };
};

/** The certificate in PEM, ending in a new line. */
export const sign = async (toSign: ToSign, issuer: Party, { key, algorithm }: SigningKey, random: RandomBytes): Promise<string> => {
  const x509 = await loadX509();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(random),
      subject: toSign.subject.name,
      issuer: issuer.name,
      notBefore: new Date(toSign.notBeforeMs),
      notAfter: new Date(toSign.notAfterMs),
      publicKey: toSign.publicKey,
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: [
        ...toSign.extensions,
        new x509.SubjectKeyIdentifierExtension(toSign.subject.keyId),
        new x509.AuthorityKeyIdentifierExtension(issuer.keyId),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
};
