import type { Endpoint, NetworkAssignment } from '@tso/proto';
import { sentenceOf, TsoError } from '@tso/proto';
import {
  addressNumber,
  addressText,
  type Cidr,
  cidrText,
  contains,
  macOf,
  overlap,
  requireAddress,
  requireCidr,
  requireMac,
} from './address.ts';
import type { HostNames } from './names.ts';
import type { NetworkSettings } from './types.ts';

/** A task on another host: reached through that host's VTEP. */
export interface RemoteEndpoint {
  readonly address: string;
  readonly mac: string;
  readonly vtep: string;
}

/** One overlay network as this host is to have it. */
export interface WishedNetwork {
  readonly id: string;
  readonly name: string;
  readonly vni: number;
  readonly vxlanDevice: string;
  readonly gatewayDevice: string;
  readonly subnet: Cidr;
  readonly gateway: string;
  readonly gatewayMac: string;
  readonly internal: boolean;
  /** Sorted by address. */
  readonly remotes: readonly RemoteEndpoint[];
  /** Endpoints on other hosts that cannot be used as they are, each with the reason: a sentence about one, none about the network. */
  readonly leftOut: readonly string[];
}

/** All that the host's own namespace is to have. */
export interface HostWish {
  /** Sorted by VNI, which is unique. */
  readonly networks: readonly WishedNetwork[];
  /** The pool to claim, as CIDR text; empty: none. */
  readonly pool: string;
  readonly mtu: number;
  readonly vxlanPort: number;
  /** This host's VTEP; empty with a single host. */
  readonly nodeAddress: string;
}

/** IPv4 20, UDP 8, VXLAN 8 and the inner Ethernet header 14 bytes (RFC 7348). */
export const vxlanOverheadBytes = 50;
const maxVni = 2 ** 24 - 1;

/** Of one host, written in the one way that commands and we read alike. */
const requireVtep = (text: string): string => {
  const number = addressNumber(text);
  const isOfOneHost = number !== undefined && number >= 2 ** 24 && number < 224 * 2 ** 24 && addressText(number) === text;
  if (isOfOneHost) return text;
  throw new TsoError('INVALID_ARGUMENT', `its VTEP "${text}" is not the IPv4 address of a host`);
};

const remoteOf = ({ address, mac, vtep }: Endpoint): RemoteEndpoint => ({
  address: requireAddress(address, 'endpoint address'),
  mac: requireMac(mac === '' ? macOf(address) : mac, 'endpoint MAC'),
  vtep: requireVtep(vtep),
});

/** One node that says nonsense of itself takes its own endpoints from the network, not the network from all others. */
const remotesOf = (
  endpoints: readonly Endpoint[],
  { nodeId, nodeAddress }: { readonly nodeId: string; readonly nodeAddress: string },
): Pick<WishedNetwork, 'remotes' | 'leftOut'> => {
  const remotes: RemoteEndpoint[] = [];
  const leftOut: string[] = [];
  for (const endpoint of endpoints) {
    if (endpoint.nodeId === nodeId || endpoint.vtep === '' || endpoint.vtep === nodeAddress) continue;
    try {
      remotes.push(remoteOf(endpoint));
    } catch (error) {
      leftOut.push(`task ${endpoint.taskId} on node ${endpoint.nodeId}: ${sentenceOf(error)}`);
    }
  }
  return { remotes: remotes.sort((a, b) => (addressNumber(a.address) ?? 0) - (addressNumber(b.address) ?? 0)), leftOut };
};

/** The network of an assignment; INVALID_ARGUMENT when its numbers cannot be used. */
export const wishedNetwork = (
  network: NetworkAssignment,
  host: { readonly names: HostNames; readonly nodeId: string; readonly nodeAddress: string },
): WishedNetwork => {
  const subnet = requireCidr(network.subnet, `subnet of network ${network.name}`);
  const gateway = requireAddress(network.gateway, `gateway of network ${network.name}`);
  if (!contains(subnet, addressNumber(gateway) ?? 0)) {
    throw new TsoError('INVALID_ARGUMENT', `gateway ${gateway} of network ${network.name} is outside its subnet ${cidrText(subnet)}`);
  }
  if (!Number.isInteger(network.vni) || network.vni < 1 || network.vni > maxVni) {
    throw new TsoError('INVALID_ARGUMENT', `network ${network.name} has the VNI ${network.vni}, which is not in 1 to ${maxVni}`);
  }
  return {
    id: network.id,
    name: network.name,
    vni: network.vni,
    vxlanDevice: host.names.vxlanDevice(network.vni),
    gatewayDevice: host.names.gatewayDevice(network.vni),
    subnet,
    gateway,
    gatewayMac: macOf(gateway),
    internal: network.internal,
    ...remotesOf(network.endpoints, host),
  };
};

/** What the host's namespace is to have for these networks. Settings are undefined until the agent was configured: nothing is claimed then. */
export const hostWish = (networks: readonly WishedNetwork[], settings: NetworkSettings | undefined, underlayMtu: number): HostWish => ({
  networks: networks.toSorted((a, b) => a.vni - b.vni),
  pool: settings === undefined || settings.addressPool === '' ? '' : cidrText(requireCidr(settings.addressPool, 'address pool')),
  mtu: underlayMtu - vxlanOverheadBytes,
  vxlanPort: settings === undefined || settings.vxlanPort === 0 ? 4789 : settings.vxlanPort,
  nodeAddress: settings?.nodeAddress ?? '',
});

/** Why a network cannot be beside these, or undefined: the rules of the host tell networks apart by VNI and subnet. */
export const clashWith = (networks: readonly WishedNetwork[], network: WishedNetwork): TsoError | undefined => {
  const other = networks.find((one) => one.vni === network.vni || overlap(one.subnet, network.subnet));
  if (other === undefined) return undefined;
  const what = other.vni === network.vni ? `the VNI ${network.vni}` : `subnet ${cidrText(network.subnet)}`;
  return new TsoError('CONFLICT', `${what} of network ${network.name} meets that of network ${other.name} (${cidrText(other.subnet)})`, {
    hint: 'Give one of them another subnet',
  });
};
