import type { Cidr6 } from '@tso/proto';

const offsetBasis = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;
const mask64 = (1n << 64n) - 1n;
const mask40 = (1n << 40n) - 1n;

/** FNV-1a, 64 bits: spreads clusters, guards nothing. */
const hash64 = (text: string): bigint => {
  let hash = offsetBasis;
  for (let at = 0; at < text.length; at += 1) hash = ((hash ^ BigInt(text.charCodeAt(at))) * prime) & mask64;
  return hash;
};

/**
 * The /64 of a network that was given no IPv6 subnet: fd, 40 bits that are the cluster's, 16 bits that are the network's (RFC 4193, 3.1). Two
 * networks of a cluster never have the same one: of a VNI's 24 bits the upper 8 go into the cluster's part.
 */
export const uniqueLocalSubnet = (clusterId: string, vni: number): Cidr6 => {
  const hash = hash64(clusterId);
  const cluster = ((hash ^ (hash >> 40n)) & mask40) ^ BigInt(Math.floor(vni / 2 ** 16));
  return { base: (0xfdn << 120n) | (cluster << 80n) | (BigInt(vni % 2 ** 16) << 64n), prefix: 64 };
};
