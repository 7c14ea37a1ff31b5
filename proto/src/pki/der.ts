import { TsoError } from '../errors.ts';

/** One element of DER (X.690): where its content begins and where the next element does. */
interface Element {
  readonly tag: number;
  readonly begin: number;
  readonly content: number;
  readonly end: number;
}

const sequence = 0x30;
const integer = 0x02;

const damaged = (): TsoError => new TsoError('INVALID_ARGUMENT', 'it is not well-formed DER');

const elementAt = (der: Uint8Array, begin: number): Element => {
  const tag = der[begin];
  const first = der[begin + 1];
  if (tag === undefined || first === undefined) throw damaged();
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  // Four bytes of length are more than any certificate has; 0x80 alone is BER.
  if (first === 0x80 || lengthBytes > 4) throw damaged();
  const content = begin + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : der.subarray(begin + 2, content).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = content + length;
  if (end > der.length) throw damaged();
  return { tag, begin, content, end };
};

const expect = (der: Uint8Array, begin: number, tag: number): Element => {
  const element = elementAt(der, begin);
  if (element.tag !== tag) throw damaged();
  return element;
};

/** The SubjectPublicKeyInfo of a certificate request (RFC 2986 4.1), whose signature is not looked at. INVALID_ARGUMENT: it is none. */
export const publicKeyOfRequest = (der: Uint8Array): Uint8Array => {
  const request = expect(der, 0, sequence);
  const info = expect(der, request.content, sequence);
  const version = expect(der, info.content, integer);
  const subject = expect(der, version.end, sequence);
  const key = expect(der, subject.end, sequence);
  if (key.end > info.end || info.end > request.end) throw damaged();
  return der.subarray(key.begin, key.end);
};
