import { formatCidr, formatCidr6, overlaps, overlaps6, parseCidr, parseCidr6, TsoError } from '@tso/proto';
import { type Change, hostDeviceChanges, vxlanChanges } from './device-changes.ts';
import { hostDevices } from './host-lines.ts';
import type { HostNames } from './names.ts';
import { routeProtocol } from './names.ts';
import type { Observed, ObservedDevice } from './observed.ts';
import { type HostWish, localVtep, type WishedNetwork } from './plan.ts';
import { type KnownRemotes, knownOf, remoteLines } from './remotes.ts';

/** What turns the observed into the wished. All lists but `vxlanPorts` are empty when nothing has to change. */
export interface HostChanges {
  /** Lines for `ip -batch`, in order, that make and remove devices. */
  readonly links: readonly string[];
  /** Lines for `ip -batch`, in order, once new devices have their settings. */
  readonly ip: readonly string[];
  /** Lines for `bridge -batch`, after those. */
  readonly bridge: readonly string[];
  /** VNIs whose VXLAN device is made (again): interfaces that tasks had on an older one are gone with it. */
  readonly madeVnis: readonly number[];
  /** UDP ports that the VXLAN devices then have, sorted. */
  readonly vxlanPorts: readonly number[];
  /** For people: what was not as wished. */
  readonly mended: readonly string[];
}

interface Host {
  readonly names: HostNames;
  /** Of networks that are no longer wished but that a task still is on: they go with the task. */
  readonly keptVnis: ReadonlySet<number>;
}

const isForeign = (device: ObservedDevice, names: HostNames): boolean => names.vniOf(device.name) === undefined;

/**
 * The UDP port of a network's VXLAN device. Where nothing ever leaves through it (one host, or a network that each host has for itself) it steps aside
 * when a device of someone else has the same VNI on that port (the kernel allows each pair once a namespace); hosts that talk to each other all must
 * use the same: CONFLICT.
 */
