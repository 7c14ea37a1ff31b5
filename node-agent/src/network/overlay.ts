import { cidrText } from './address.ts';
import type { WishedNetwork } from './plan.ts';

/** An interface of a task, resolved: whatever is needed to make it again without asking the manager. */
export interface Attachment {
  readonly networkId: string;
  readonly networkName: string;
  readonly vni: number;
  /** `eth0`, `eth1`… in the order of the task's networks. */
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly mac: string;
  readonly gateway: string;
  readonly internal: boolean;
}

/** Lines for `ip -batch`: the VXLAN device of a network. It never learns, never floods; `proxy` answers ARP from the neighbour table. */
export const vxlanLines = (network: WishedNetwork, port: number, local: string, mtu: number): readonly string[] => [
  `link add name ${network.vxlanDevice} type vxlan id ${network.vni} dstport ${port} nolearning proxy${local === '' ? '' : ` local ${local}`}`,
  // Before it is up: the kernel gives it an IPv6 address the moment it is.
  `link set dev ${network.vxlanDevice} mtu ${mtu} addrgenmode none`,
  `link set dev ${network.vxlanDevice} up`,
];

/** Lines for `ip -batch`: the gateway, with the same address and MAC on every host. */
export const gatewayLines = (network: WishedNetwork): readonly string[] => [
  `link add link ${network.vxlanDevice} name ${network.gatewayDevice} address ${network.gatewayMac} type macvlan mode bridge`,
  `link set dev ${network.gatewayDevice} addrgenmode none`,
  ...gatewayAddressLines(network),
];

export const gatewayAddressLines = (network: WishedNetwork): readonly string[] => [
  `address replace ${network.gateway}/${network.subnet.prefixLength} dev ${network.gatewayDevice}`,
  `link set dev ${network.gatewayDevice} up`,
];

/** Lines for `ip -batch` in the host's namespace: each interface is made straight inside the task's namespace. */
export const taskLinkLines = (
  attachments: readonly Attachment[],
  vxlanDevice: (vni: number) => string,
  namespaceFile: string,
): readonly string[] =>
  attachments.map(
    ({ vni, device, mac }) =>
      `link add link ${vxlanDevice(vni)} name ${device} address ${mac} netns "${namespaceFile}" type macvlan mode bridge`,
  );

/** The one whose gateway is the default route: the first that is not internal; the manager sorts them by priority. */
export const defaultAttachment = (attachments: readonly Attachment[]): Attachment | undefined =>
  attachments.find((attachment) => !attachment.internal);

const firstTable = 100;
const firstPreference = 100;

/**
 * Answers leave by the network that was asked, so that a published port works on each network: routing by source address for all that is
 * not on a network of the task itself (ip-rule(8), suppress_prefixlength: routes of the main table except the default).
 */
const sourceRouteLines = (attachments: readonly Attachment[]): readonly string[] => {
  const chosen = defaultAttachment(attachments);
  const others = attachments.filter((attachment) => !attachment.internal && attachment !== chosen);
  if (others.length === 0) return [];
  return [
    `rule add pref ${firstPreference} lookup main suppress_prefixlength 0`,
    ...others.flatMap(({ address, gateway, device }, index) => [
      `rule add pref ${firstPreference + 1 + index} from ${address} lookup ${firstTable + index}`,
      `route add default via ${gateway} dev ${device} table ${firstTable + index}`,
    ]),
  ];
};

/** Lines for `ip -batch` inside the task's namespace: addresses, devices up, routes. */
export const taskAddressLines = (attachments: readonly Attachment[]): readonly string[] => {
  const chosen = defaultAttachment(attachments);
  return [
    'link set dev lo up',
    ...attachments.flatMap(({ device, address, prefixLength }) => [
      `address add ${address}/${prefixLength} brd + dev ${device}`,
      `link set dev ${device} up`,
    ]),
    ...(chosen === undefined ? [] : [`route add default via ${chosen.gateway} dev ${chosen.device}`]),
    ...sourceRouteLines(attachments),
  ];
};

export const gatewayCidr = (network: WishedNetwork): string => `${network.gateway}/${network.subnet.prefixLength}`;
export const subnetText = (network: WishedNetwork): string => cidrText(network.subnet);
