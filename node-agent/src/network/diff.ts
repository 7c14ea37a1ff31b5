import { TsoError } from '@tso/proto';
import { cidrOf, cidrText, overlap } from './address.ts';
import type { HostNames } from './names.ts';
import { routeProtocol } from './names.ts';
import type { Observed, ObservedDevice } from './observed.ts';
import { gatewayAddressLines, gatewayCidr, gatewayLines, vxlanLines } from './overlay.ts';
import type { HostWish, RemoteEndpoint, WishedNetwork } from './plan.ts';

/** What turns the observed into the wished. Both lists are empty when nothing has to change. */
export interface HostChanges {
  /** Lines for `ip -batch`, in order. */
  readonly ip: readonly string[];
  /** Lines for `bridge -batch`, after those. */
  readonly bridge: readonly string[];
  /** VNIs whose VXLAN device is made (again): interfaces that tasks had on an older one are gone with it. */
  readonly madeVnis: readonly number[];
  /** UDP ports that the VXLAN devices then have, sorted. */
  readonly vxlanPorts: readonly number[];
}

interface Host {
  readonly names: HostNames;
  /** Of networks that are no longer wished but that a task still is on: they go with the task. */
  readonly keptVnis: ReadonlySet<number>;
}

const isForeign = (device: ObservedDevice, names: HostNames): boolean => names.vniOf(device.name) === undefined;

/**
 * The UDP port of a network's VXLAN device. With one host nothing ever leaves through it, so it steps aside when a device of someone else
 * has the same VNI on that port (the kernel allows each pair once a namespace); with several hosts they all must use the same: CONFLICT.
 */
const portOf = (network: WishedNetwork, wish: HostWish, observed: Observed, names: HostNames): number => {
  const own = observed.devices.find((device) => device.name === network.vxlanDevice)?.vxlan;
  if (wish.nodeAddress === '' && own !== undefined) return own.port;
  const foreign = observed.devices.filter((device) => isForeign(device, names) && device.vxlan?.vni === network.vni);
  const taken = new Map(foreign.map((device) => [device.vxlan?.port ?? 0, device.name]));
  const holder = taken.get(wish.vxlanPort);
  if (holder === undefined) return wish.vxlanPort;
  if (wish.nodeAddress !== '') {
    throw new TsoError(
      'CONFLICT',
      `network ${network.name} needs the VNI ${network.vni} on UDP port ${wish.vxlanPort}, which the device ${holder} of this host has`,
      {
        hint: `Take that device away (ip link del ${holder}); where another cluster needs it, keep this host in only one of the two`,
      },
    );
  }
  let port = wish.vxlanPort + 1;
  while (taken.has(port)) port += 1;
  return port;
};

const mustBeRemade = (device: ObservedDevice, network: WishedNetwork, port: number): boolean =>
  device.vxlan === undefined || device.vxlan.vni !== network.vni || device.vxlan.port !== port;

/** A network must not take over addresses that another device of this host is on: its gateway would draw that device's traffic. CONFLICT names it. */
const checkSubnet = (network: WishedNetwork, observed: Observed, names: HostNames): void => {
  for (const device of observed.devices) {
    if (!isForeign(device, names)) continue;
    const taken = device.addresses.find((address) => {
      const cidr = cidrOf(address);
      return cidr !== undefined && overlap(cidr, network.subnet);
    });
    if (taken === undefined) continue;
    throw new TsoError(
      'CONFLICT',
      `subnet ${cidrText(network.subnet)} of network ${network.name} overlaps ${taken}, which the device ${device.name} of this host has`,
      {
        hint: 'Give the network another subnet',
      },
    );
  }
};

interface Part {
  readonly port: number;
  readonly ip: readonly string[];
  readonly made: boolean;
}

const vxlanPart = (network: WishedNetwork, wish: HostWish, observed: Observed, names: HostNames): Part => {
  const port = portOf(network, wish, observed, names);
  const fresh = vxlanLines(network, port, wish.nodeAddress, wish.mtu);
  const device = observed.devices.find((candidate) => candidate.name === network.vxlanDevice);
  if (device === undefined) return { port, ip: fresh, made: true };
  if (mustBeRemade(device, network, port)) return { port, ip: [`link delete dev ${device.name}`, ...fresh], made: true };
  return {
    port,
    made: false,
    ip: [
      ...(device.vxlan?.local === wish.nodeAddress || wish.nodeAddress === ''
        ? []
        : [`link set dev ${device.name} type vxlan id ${network.vni} local ${wish.nodeAddress}`]),
      ...(device.mtu === wish.mtu ? [] : [`link set dev ${device.name} mtu ${wish.mtu}`]),
      ...(device.up ? [] : [`link set dev ${device.name} up`]),
    ],
  };
};

