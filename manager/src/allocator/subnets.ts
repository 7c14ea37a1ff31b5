import type { Cluster, Network } from '@tso/proto';
import { blockSize, type Cidr, formatCidr, formatIpv4, overlaps, parseCidr } from '@tso/proto';
import type { Draft } from '../store/transaction.ts';
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

const subnetOf = (network: Network): Cidr | undefined => parseCidr(network.subnet === '' ? network.spec.subnet : network.subnet);

const allocateNetwork = (draft: Draft, cluster: Cluster, network: Network): void => {
  const wished = parseCidr(network.spec.subnet);
  const pool = parseCidr(cluster.addressPool);
  const taken = draft.networks().flatMap((other) => (other.id === network.id ? [] : (subnetOf(other) ?? [])));
  const subnet = wished ?? (pool === undefined ? undefined : freeSubnet(pool, cluster.subnetPrefix, taken));
  const vni = freeVni(
    cluster.firstVni,
    draft.networks().map((other) => other.vni),
  );
  if (subnet === undefined || vni === undefined) return;
  const gateway = network.spec.gateway === '' ? formatIpv4(subnet.base + 1) : network.spec.gateway;
  draft.putNetwork({ ...network, vni, subnet: formatCidr(subnet), gateway, nextHost: 1 });
};

/** Gives every network that has none its VNI, subnet and gateway; one that cannot have them stays without, and its tasks say so. */
export const allocateNetworks = (draft: Draft): void => {
  const cluster = draft.cluster();
  if (cluster === undefined) return;
  for (const network of draft.networks()) if (network.vni === 0 && !network.removing) allocateNetwork(draft, cluster, network);
};
