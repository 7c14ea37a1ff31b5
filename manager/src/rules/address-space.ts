import type { Cidr, Cidr6, Network, NetworkSpec } from '@tso/proto';
import {
  blockSize,
  blockSize6,
  containsAddress,
  containsAddress6,
  formatIpv4,
  formatIpv6,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from '@tso/proto';

/** What of a network can be given out. */
export interface AddressSpace {
  readonly subnet: Cidr;
  /** Numbers of hosts in the subnet, from the first to the last that may be given out. */
  readonly firstHost: number;
  readonly lastHost: number;
  /** Never given out: the gateway, what is reserved, and what an IPv6 address of these would come with. */
  readonly withheld: ReadonlySet<number>;
  /** The block that IPv6 addresses lie in; undefined: the network has none. */
  readonly subnet6: Cidr6 | undefined;
  /** IPv6 addresses that are never given out. */
  readonly withheld6: ReadonlySet<bigint>;
  /** What host numbers are added to for an IPv6 address. */
  readonly base6: bigint;
}

type Described = Pick<Network, 'subnet' | 'gateway' | 'subnet6' | 'gateway6'> & {
  readonly spec: Pick<NetworkSpec, 'ipRange' | 'ipRange6' | 'reserved'>;
};

const smallestRest = 2;

/** The first and last number of a host within the range, without network and broadcast address of the subnet. */
const hostsOf = (subnet: Cidr, ipRange: string): readonly [number, number] => {
  const last = blockSize(subnet.prefix) - smallestRest;
  const range = parseCidr(ipRange);
  if (range === undefined) return [1, last];
  const from = range.base - subnet.base;
  return [Math.max(1, from), Math.min(last, from + blockSize(range.prefix) - 1)];
};

/** What can be given out of a network, as far as its subnet was decided; undefined until then. */
export const addressSpaceOf = ({ spec, subnet: text, gateway, subnet6: text6, gateway6 }: Described): AddressSpace | undefined => {
  const subnet = parseCidr(text);
  if (subnet === undefined) return undefined;
  const subnet6 = parseCidr6(text6);
  const base6 = parseCidr6(spec.ipRange6)?.base ?? subnet6?.base ?? 0n;
  const reserved = Object.values(spec.reserved);
  const withheld = new Set([gateway, ...reserved].flatMap((each) => parseIpv4(each) ?? []));
  const withheld6 = new Set([gateway6, ...reserved].flatMap((each) => parseIpv6(each) ?? []));
  if (subnet6 !== undefined) {
    const size = BigInt(blockSize(subnet.prefix));
    for (const address of withheld6) {
      const host = address - base6;
      if (host >= 0n && host < size) withheld.add(subnet.base + Number(host));
    }
  }
  const [firstHost, lastHost] = hostsOf(subnet, spec.ipRange);
  return { subnet, firstHost, lastHost, withheld, subnet6, withheld6, base6 };
};

/** Whether the address may be given out to who did not ask for it. */
export const isGivenOut = ({ subnet, firstHost, lastHost, withheld }: AddressSpace, address: number): boolean => {
  const host = address - subnet.base;
  return host >= firstHost && host <= lastHost && !withheld.has(address);
};

/** How many addresses can be given out in all. */
export const spaceSize = (space: AddressSpace): number => {
  const { subnet, firstHost, lastHost, withheld } = space;
  const inside = [...withheld].filter((address) => address >= subnet.base + firstHost && address <= subnet.base + lastHost);
  return Math.max(0, lastHost - firstHost + 1 - inside.length);
};

/** The IPv6 address that goes with an IPv4 one; empty where the network has none. */
export const address6Of = ({ subnet, subnet6, base6 }: AddressSpace, address: number): string =>
  subnet6 === undefined ? '' : formatIpv6(base6 + BigInt(address - subnet.base));

/** Why nobody can have that address of the network, though it asked for it; undefined: it can. */
export const unusable = ({ subnet, withheld }: AddressSpace, address: number): 'outside' | 'network' | 'withheld' | undefined => {
  if (!containsAddress(subnet, address)) return 'outside';
  const host = address - subnet.base;
  if (host === 0 || host === blockSize(subnet.prefix) - 1) return 'network';
  return withheld.has(address) ? 'withheld' : undefined;
};

/** The same of an IPv6 address. */
export const unusable6 = ({ subnet6, withheld6 }: AddressSpace, address: bigint): 'outside' | 'network' | 'withheld' | undefined => {
  if (subnet6 === undefined || !containsAddress6(subnet6, address)) return 'outside';
  if (address === subnet6.base) return 'network';
  return withheld6.has(address) ? 'withheld' : undefined;
};

/** The gateway of a subnet: the wished one, else the first address that is not reserved. */
export const gatewayOf = ({ gateway, reserved }: Pick<NetworkSpec, 'gateway' | 'reserved'>, subnet: Cidr): string => {
  if (gateway !== '') return gateway;
  const taken = new Set(Object.values(reserved).map(parseIpv4));
  const last = subnet.base + blockSize(subnet.prefix) - smallestRest;
  let address = subnet.base + 1;
  while (address < last && taken.has(address)) address += 1;
  return formatIpv4(address);
};

/** The IPv6 gateway of a subnet: the wished one, else the first address that is not reserved. */
export const gateway6Of = ({ gateway6, reserved }: Pick<NetworkSpec, 'gateway6' | 'reserved'>, subnet: Cidr6): string => {
  const wished = parseIpv6(gateway6);
  if (wished !== undefined) return formatIpv6(wished);
  const taken = new Set(Object.values(reserved).map(parseIpv6));
  let address = subnet.base + 1n;
  while (address < subnet.base + blockSize6(subnet.prefix) - 1n && taken.has(address)) address += 1n;
  return formatIpv6(address);
};
