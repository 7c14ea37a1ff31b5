import { addressLine, type HostDevice, hostDeviceLines, upLine, vxlanLines } from './host-lines.ts';
import type { ObservedDevice } from './observed.ts';
import type { WishedNetwork } from './plan.ts';

/** What one thing on the host lacks, as lines for `ip -batch`. */
export interface Change {
  /** For people: what is mended, such as `gateway tsog0abcde1 of network web`. */
  readonly what: string;
  /** Lines that make and remove devices; settings of new devices come after them, */
  readonly links: readonly string[];
  /** and these after that. */
  readonly ip: readonly string[];
}

const changeOf = (what: string, links: readonly string[], ip: readonly string[]): readonly Change[] =>
  links.length + ip.length === 0 ? [] : [{ what, links, ip }];

export interface VxlanWish {
  readonly port: number;
  readonly local: string;
}

const mustBeRemade = (device: ObservedDevice, network: WishedNetwork, port: number): boolean =>
  device.vxlan === undefined || device.vxlan.vni !== network.vni || device.vxlan.port !== port;

/** What the VXLAN device of a network lacks, and whether it is made (again): all that was on an older one is gone then. */
export const vxlanChanges = (
  network: WishedNetwork,
  { port, local }: VxlanWish,
  device: ObservedDevice | undefined,
): { readonly changes: readonly Change[]; readonly made: boolean } => {
  const what = `device ${network.vxlanDevice} of network ${network.name}`;
  if (device === undefined || mustBeRemade(device, network, port)) {
    const removal = device === undefined ? [] : [`link delete dev ${device.name}`];
    return { changes: changeOf(what, [...removal, ...vxlanLines(network, port, local)], []), made: true };
  }
  const lines = [
    ...(local === '' || device.vxlan?.local === local ? [] : [`link set dev ${device.name} type vxlan id ${network.vni} local ${local}`]),
    ...(device.mtu === network.mtu ? [] : [`link set dev ${device.name} mtu ${network.mtu}`]),
    ...(device.up ? [] : [`link set dev ${device.name} up`]),
  ];
  return { changes: changeOf(what, lines, []), made: false };
};

const isSound = (device: ObservedDevice, wish: HostDevice, network: WishedNetwork): boolean =>
  device.kind === 'macvlan' && device.lower === network.vxlanDevice && device.mac === wish.mac;

/** What a device of the host itself on a network lacks: its gateway, or the one with its own address. */
export const hostDeviceChanges = (network: WishedNetwork, wish: HostDevice, device: ObservedDevice | undefined): readonly Change[] => {
  const what = `${wish.name === network.gatewayDevice ? 'gateway' : 'own address'} ${wish.name} of network ${network.name}`;
  if (device === undefined || !isSound(device, wish, network)) {
    const removal = device === undefined ? [] : [`link delete dev ${device.name}`];
    const addresses = wish.addresses.map((address) => addressLine(wish, address));
    return changeOf(what, [...removal, ...hostDeviceLines(network, wish)], [...addresses, upLine(wish)]);
  }
  const present = new Map(device.addresses.map(({ text, metric }) => [text, metric]));
  return changeOf(
    what,
    [],
    [
      ...[...present.keys()].filter((text) => !wish.addresses.includes(text)).map((text) => `address delete ${text} dev ${device.name}`),
      ...(device.mtu === network.mtu ? [] : [`link set dev ${device.name} mtu ${network.mtu}`]),
      // Before it is up again: the kernel takes IPv6 addresses from a device that goes down, and IPv4 ones keep no route.
      ...wish.addresses.filter((text) => !device.up || present.get(text) !== wish.metric).map((text) => addressLine(wish, text)),
      ...(device.up ? [] : [upLine(device)]),
    ],
  );
};
