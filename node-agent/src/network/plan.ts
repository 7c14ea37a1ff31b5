import {
  type Cidr,
  type Cidr6,
  containsAddress,
  containsAddress6,
  formatCidr,
  formatCidr6,
  type NetworkAssignment,
  overlaps,
  overlaps6,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  TsoError,
} from '@tso/proto';
import { hostMacOf, macOfAddress, requireAddress, requireCidr } from './address.ts';
import { networkMtu } from './mtu.ts';
import type { HostNames } from './names.ts';
import { type Remotes, remotesOf, requireAddress6 } from './remotes.ts';
import type { NetworkSettings } from './types.ts';

/**
 * overlay: a VXLAN device with entries for those on other hosts. bridge: the same device without any, so that nothing leaves it; each host has its
 * own. macvlan: a device of the host, and a network that is not ours to hand out gateways or names on.
 */
export type NetworkDriver = 'overlay' | 'bridge' | 'macvlan';

/** An address that the host itself has on a network, beside the gateway that is the same everywhere. */
export interface OwnAddress {
  readonly device: string;
  readonly address: string;
  /** Canonical; empty: none. */
  readonly address6: string;
  readonly mac: string;
}

/** One network as this host is to have it. */
export interface WishedNetwork extends Remotes {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  /** 0 with macvlan, and for the resolver network. */
  readonly vni: number;
  /** The device that interfaces of tasks are made on: our VXLAN device, or the parent (macvlan). */
  readonly lower: string;
  /** Our VXLAN device; empty with macvlan. */
  readonly vxlanDevice: string;
  /** Empty with macvlan: the gateway is a router out there, and names are answered on the resolver network. */
  readonly gatewayDevice: string;
  readonly subnet: Cidr;
  /** Empty only with macvlan: no way out. */
  readonly gateway: string;
  /** Empty when it is not ours. */
  readonly gatewayMac: string;
  readonly subnet6: Cidr6 | undefined;
  /** Canonical; empty: none. */
  readonly gateway6: string;
  readonly internal: boolean;
  /** Carries published ports alone: no names, and nothing begins there. */
  readonly ingress: boolean;
  /** Frames travel through tunnels only. */
  readonly encrypted: boolean;
  /** Bytes; 0: the parent's own (macvlan). */
  readonly mtu: number;
  readonly own: OwnAddress | undefined;
  /** What is not as the user wished, a sentence each. */
  readonly remarks: readonly string[];
}

/** All that the host's own namespace is to have. */
export interface HostWish {
  /** Sorted by VNI. */
  readonly networks: readonly WishedNetwork[];
  /** The pool to claim, as CIDR text; empty: none. */
  readonly pool: string;
  readonly vxlanPort: number;
  /** This host's VTEP; empty with a single host. */
  readonly nodeAddress: string;
  /** The same inside tunnels; empty: none. */
  readonly tunnelAddress: string;
}

/** What the networks of an assignment depend on beside it. */
export interface HostFacts {
  readonly names: HostNames;
  readonly nodeId: string;
  readonly nodeAddress: string;
  /** @default '' */
  readonly tunnelAddress?: string;
  /** Of the device that other hosts are reached by. @default 1500 */
  readonly underlayMtu?: number;
}

const maxVni = 2 ** 24 - 1;
const mtuOptions = ['mtu', 'com.docker.network.driver.mtu'];

const driverOf = ({ name, driver }: NetworkAssignment): NetworkDriver => {
  if (driver === '' || driver === 'overlay') return 'overlay';
  if (driver === 'bridge' || driver === 'macvlan') return driver;
  throw new TsoError('INVALID_ARGUMENT', `network ${name} has the driver "${driver}", which this agent does not know`);
};

const gatewayOf = (network: NetworkAssignment, subnet: Cidr, driver: NetworkDriver): string => {
  if (driver === 'macvlan' && network.gateway === '') return '';
  const gateway = requireAddress(network.gateway, `gateway of network ${network.name}`);
  if (containsAddress(subnet, parseIpv4(gateway) ?? 0)) return gateway;
  throw new TsoError('INVALID_ARGUMENT', `gateway ${gateway} of network ${network.name} is outside its subnet ${formatCidr(subnet)}`);
};