const gatewayPart = (network: WishedNetwork, made: boolean, observed: Observed): readonly string[] => {
  const device = made ? undefined : observed.devices.find((candidate) => candidate.name === network.gatewayDevice);
  if (device === undefined) return gatewayLines(network);
  if (device.kind !== 'macvlan' || device.lower !== network.vxlanDevice || device.mac !== network.gatewayMac) {
    return [`link delete dev ${device.name}`, ...gatewayLines(network)];
  }
  const strangers = device.addresses.filter((address) => address !== gatewayCidr(network));
  const complete = device.up && device.addresses.includes(gatewayCidr(network));
  return [...strangers.map((address) => `address delete ${address} dev ${device.name}`), ...(complete ? [] : gatewayAddressLines(network))];
};

/** Removing a VXLAN device removes every macvlan on it, in whatever namespace. */
const surplusDevices = (wish: HostWish, observed: Observed, { names, keptVnis }: Host): readonly string[] => {
  const wished = new Set(wish.networks.map((network) => network.vni));
  return observed.devices
    .filter((device) => device.name === names.vxlanDevice(names.vniOf(device.name) ?? 0))
    .filter((device) => {
      const vni = names.vniOf(device.name) ?? 0;
      return !wished.has(vni) && !keptVnis.has(vni);
    })
    .map((device) => `link delete dev ${device.name}`);
};

const claimLines = (pool: string, observed: Observed, names: HostNames): readonly string[] => {
  const tail = `metric ${names.claimMetric} proto ${routeProtocol}`;
  const ours = observed.routes.filter((route) => route.type === 'unreachable' && route.metric === names.claimMetric);
  return [
    ...ours.filter((route) => route.destination !== pool).map((route) => `route delete unreachable ${route.destination} ${tail}`),
    ...(pool === '' || ours.some((route) => route.destination === pool) ? [] : [`route add unreachable ${pool} ${tail}`]),
  ];
};

const remoteLines = (
  network: WishedNetwork,
  made: boolean,
  observed: Observed,
): { readonly ip: readonly string[]; readonly bridge: readonly string[] } => {
  const dev = network.vxlanDevice;
  const neighbours = new Map(made ? [] : observed.neighbours.filter((one) => one.device === dev).map((one) => [one.address, one.mac]));
  const forwards = new Map(made ? [] : observed.forwards.filter((one) => one.device === dev).map((one) => [one.mac, one.vtep]));
  const addresses = new Set(network.remotes.map((remote) => remote.address));
  const macs = new Set(network.remotes.map((remote) => remote.mac));
  return {
    ip: [
      ...[...neighbours.keys()].filter((address) => !addresses.has(address)).map((address) => `neigh delete ${address} dev ${dev}`),
      ...network.remotes.filter((remote) => neighbours.get(remote.address) !== remote.mac).map((remote) => neighbourLine(remote, dev)),
    ],
    bridge: [
      ...[...forwards].filter(([mac]) => !macs.has(mac)).map(([mac, vtep]) => `fdb delete ${mac} dev ${dev} dst ${vtep} self`),
      ...network.remotes.filter((remote) => forwards.get(remote.mac) !== remote.vtep).map((remote) => forwardLine(remote, dev)),
    ],
  };
};

const neighbourLine = (remote: RemoteEndpoint, device: string): string =>
  `neigh replace ${remote.address} lladdr ${remote.mac} dev ${device} nud permanent`;
const forwardLine = (remote: RemoteEndpoint, device: string): string =>
  `fdb replace ${remote.mac} dev ${device} dst ${remote.vtep} self permanent`;

/** The commands that make the host's namespace as wished. Applying them and observing again yields none. CONFLICT when a VNI or a subnet is taken on this host. */
export const hostChanges = (wish: HostWish, observed: Observed, host: Host): HostChanges => {
  const ip = [...surplusDevices(wish, observed, host), ...claimLines(wish.pool, observed, host.names)];
  const bridge: string[] = [];
  const madeVnis: number[] = [];
  const ports = new Set<number>();
  for (const network of wish.networks) {
    checkSubnet(network, observed, host.names);
    const vxlan = vxlanPart(network, wish, observed, host.names);
    const remote = remoteLines(network, vxlan.made, observed);
    ip.push(...vxlan.ip, ...gatewayPart(network, vxlan.made, observed), ...remote.ip);
    bridge.push(...remote.bridge);
    ports.add(vxlan.port);
    if (vxlan.made) madeVnis.push(network.vni);
  }
  return { ip, bridge, madeVnis, vxlanPorts: [...ports].toSorted((a, b) => a - b) };
};
