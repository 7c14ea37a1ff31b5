import { containsAddress, formatCidr, formatIpv4, macOf, TsoError } from '@tso/proto';
import { fnv1a, type HostNames } from './names.ts';
import type { WishedNetwork } from './plan.ts';

/** Its id among the networks of a host; those of the cluster are longer. */
export const resolverNetworkId = 'resolver';
/** What a task calls its interface there, so that its `eth0` and on are the networks it asked for. */
export const resolverDevice = 'dns0';

const prefix = 20;
const blocks = 8;
const firstBlock = 169 * 2 ** 24 + 254 * 2 ** 16 + 32 * 2 ** 8;

/**
 * A block of the link-local range (RFC 3927), which no router passes on: 169.254.32.0/20 or one of the seven after it, by run directory, so that two
 * daemons of one host differ. None has 169.254.169.254 or 169.254.20.10, where clouds and others answer.
 */
const blockOf = (names: HostNames): number => firstBlock + (fnv1a(names.tag) % blocks) * 2 ** (32 - prefix);

/**
 * Where tasks ask for names that are on no network with a gateway of ours (macvlan): a network of this host alone, with nothing on it but its gateway
 * and them. Internal: nothing but questions gets from it to the host, and nothing through it.
 */
export const resolverNetwork = (names: HostNames): WishedNetwork => {
  const base = blockOf(names);
  const gateway = formatIpv4(base + 1);
  const vxlanDevice = names.vxlanDevice(0);
  return {
    id: resolverNetworkId,
    name: resolverNetworkId,
    driver: 'bridge',
    vni: 0,
    lower: vxlanDevice,
    vxlanDevice,
    gatewayDevice: names.gatewayDevice(0),
    subnet: { base, prefix },
    gateway,
    gatewayMac: macOf(base + 1),
    subnet6: undefined,
    gateway6: '',
    internal: true,
    ingress: false,
    encrypted: false,
    mtu: 1500,
    own: undefined,
    remotes: [],
    leftOut: [],
    remarks: [],
  };
};

/** An address there that none of these is. RESOURCE_EXHAUSTED after some four thousand. */
export const freeResolverAddress = (names: HostNames, taken: ReadonlySet<string>): string => {
  const { subnet } = resolverNetwork(names);
  for (let address = subnet.base + 2; containsAddress(subnet, address + 1); address += 1) {
    if (!taken.has(formatIpv4(address))) return formatIpv4(address);
  }
  throw new TsoError('RESOURCE_EXHAUSTED', `no address of ${formatCidr(subnet)} is free for one more task to ask for names from`, {
    hint: 'Run fewer tasks on macvlan networks on this host',
  });
};