const addresses6Of = ({ name, subnet6, gateway6 }: NetworkAssignment): Pick<WishedNetwork, 'subnet6' | 'gateway6'> => {
  if (subnet6 === '') return { subnet6: undefined, gateway6: '' };
  const block = parseCidr6(subnet6);
  if (block === undefined) throw new TsoError('INVALID_ARGUMENT', `subnet "${subnet6}" of network ${name} is not an IPv6 prefix`);
  const gateway = requireAddress6(gateway6, `gateway of network ${name}`);
  const number = parseIpv6(gateway);
  if (number === undefined || containsAddress6(block, number)) return { subnet6: block, gateway6: gateway };
  throw new TsoError('INVALID_ARGUMENT', `gateway ${gateway} of network ${name} is outside its subnet ${formatCidr6(block)}`);
};

const requireVni = ({ name, vni }: NetworkAssignment): number => {
  if (Number.isInteger(vni) && vni >= 1 && vni <= maxVni) return vni;
  throw new TsoError('INVALID_ARGUMENT', `network ${name} has the VNI ${vni}, which is not in 1 to ${maxVni}`);
};

const deviceName = /^[A-Za-z0-9_][A-Za-z0-9_.@:-]{0,14}$/;

const parentOf = ({ name, driverOpts }: NetworkAssignment): string => {
  const parent = driverOpts.parent ?? '';
  if (deviceName.test(parent)) return parent;
  throw new TsoError(
    'INVALID_ARGUMENT',
    `network ${name} has ${parent === '' ? 'no parent' : `the parent "${parent}", which names no device`}`,
    {
      hint: 'Name the device of the hosts that it is to be on: driver_opts: {parent: eth0}',
    },
  );
};

const devicesOf = (
  network: NetworkAssignment,
  driver: NetworkDriver,
  names: HostNames,
): Pick<WishedNetwork, 'vni' | 'lower' | 'vxlanDevice' | 'gatewayDevice'> => {
  if (driver === 'macvlan') return { vni: 0, lower: parentOf(network), vxlanDevice: '', gatewayDevice: '' };
  const vni = requireVni(network);
  const vxlanDevice = names.vxlanDevice(vni);
  return { vni, lower: vxlanDevice, vxlanDevice, gatewayDevice: names.gatewayDevice(vni) };
};

const ownAddressOf = (network: NetworkAssignment, host: HostFacts, subnet: Cidr): OwnAddress | undefined => {
  const own = network.hosts.find(({ nodeId }) => nodeId === host.nodeId);
  if (own === undefined) return undefined;
  const address = requireAddress(own.address, `own address on network ${network.name}`);
  if (!containsAddress(subnet, parseIpv4(address) ?? 0)) {
    throw new TsoError('INVALID_ARGUMENT', `own address ${address} is outside the subnet ${formatCidr(subnet)} of network ${network.name}`);
  }
  const address6 = requireAddress6(own.address6, `own address on network ${network.name}`);
  return { device: host.names.ownDevice(network.vni), address, address6, mac: hostMacOf(address) };
};

/** As with the engine, `encrypted` alone says it too. */
export const isEncrypted = (network: Pick<NetworkAssignment, 'driver' | 'driverOpts'>): boolean =>
  network.driver !== 'bridge' && network.driver !== 'macvlan' && !['false', '0'].includes(network.driverOpts.encrypted ?? 'false');

/** The VTEP that others send frames of a network to. */
export const localVtep = (
  network: Pick<WishedNetwork, 'driver' | 'encrypted'>,
  host: { readonly nodeAddress: string; readonly tunnelAddress?: string },
): string => {
  if (network.driver !== 'overlay') return '';
  return network.encrypted ? (host.tunnelAddress ?? '') : host.nodeAddress;
};

