import { parseIpv4, parseIpv6 } from '@tso/proto';

/**
 * A domain name as it stands in a message (RFC 1035, 3.1: each label after its length, without the root's zero at the end), one character a
 * byte, in lower case. Names compare without regard to case (RFC 4343), and a message's bytes become a key without taking the labels apart.
 */
export type NameKey = string;

const maxLabelBytes = 63;
/** Of all labels with their lengths; the root's zero is the 255th byte (RFC 1035, 2.3.4). */
const maxKeyBytes = 254;

const bytesAsText = (text: string): string => {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
};

const asciiName = /^[\x21-\x7e]+$/;

/** The labels in the form of a message, case kept; undefined for what no message can carry: empty or overlong labels, overlong names. */
export const wireName = (name: string): string | undefined => {
  const isAscii = asciiName.test(name);
  let wire = '';
  for (const label of (name.endsWith('.') ? name.slice(0, -1) : name).split('.')) {
    const bytes = isAscii ? label : bytesAsText(label);
    if (bytes.length === 0 || bytes.length > maxLabelBytes) return undefined;
    wire += String.fromCharCode(bytes.length) + bytes;
  }
  return wire.length > maxKeyBytes ? undefined : wire;
};

export const nameKey = (name: string): NameKey | undefined => wireName(name)?.toLowerCase();

/** How many labels; the root has none. */
export const labelCount = (key: NameKey): number => {
  let count = 0;
  for (let at = 0; at < key.length; at += 1 + key.charCodeAt(at)) count += 1;
  return count;
};

/** The name without its last label, and that label; undefined for one label or none. */
export const splitLastLabel = (key: NameKey): { readonly name: NameKey; readonly last: NameKey } | undefined => {
  let last = 0;
  for (let at = 0; at < key.length; at += 1 + key.charCodeAt(at)) last = at;
  return last === 0 ? undefined : { name: key.slice(0, last), last: key.slice(last) };
};

const nibbles = (address: bigint): readonly string[] => address.toString(16).padStart(32, '0').split('');

/** Where the name of an address of either family is asked for (RFC 1035, 3.5; RFC 3596, 2.5); undefined when the text is no address. */
export const reverseKey = (address: string): NameKey | undefined => {
  if (parseIpv4(address) !== undefined) return nameKey(`${address.split('.').toReversed().join('.')}.in-addr.arpa`);
  const number = parseIpv6(address);
  return number === undefined ? undefined : nameKey(`${nibbles(number).toReversed().join('.')}.ip6.arpa`);
};

const labelsOf = (key: NameKey): readonly string[] => {
  const labels: string[] = [];
  for (let at = 0; at < key.length; at += 1 + key.charCodeAt(at)) labels.push(key.slice(at + 1, at + 1 + key.charCodeAt(at)));
  return labels;
};

/** The address whose name is asked for; undefined for any other name. */
export const addressOfReverseKey = (
  key: NameKey,
): { readonly family: 4; readonly address: number } | { readonly family: 6; readonly address: bigint } | undefined => {
  const labels = labelsOf(key);
  const zone = labels.slice(-2).join('.');
  const digits = labels.slice(0, -2).toReversed();
  if (zone === 'in-addr.arpa') {
    const address = parseIpv4(digits.join('.'));
    return address === undefined ? undefined : { family: 4, address };
  }
  if (zone !== 'ip6.arpa' || digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  return { family: 6, address: BigInt(`0x${digits.join('')}`) };
};