const portOf = (network: WishedNetwork, wish: HostWish, observed: Observed, names: HostNames): number => {
  const own = observed.devices.find((device) => device.name === network.vxlanDevice)?.vxlan;
  const isAlone = network.driver === 'bridge' || wish.nodeAddress === '';
  if (isAlone && own !== undefined) return own.port;
  const foreign = observed.devices.filter((device) => isForeign(device, names) && device.vxlan?.vni === network.vni);
  const taken = new Map(foreign.map((device) => [device.vxlan?.port ?? 0, device.name]));
  const holder = taken.get(wish.vxlanPort);
  if (holder === undefined) return wish.vxlanPort;
  if (!isAlone) {
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

const overlapsWith = (network: WishedNetwork, address: string): boolean => {
  const cidr = parseCidr(address);
  if (cidr !== undefined) return overlaps(cidr, network.subnet);
  const cidr6 = network.subnet6 === undefined ? undefined : parseCidr6(address);
  return cidr6 !== undefined && network.subnet6 !== undefined && overlaps6(cidr6, network.subnet6);
};

/** A network must not take over addresses that another device of this host is on: its gateway would draw that device's traffic. CONFLICT names it. */
const checkSubnet = (network: WishedNetwork, observed: Observed, names: HostNames): void => {
  for (const device of observed.devices) {
    if (!isForeign(device, names)) continue;
    const taken = device.addresses.find(({ text }) => overlapsWith(network, text))?.text;
    if (taken === undefined) continue;
    const subnet = network.subnet6 !== undefined && taken.includes(':') ? formatCidr6(network.subnet6) : formatCidr(network.subnet);
    throw new TsoError(
      'CONFLICT',
      `subnet ${subnet} of network ${network.name} overlaps ${taken}, which the device ${device.name} of this host has`,
      {
        hint: 'Give the network another subnet',
      },
    );
  }
};

/** FAILED_PRECONDITION: a network on a device of the host needs that device. */
const checkParent = (network: WishedNetwork, observed: Observed): void => {
  const parent = observed.devices.find((device) => device.name === network.lower);
  if (parent?.up === true) return;
  const state = parent === undefined ? 'is not on this host' : 'is down on this host';
  const hint =
    parent === undefined
      ? 'Name a device that every node of its tasks has, or keep them off this one by a constraint'
      : `Bring it up: ip link set ${network.lower} up`;
  throw new TsoError('FAILED_PRECONDITION', `the device ${network.lower}, parent of network ${network.name}, ${state}`, { hint });
};

/** Removing a VXLAN device removes every macvlan on it, in whatever namespace; an own address can go without the rest. */
const surplusDevices = (wish: HostWish, observed: Observed, { names, keptVnis }: Host): readonly Change[] => {
  const wished = new Set(wish.networks.map((network) => network.vxlanDevice));
  const kept = new Set([...keptVnis].map(names.vxlanDevice));
  const own = new Set(wish.networks.map((network) => network.own?.device));
  const isSurplus = ({ name, lower }: ObservedDevice): boolean => {
    const vni = names.vniOf(name);
    if (vni === undefined) return false;
    if (name === names.vxlanDevice(vni)) return !wished.has(name) && !kept.has(name);
    return name === names.ownDevice(vni) && !own.has(name) && (wished.has(lower) || kept.has(lower));
  };
  return observed.devices
    .filter(isSurplus)
    .map(({ name }) => ({ what: `device ${name}, which no network has any more`, links: [`link delete dev ${name}`], ip: [] }));
};

const claimChanges = (pool: string, observed: Observed, names: HostNames): readonly Change[] => {
  const tail = `metric ${names.claimMetric} proto ${routeProtocol}`;
  const ours = observed.routes.filter((route) => route.type === 'unreachable' && route.metric === names.claimMetric);
  const lines = [
    ...ours.filter((route) => route.destination !== pool).map((route) => `route delete unreachable ${route.destination} ${tail}`),
    ...(pool === '' || ours.some((route) => route.destination === pool) ? [] : [`route add unreachable ${pool} ${tail}`]),
  ];
  return lines.length === 0 ? [] : [{ what: `route that claims ${pool === '' ? 'the address pool' : pool}`, links: [], ip: lines }];
};

/** What the kernel has of each VXLAN device. */
const knownRemotes = (observed: Observed): ReadonlyMap<string, KnownRemotes> => {
  const neighbours = Map.groupBy(observed.neighbours, ({ device }) => device);
  const forwards = Map.groupBy(observed.forwards, ({ device }) => device);
  return new Map(
    [...new Set([...neighbours.keys(), ...forwards.keys()])].map((device) => [
      device,
      {
        neighbours: new Map((neighbours.get(device) ?? []).map(({ address, mac }) => [address, mac])),
        forwards: new Map((forwards.get(device) ?? []).map(({ mac, vtep }) => [mac, vtep])),
      },
    ]),
  );
};

const nobody = knownOf([]);

/** Why a network cannot be on this host as it is now, or undefined. CONFLICT: a VNI or a subnet is taken; FAILED_PRECONDITION: its parent is missing. */
export const networkProblem = (network: WishedNetwork, wish: HostWish, observed: Observed, names: HostNames): TsoError | undefined => {
  try {
    if (network.driver === 'macvlan') checkParent(network, observed);
    else {
      checkSubnet(network, observed, names);
      portOf(network, wish, observed, names);
    }
    return undefined;
  } catch (error) {
    if (error instanceof TsoError) return error;
    throw error;
  }
};

/** The commands that make the host's namespace as wished. Applying them and observing again yields none. Of networks without a `networkProblem`. */
export const hostChanges = (wish: HostWish, observed: Observed, host: Host): HostChanges => {
  const changes: Change[] = [...surplusDevices(wish, observed, host), ...claimChanges(wish.pool, observed, host.names)];
  const devices = new Map(observed.devices.map((device) => [device.name, device]));
  const known = knownRemotes(observed);
  const bridge: string[] = [];
  const madeVnis: number[] = [];
  const ports = new Set<number>();
  for (const network of wish.networks) {
    if (network.driver === 'macvlan') continue;
    const port = portOf(network, wish, observed, host.names);
    const vxlan = vxlanChanges(network, { port, local: localVtep(network, wish) }, devices.get(network.vxlanDevice));
    const lines = remoteLines(network.vxlanDevice, vxlan.made ? nobody : (known.get(network.vxlanDevice) ?? nobody), network.remotes);
    changes.push(...vxlan.changes);
    for (const device of hostDevices(network)) {
      changes.push(...hostDeviceChanges(network, device, vxlan.made ? undefined : devices.get(device.name)));
    }
    if (lines.ip.length + lines.bridge.length > 0) {
      changes.push({ what: `entries of network ${network.name} for other hosts`, links: [], ip: lines.ip });
    }
    bridge.push(...lines.bridge);
    ports.add(port);
    if (vxlan.made) madeVnis.push(network.vni);
  }
  return {
    links: changes.flatMap((change) => change.links),
    ip: changes.flatMap((change) => change.ip),
    bridge,
    madeVnis,
    vxlanPorts: [...ports].toSorted((a, b) => a - b),
    mended: changes.map((change) => change.what),
  };
};
