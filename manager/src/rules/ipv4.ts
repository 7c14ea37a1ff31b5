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

export const overlaps = (a: Cidr, b: Cidr): boolean => a.base < b.base + blockSize(b.prefix) && b.base < a.base + blockSize(a.prefix);

/** 02:42 and the address, as the engine does it: a neighbour entry can be computed, and the same address gives the same MAC. */
export const macOf = (address: number): string =>
  ['02', '42', ...[24, 16, 8, 0].map((shift) => (Math.floor(address / 2 ** shift) % 256).toString(16).padStart(2, '0'))].join(':');
