import type { OwnAddress, WishedNetwork } from './plan.ts';

/** Lines for `ip -batch`: the VXLAN device of a network. It never learns, never floods; `proxy` answers ARP from the neighbour table. */
export const vxlanLines = (network: WishedNetwork, port: number, local: string): readonly string[] => [
  `link add name ${network.vxlanDevice} type vxlan id ${network.vni} dstport ${port} nolearning proxy${local === '' ? '' : ` local ${local}`}`,
  // Before it is up: the kernel gives it an IPv6 address the moment it is.
  `link set dev ${network.vxlanDevice} mtu ${network.mtu} addrgenmode none`,
  `link set dev ${network.vxlanDevice} up`,
];

/** A device of the host itself on a network. */
export interface HostDevice {
  readonly name: string;
  readonly mac: string;
  /** `address/prefixLength`, canonical; IPv4 first. */
  readonly addresses: readonly string[];
  /** Metric of the subnet's route by it; 0: the kernel's own route, which comes first. */
  readonly metric: number;
}

/**
 * With an address of the link, since the kernel asks for a neighbour of somebody else's packet from no other (RFC 4861, 7.2.2). It is said to nobody
 * beyond this host, so that it may be the same on all.
 */
const withLength6 = (network: WishedNetwork, address6: string, linkLocal: string): readonly string[] =>
  address6 === '' || network.subnet6 === undefined ? [] : [`${address6}/${network.subnet6.prefix}`, `${linkLocal}/64`];

/** Where a host has an address of its own, it reaches the network by that; the gateway's route only says that its packets are no strangers. */
const behindOwn = 1000;

export const gatewayOf = (network: WishedNetwork): HostDevice => ({
  name: network.gatewayDevice,
  mac: network.gatewayMac,
  addresses: [`${network.gateway}/${network.subnet.prefix}`, ...withLength6(network, network.gateway6, 'fe80::1')],
  metric: network.own === undefined ? 0 : behindOwn,
});

export const ownOf = (network: WishedNetwork, own: OwnAddress): HostDevice => ({
  name: own.device,
  mac: own.mac,
  addresses: [`${own.address}/${network.subnet.prefix}`, ...withLength6(network, own.address6, 'fe80::2')],
  metric: 0,
});

/** With macvlan none: that is a network of others. */
export const hostDevices = (network: WishedNetwork): readonly HostDevice[] => {
  if (network.gatewayDevice === '') return [];
  return [gatewayOf(network), ...(network.own === undefined ? [] : [ownOf(network, network.own)])];
};

/** The gateway has the same MAC on every host. */
export const hostDeviceLines = (network: WishedNetwork, device: HostDevice): readonly string[] => [
  `link add link ${network.vxlanDevice} name ${device.name} address ${device.mac} mtu ${network.mtu} type macvlan mode bridge`,
  `link set dev ${device.name} addrgenmode none`,
];

/** nodad: the same address is on every host, and nobody else is given it. */
export const addressLine = (device: HostDevice, address: string): string =>
  `address replace ${address} dev ${device.name}${address.includes(':') ? ' nodad' : ''}${device.metric === 0 ? '' : ` metric ${device.metric}`}`;

export const upLine = (device: Pick<HostDevice, 'name'>): string => `link set dev ${device.name} up`;
