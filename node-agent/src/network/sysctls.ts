import type { WishedNetwork } from './plan.ts';

/** A setting below /proc/sys/net. */
export interface Sysctl {
  readonly path: string;
  readonly value: string;
}

const of = (family: 'ipv4' | 'ipv6', device: string, settings: Readonly<Record<string, string>>): readonly Sysctl[] =>
  Object.entries(settings).map(([name, value]) => ({ path: `${family}/conf/${device}/${name}`, value }));

/**
 * Gateway and own address are one subnet on two devices: an answer may come back by the other one, which a strict reverse path check takes for forged
 * (ip-sysctl, rp_filter: the stricter of `all` and the device counts, and 2 is above 1); and each must say its own MAC only.
 */
const besideAnother = { rp_filter: '2', arp_announce: '2' };

/**
 * What a network's devices need. route_localnet: what the host sends from a loopback address may leave there (a published port asked at localhost); the
 * table's `early` chain keeps such packets from coming in. arp_ignore: a gateway answers for its own address, not for all of the host's.
 * Without IPv6 on the network the host has none there either, so that no link-local address opens a way in.
 */
export const networkSysctls = (network: WishedNetwork): readonly Sysctl[] => {
  if (network.gatewayDevice === '') return [];
  const own = network.own?.device;
  const devices = [network.gatewayDevice, ...(own === undefined ? [] : [own])];
  const v4 = { route_localnet: '1', arp_ignore: '1', ...(own === undefined ? {} : besideAnother) };
  const v6 = network.subnet6 === undefined ? { disable_ipv6: '1' } : { disable_ipv6: '0', accept_ra: '0', accept_redirects: '0' };
  return [
    ...devices.flatMap((device) => [...of('ipv4', device, v4), ...of('ipv6', device, v6)]),
    // It answers neighbour solicitations, which takes IPv6 on it.
    ...(network.subnet6 === undefined ? [] : of('ipv6', network.vxlanDevice, { disable_ipv6: '0', accept_ra: '0' })),
  ];
};

/** Whether packets leave these networks by IPv6. */
export const needsForwarding6 = (networks: readonly WishedNetwork[]): boolean =>
  networks.some((network) => network.subnet6 !== undefined && network.gatewayDevice !== '');

/** Lets the host pass packets on between its devices. */
export const forwarding4: Sysctl = { path: 'ipv4/ip_forward', value: '1' };
export const forwarding6: Sysctl = { path: 'ipv6/conf/all/forwarding', value: '1' };

/**
 * A router takes no advertisements (ip-sysctl, accept_ra) unless it is told to: devices that have their default route from one would lose it once the
 * host forwards. Those that listen now go on listening.
 */
export const keepsAdvertisements = (device: string): Sysctl => ({ path: `ipv6/conf/${device}/accept_ra`, value: '2' });

/** The tables of neighbours are shared by the host and all that runs on it (ip-sysctl, neigh/default/gc_thresh). */
export interface NeighbourLimits {
  readonly thresh1: number;
  readonly thresh2: number;
  readonly thresh3: number;
}

/**
 * The limits for that many entries which come and go (those of other hosts are permanent and do not count), or undefined when these suffice. Twice as
 * many may be there as there are pairs of tasks that may talk to each other from here, and never less than what was.
 */
export const raisedNeighbourLimits = (entries: number, limits: NeighbourLimits): NeighbourLimits | undefined => {
  if (entries * 2 <= limits.thresh3) return undefined;
  const thresh3 = 2 ** Math.ceil(Math.log2(entries * 2));
  return {
    thresh3,
    thresh2: Math.max(limits.thresh2, thresh3 / 2),
    thresh1: Math.max(limits.thresh1, thresh3 / 4),
  };
};
