/** Ethernet frames as hexadecimal text, each with a mark behind its packet, which whoever hears it on the wire sees. */

const bytes = (numbers: readonly number[]): string => numbers.map((number) => number.toString(16).padStart(2, '0')).join('');
const word = (number: number): string => (number & 0xffff).toString(16).padStart(4, '0');
const macHex = (mac: string): string => mac.replaceAll(':', '');
const ipHex = (address: string): string => bytes(address.split('.').map(Number));

/** `fd00:1::3`, with one `::` or none. */
const ip6Hex = (address: string): string => {
  const [left = '', right] = address.split('::');
  const words = (text: string): readonly string[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((one) => one.padStart(4, '0'));
  if (right === undefined) return words(left).join('');
  const [head, tail] = [words(left), words(right)];
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0000'), ...tail].join('');
};

/** RFC 1071. */
const checksum = (hex: string): string => {
  let sum = 0;
  for (let at = 0; at < hex.length; at += 4) sum += Number.parseInt(hex.slice(at, at + 4).padEnd(4, '0'), 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return word(~sum);
};

const textHex = (text: string): string => Buffer.from(text).toString('hex');

/** Behind every packet. */
export const frameMark = 'tso-frame-';
const marked = (packet: string, name: string): string => packet + textHex(`${frameMark}${name}.`.padEnd(40, ' '));

/** Who sends, or in whose name, and who is to get it. */
export interface Party {
  readonly mac: string;
  readonly address: string;
  readonly address6: string;
}

const ethernet = (to: string, from: string, type: number): string => macHex(to) + macHex(from) + word(type);

export const udpFrame = (from: Party, to: Party, name: string): string => {
  const head = `45000020000040004011${'0000'}${ipHex(from.address)}${ipHex(to.address)}`;
  const ip = head.replace(/^(.{20})0000/, (_, start: string) => start + checksum(head));
  return marked(`${ethernet(to.mac, from.mac, 0x0800)}${ip}${word(4000)}${word(4001)}${word(12)}0000${textHex('ping')}`, name);
};

/** UDP over IPv6 needs a checksum: of the pseudo header and the datagram (RFC 8200, 8.1). */
const pseudo = (from: string, to: string, size: number, kind: number): string => `${from}${to}0000${word(size)}000000${bytes([kind])}`;

const ip6 = (from: Party, to: Party, kind: number, hopLimit: number, payload: (sum: string) => string): string => {
  const [source, target] = [ip6Hex(from.address6), ip6Hex(to.address6)];
  const size = payload('0000').length / 2;
  const sum = checksum(pseudo(source, target, size, kind) + payload('0000'));
  return `${ethernet(to.mac, from.mac, 0x86dd)}60000000${word(size)}${bytes([kind, hopLimit])}${source}${target}${payload(sum)}`;
};

export const udp6Frame = (from: Party, to: Party, name: string): string =>
  marked(
    ip6(from, to, 17, 64, (sum) => `${word(4000)}${word(4001)}${word(12)}${sum}${textHex('ping')}`),
    name,
  );

/** An answer nobody asked for (RFC 826): `claims.address` is at `claims.mac`. `from` is whose frame it is. */
export const arpFrame = (from: Party, to: Party, claims: Party, name: string): string =>
  marked(
    `${ethernet(to.mac, from.mac, 0x0806)}0001080006040002${macHex(claims.mac)}${ipHex(claims.address)}${macHex(to.mac)}${ipHex(to.address)}`,
    name,
  );

/** A neighbour advertisement (RFC 4861, 4.4) that overrides: `claims.address6` is at `claims.mac`. */
export const advertisementFrame = (from: Party, to: Party, claims: Party, name: string): string =>
  marked(
    ip6(from, to, 58, 255, (sum) => `8800${sum}20000000${ip6Hex(claims.address6)}0201${macHex(claims.mac)}`),
    name,
  );

/** A router advertisement (RFC 4861, 4.2): a default route of half an hour. */
export const routerFrame = (from: Party, to: Party, name: string): string =>
  marked(
    ip6(from, to, 58, 255, (sum) => `8600${sum}40000708${'0'.repeat(16)}0101${macHex(from.mac)}`),
    name,
  );

/** The same frame with a tag of priority alone: whoever gets it takes it as if it had none (IEEE 802.1Q, VLAN 0). */
export const tagged = (frame: string): string => `${frame.slice(0, 24)}81000000${frame.slice(24)}`;

/** What goes to a VTEP's UDP port (RFC 7348, 5). */
export const vxlanPayload = (vni: number, frame: string): string => `08000000${vni.toString(16).padStart(6, '0')}00${frame}`;
