import ipaddr from 'ipaddr.js';

/** An IPv4 block; `base` has its host bits cleared. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

const ipv4Pattern = /^(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$/;

/** The address as an unsigned number, or undefined when the text is not four decimal octets. */
export const parseIpv4 = (text: string): number | undefined => {
  const parts = ipv4Pattern.exec(text);
  if (parts === null) return undefined;
  let address = 0;
  for (let at = 1; at <= 4; at += 1) {
    const octet = Number(parts[at]);
    if (octet > 255) return undefined;
    address = address * 256 + octet;
  }
  return address;
};

export const formatIpv4 = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** How many addresses a block of that prefix has, network and broadcast included. */
export const blockSize = (prefix: number): number => 2 ** (32 - prefix);

/** The block with host bits cleared, or undefined when the text is not ADDRESS/PREFIX. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const value = parseIpv4(address);
  if (value === undefined || rest.length > 0 || !/^[0-9]{1,2}$/.test(prefixText) || Number(prefixText) > 32) return undefined;
  const prefix = Number(prefixText);
  return { base: value - (value % blockSize(prefix)), prefix };
};

export const formatCidr = ({ base, prefix }: Cidr): string => `${formatIpv4(base)}/${prefix}`;

export const containsAddress = (block: Cidr, address: number): boolean =>
  address >= block.base && address < block.base + blockSize(block.prefix);

/** Whether all of the second block lies in the first. */
export const containsBlock = (outer: Cidr, inner: Cidr): boolean => outer.prefix <= inner.prefix && containsAddress(outer, inner.base);

export const overlaps = (a: Cidr, b: Cidr): boolean => a.base < b.base + blockSize(b.prefix) && b.base < a.base + blockSize(a.prefix);

/** 02:42 and the address, as the engine does it: a neighbour entry can be computed, and the same address gives the same MAC. */
export const macOf = (address: number): string =>
  ['02', '42', ...[24, 16, 8, 0].map((shift) => (Math.floor(address / 2 ** shift) % 256).toString(16).padStart(2, '0'))].join(':');

/** An IPv6 block; `base` has its host bits cleared. */
export interface Cidr6 {
  readonly base: bigint;
  readonly prefix: number;
}

const ipv6Bits = 128;

/** The address as an unsigned number, or undefined when the text is not an IPv6 address; one with a zone (`%eth0`) is not. */
export const parseIpv6 = (text: string): bigint | undefined => {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text)
    .toByteArray()
    .reduce((address, byte) => address * 256n + BigInt(byte), 0n);
};

/** The one way to write it (RFC 5952), so that texts can be compared. */
export const formatIpv6 = (address: bigint): string => {
  const bytes = Array.from({ length: 16 }, (_, at) => Number((address >> BigInt(8 * (15 - at))) & 0xffn));
  return new ipaddr.IPv6(bytes).toRFC5952String();
};

/** How many addresses a block of that prefix has. */
export const blockSize6 = (prefix: number): bigint => 1n << BigInt(ipv6Bits - prefix);

/** The block with host bits cleared, or undefined when the text is not ADDRESS/PREFIX. */
export const parseCidr6 = (text: string): Cidr6 | undefined => {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const value = parseIpv6(address);
  if (value === undefined || rest.length > 0 || !/^[0-9]{1,3}$/.test(prefixText) || Number(prefixText) > ipv6Bits) return undefined;
  const prefix = Number(prefixText);
  return { base: value - (value % blockSize6(prefix)), prefix };
};

export const formatCidr6 = ({ base, prefix }: Cidr6): string => `${formatIpv6(base)}/${prefix}`;

export const containsAddress6 = (block: Cidr6, address: bigint): boolean =>
  address >= block.base && address < block.base + blockSize6(block.prefix);

/** Whether all of the second block lies in the first. */
export const containsBlock6 = (outer: Cidr6, inner: Cidr6): boolean => outer.prefix <= inner.prefix && containsAddress6(outer, inner.base);

export const overlaps6 = (a: Cidr6, b: Cidr6): boolean => a.base < b.base + blockSize6(b.prefix) && b.base < a.base + blockSize6(a.prefix);

/** Whether the text is an address of either family, without prefix or zone. */
export const isIpAddress = (text: string): boolean => parseIpv4(text) !== undefined || parseIpv6(text) !== undefined;

const linkLocal4: Cidr = { base: 0xa9fe0000, prefix: 16 };
const linkLocal6: Cidr6 = { base: 0xfe80n << 112n, prefix: 10 };

/** An address of 169.254.0.0/16 or fe80::/10 (RFC 3927, RFC 4291) as the kernel prints it; undefined: it is none, and may be somebody's elsewhere. */
export const linkLocalOf = (text: string): string | undefined => {
  const four = parseIpv4(text);
  if (four !== undefined && containsAddress(linkLocal4, four)) return formatIpv4(four);
  const six = parseIpv6(text);
  return six !== undefined && containsAddress6(linkLocal6, six) ? formatIpv6(six) : undefined;
};
