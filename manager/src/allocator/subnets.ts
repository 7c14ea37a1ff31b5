import type { Cidr, Cluster, Network } from '@tso/proto';
import { blockSize, formatCidr, formatCidr6, overlaps, parseCidr, parseCidr6, parseIpv4 } from '@tso/proto';
import { gateway6Of, gatewayOf } from '../rules/address-space.ts';
import { isIngress, isTunnels } from '../rules/network-kinds.ts';
import type { Draft } from '../store/transaction.ts';
import { uniqueLocalSubnet } from './unique-local.ts';
import { freeVni } from './vni.ts';

/** The lowest block of the pool that overlaps none of the taken ones; undefined when there is none. */
export const freeSubnet = (pool: Cidr, prefix: number, taken: readonly Cidr[]): Cidr | undefined => {
  const inPool = taken.filter((block) => overlaps(pool, block)).sort((a, b) => a.base - b.base);
  const size = blockSize(prefix);
  let base = pool.base;
  for (const block of inPool) {
    if (base + size <= block.base) break;
    const end = block.base + blockSize(block.prefix);
    if (end > base) base = Math.ceil(end / size) * size;
  }
  return base + size <= pool.base + blockSize(pool.prefix) ? { base, prefix } : undefined;
};

/** The highest such block: what the cluster takes for itself lies away from the networks of stacks. */
export const lastFreeSubnet = (pool: Cidr, prefix: number, taken: readonly Cidr[]): Cidr | undefined => {
  const mirrored = (block: Cidr): Cidr => ({ base: 2 ** 32 - block.base - blockSize(block.prefix), prefix: block.prefix });
  const found = freeSubnet(mirrored(pool), prefix, taken.map(mirrored));
  return found === undefined ? undefined : mirrored(found);
};

/** The smallest block that the cluster takes for itself where its pool has no room for more. */
const smallestOwn = 28;

/** The largest free block from that prefix on. */
const largestFree = (pool: Cidr, prefix: number, taken: readonly Cidr[]): Cidr | undefined => {
  for (let wanted = prefix; wanted <= Math.max(prefix, smallestOwn); wanted += 1) {
    const found = lastFreeSubnet(pool, wanted, taken);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Of a pool so small that a block of the usual size would be most of it: an eighth for published ports, a 32nd for tunnels. */
const ingressPrefix = (pool: Cidr): number => Math.min(32, Math.max(16, pool.prefix + 3));
const tunnelsPrefix = (pool: Cidr): number => Math.min(32, Math.max(20, pool.prefix + 5));

const subnetOf = (network: Network): Cidr | undefined => parseCidr(network.subnet === '' ? network.spec.subnet : network.subnet);

/** Blocks that a new network must keep clear of: those of others, and the nodes' own addresses, which would not be reached any more. */
const takenBlocks = (draft: Draft, network: Network): readonly Cidr[] => [
  ...draft.networks().flatMap((other) => (other.id === network.id ? [] : (subnetOf(other) ?? []))),
  ...draft.nodes().flatMap(({ address }): readonly Cidr[] => {
    const base = parseIpv4(address);
    return base === undefined ? [] : [{ base, prefix: 32 }];
  }),
];

const chosenSubnet = (draft: Draft, cluster: Cluster, network: Network): Cidr | undefined => {
  const wished = parseCidr(network.spec.subnet);
  if (wished !== undefined) return wished;
  const pool = parseCidr(cluster.addressPool);
  // On a physical network addresses are not ours to make up.
  if (pool === undefined || network.spec.driver === 'macvlan') return undefined;
  const taken = takenBlocks(draft, network);
  if (isIngress(network)) return largestFree(pool, ingressPrefix(pool), taken);
  if (isTunnels(network)) return largestFree(pool, tunnelsPrefix(pool), taken);
  return freeSubnet(pool, cluster.subnetPrefix, taken);
};

const withIpv6 = (cluster: Cluster, network: Network): Network => {
  const { spec, vni } = network;
  if (!spec.enableIpv6) return network;
  const subnet6 = parseCidr6(spec.subnet6) ?? uniqueLocalSubnet(cluster.id, vni);
  return { ...network, subnet6: formatCidr6(subnet6), gateway6: gateway6Of(spec, subnet6) };
};

const allocateNetwork = (draft: Draft, cluster: Cluster, network: Network): void => {
  const subnet = chosenSubnet(draft, cluster, network);
  if (subnet === undefined) return;
  if (isTunnels(network)) {
    draft.putNetwork({ ...network, subnet: formatCidr(subnet) });
    return;
  }
  const vni = freeVni(
    cluster.firstVni,
    draft.networks().map((other) => other.vni),
  );
  if (vni === undefined) return;
  const gateway = gatewayOf(network.spec, subnet);
  draft.putNetwork(withIpv6(cluster, { ...network, vni, subnet: formatCidr(subnet), gateway, nextHost: 1 }));
};

const isPending = (network: Network): boolean => network.subnet === '' && !network.removing;
const isOwn = (network: Network): boolean => isIngress(network) || isTunnels(network);

/**
 * Gives every network that has none its VNI, subnets and gateways; one that cannot have them stays without, and its tasks say so. Those of
 * stacks come first: what the cluster takes for itself also fits into less.
 */
export const allocateNetworks = (draft: Draft): void => {
  const cluster = draft.cluster();
  if (cluster === undefined) return;
  const pending = draft.networks().filter(isPending);
  for (const network of [...pending.filter((one) => !isOwn(one)), ...pending.filter(isOwn)]) allocateNetwork(draft, cluster, network);
};