/** With `bridge` and `macvlan` nobody is elsewhere; in the clear nothing of an encrypted network may leave. */
const reachedBy = (
  network: NetworkAssignment,
  driver: NetworkDriver,
  encrypted: boolean,
  host: HostFacts,
): Remotes & { readonly waits: string } => {
  const none = { remotes: [], leftOut: [], waits: '' };
  if (driver !== 'overlay') return none;
  const found = remotesOf(network, { nodeId: host.nodeId, vtep: localVtep({ driver, encrypted }, host) });
  if (!encrypted || (host.tunnelAddress ?? '') !== '' || found.remotes.length === 0) return { ...found, waits: '' };
  return { ...none, waits: `network ${network.name} is encrypted, and this host has no tunnel yet: its tasks reach nobody on other hosts` };
};

/** The network of an assignment; INVALID_ARGUMENT when its numbers cannot be used, FAILED_PRECONDITION when they cannot be here. */
export const wishedNetwork = (network: NetworkAssignment, host: HostFacts): WishedNetwork => {
  const driver = driverOf(network);
  const encrypted = isEncrypted(network);
  const subnet = requireCidr(network.subnet, `subnet of network ${network.name}`);
  const gateway = gatewayOf(network, subnet, driver);
  const v6 = addresses6Of(network);
  const text = mtuOptions.map((name) => network.driverOpts[name]).find((value) => value !== undefined);
  const mtu = networkMtu({ network: network.name, driver, encrypted, ipv6: v6.subnet6 !== undefined, text }, host.underlayMtu ?? 1500);
  const { remotes, leftOut, waits } = reachedBy(network, driver, encrypted, host);
  return {
    id: network.id,
    name: network.name,
    driver,
    ...devicesOf(network, driver, host.names),
    subnet,
    gateway,
    gatewayMac: driver === 'macvlan' ? '' : macOfAddress(gateway),
    ...v6,
    internal: network.internal,
    ingress: network.ingress,
    encrypted,
    mtu: mtu.mtu,
    own: driver === 'overlay' ? ownAddressOf(network, host, subnet) : undefined,
    remotes,
    leftOut,
    remarks: [mtu.remark, waits].filter((sentence) => sentence !== ''),
  };
};

/** What the host's namespace is to have for these networks. Settings are undefined until the agent was configured: nothing is claimed then. */
export const hostWish = (networks: readonly WishedNetwork[], settings: NetworkSettings | undefined, tunnelAddress = ''): HostWish => ({
  networks: networks.toSorted((a, b) => a.vni - b.vni),
  pool: settings === undefined || settings.addressPool === '' ? '' : formatCidr(requireCidr(settings.addressPool, 'address pool')),
  vxlanPort: settings === undefined || settings.vxlanPort === 0 ? 4789 : settings.vxlanPort,
  nodeAddress: settings?.nodeAddress ?? '',
  tunnelAddress,
});

const overlapOf = (a: WishedNetwork, b: WishedNetwork): string => {
  if (overlaps(a.subnet, b.subnet)) return formatCidr(b.subnet);
  return a.subnet6 !== undefined && b.subnet6 !== undefined && overlaps6(a.subnet6, b.subnet6) ? formatCidr6(b.subnet6) : '';
};

/**
 * Why a network cannot be beside these, or undefined: the rules of the host tell networks apart by VNI and subnet. Those on a parent are not ours to
 * tell apart: several of them may well be parts of one.
 */
export const clashWith = (networks: readonly WishedNetwork[], network: WishedNetwork): TsoError | undefined => {
  if (network.driver === 'macvlan') return undefined;
  for (const other of networks) {
    if (other.driver === 'macvlan') continue;
    const shared = overlapOf(other, network);
    if (other.vni !== network.vni && shared === '') continue;
    const what = other.vni === network.vni ? `the VNI ${network.vni}` : `subnet ${shared}`;
    return new TsoError(
      'CONFLICT',
      `${what} of network ${network.name} meets that of network ${other.name} (${formatCidr(other.subnet)})`,
      {
        hint: 'Give one of them another subnet',
      },
    );
  }
  return undefined;
};
