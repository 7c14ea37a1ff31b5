import { formatCidr, formatCidr6 } from '@tso/proto';
import { type IngressWay, ingressLeaveRules, ingressNotHere } from './ingress-way.ts';
import type { HostNames } from './names.ts';
import type { HostWish, NetworkDriver, WishedNetwork } from './plan.ts';
import { isEmptyPortTable, type PortTable, portTableText } from './port-table.ts';
import { tunnelChains } from './tunnels/rules.ts';
import { udpFlowChains } from './udp-flows.ts';

const block = (head: string, lines: readonly string[]): string => `  ${head} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
const setOf = (elements: readonly (string | number)[]): string => `{ ${elements.join(', ')} }`;
const quoted = (texts: readonly string[]): readonly string[] => texts.map((text) => `"${text}"`);
/** The rule, unless the set it would name is empty (nftables has no empty anonymous set). */
const when = (list: readonly (string | number)[], rule: (set: string) => string): readonly string[] =>
  list.length === 0 ? [] : [rule(setOf(list))];

const subnets = (networks: readonly WishedNetwork[]): readonly string[] => networks.map((network) => formatCidr(network.subnet));
const subnets6 = (networks: readonly WishedNetwork[]): readonly string[] =>
  networks.flatMap(({ subnet6 }) => (subnet6 === undefined ? [] : [formatCidr6(subnet6)]));
/** Of a frame in a datagram: bytes 12 to 14 from the UDP header on (RFC 7348, 5). */
const vniOfFrame = '@th,96,24';
const gatewayDevices = (networks: readonly WishedNetwork[]): readonly string[] => quoted(networks.map((network) => network.gatewayDevice));

/** What the chains are made from. */
interface Parts {
  /** Those with a gateway of ours. */
  readonly networks: readonly WishedNetwork[];
  /** nftables wildcards, quoted: gateways; devices with the host's own addresses; both. */
  readonly gateways: string;
  readonly own: string;
  readonly inner: string;
  readonly vxlans: string;
}

/** Networks that containers get out of by their gateway. */
const open = ({ networks }: Parts): readonly WishedNetwork[] => networks.filter((network) => !network.internal && !network.ingress);
/** Devices by which containers have nothing but answers to give: of internal networks and of the one that carries published ports. */
const closed = ({ networks, own }: Parts): readonly string[] => [
  ...gatewayDevices(networks.filter((network) => network.internal || network.ingress)),
  ...(networks.some((network) => network.own !== undefined) ? [own] : []),
];

/** Before any translation: what no honest neighbour sends through a gateway. route_localnet lets loopback addresses in, so they are refused here. */
const earlyChain = ({ networks, inner, vxlans, gateways, own }: Parts): string => {
  // Two devices of one network: the kernel's route names one of them, and whoever answers comes in by the other.
  const doubled = networks.filter((network) => network.own !== undefined);
  const bySubnet = (network: WishedNetwork): readonly string[] => [
    `iifname ${setOf([...gatewayDevices([network]), own])} ip saddr ${formatCidr(network.subnet)} accept`,
    ...subnets6([network]).map((subnet) => `iifname ${setOf([...gatewayDevices([network]), own])} ip6 saddr ${subnet} accept`),
  ];
  return block('chain early', [
    'type filter hook prerouting priority -300; policy accept;',
    'iifname != "lo" ip saddr 127.0.0.0/8 drop',
    'iifname != "lo" ip daddr 127.0.0.0/8 drop',
    // Nobody speaks to the device below the gateways: a frame from a host for its MAC would come in beside all that is said of gateways.
    `iifname ${vxlans} drop`,
    ...doubled.flatMap(bySubnet),
    `iifname ${inner} ip saddr != 0.0.0.0 fib saddr . iif oif missing drop`,
    // A task has no link-local address; :: is who looks for duplicates.
    `iifname ${inner} ip6 saddr != :: fib saddr . iif oif missing drop`,
    // Whoever is outside neither has an address of a network nor speaks to one.
    ...when(subnets(networks), (set) => `iifname != { "lo", ${gateways}, ${own} } ip saddr ${set} drop`),
    ...when(subnets(networks), (set) => `iifname != { "lo", ${gateways}, ${own} } ip daddr ${set} drop`),
    ...when(subnets6(networks), (set) => `iifname != { "lo", ${gateways}, ${own} } ip6 saddr ${set} drop`),
    ...when(subnets6(networks), (set) => `iifname != { "lo", ${gateways}, ${own} } ip6 daddr ${set} drop`),
  ]);
};

const publishedVerdict = 'fib daddr type local jump published_ports';

const natChains = (parts: Parts, way: IngressWay | undefined): string => {
  const { networks, gateways, inner } = parts;
  const internal = networks.filter((network) => network.internal);
  const addresses = networks.map((network) => network.gateway);
  return [
    // The narrower wish first: a port at one address of the host.
    block('chain published_ports', [
      ...ingressNotHere(way),
      // The kernel has no route_localnet for IPv6: what came back would be dropped. Refused at once, who asked goes on to 127.0.0.1.
      'ip6 daddr ::1 return',
      'ip daddr . meta l4proto . th dport vmap @published_at',
      'meta l4proto . th dport vmap @published',
    ]),
    block('chain published_in', [
      'type nat hook prerouting priority -100; policy accept;',
      ...when(addresses, (set) => `iifname ${gateways} ip daddr ${set} th dport 53 accept`),
      publishedVerdict,
    ]),
    block('chain published_out', ['type nat hook output priority -100; policy accept;', publishedVerdict]),
    block('chain leave', [
      'type nat hook postrouting priority 100; policy accept;',
      ...ingressLeaveRules(way),
      // A container, or the host by a loopback address, that asks a published port: the answer has to come back through the gateway.
      `oifname ${gateways} ct status dnat ip saddr ${setOf(['127.0.0.0/8', ...subnets(networks)])} masquerade`,
      `oifname ${gateways} ct status dnat ip6 saddr ${setOf(['::1', ...subnets6(networks)])} masquerade`,
      // A task on an internal network has no route to an outside client.
      ...when(gatewayDevices(internal), (set) => `oifname ${set} ct status dnat masquerade`),
      ...when(subnets(open(parts)), (set) => `oifname != ${inner} ip saddr ${set} masquerade`),
      ...when(subnets6(open(parts)), (set) => `oifname != ${inner} ip6 saddr ${set} masquerade`),
    ]),
  ].join('');
};

/** Nobody reaches into a network unasked: not another network, not a host that routes through this one. Only published ports and answers. */
const forwardChain = (parts: Parts, framePorts: readonly number[]): string =>
  block('chain forward', [
    'type filter hook forward priority 0; policy accept;',
    // In the name of this host, which others take frames from, a container could put frames of its own into any network.
    `iifname ${parts.inner} oifname != ${parts.inner} udp dport ${setOf(framePorts)} drop`,
    // Not by `ct direction original`: a packet that belongs to no connection has no direction, and would leave.
    ...when(closed(parts), (set) => `iifname ${set} ct direction reply accept`),
    ...when(closed(parts), (set) => `iifname ${set} drop`),
    `oifname ${parts.inner} ct status dnat accept`,
    `oifname ${parts.inner} ct state established,related accept`,
    `oifname ${parts.inner} drop`,
  ]);

/** Who may send frames of which network, each as an element of the set `vteps`: a host that is on it. Sorted. */
const vtepElements = (networks: readonly WishedNetwork[]): readonly string[] =>
  [...new Set(networks.flatMap(({ vni, remotes }) => remotes.map(({ vtep }) => `${vni} . ${vtep}`)))].toSorted();

const vtepSet = (wish: HostWish): string =>
  block('set vteps', [`typeof ${vniOfFrame} . ip saddr`, ...when(vtepElements(wish.networks), (set) => `elements = ${set}`)]);

/** Lines for `nft -f` that make the set of VTEPs of one wish that of another; empty when they are the same. */
export const vtepPatch = (table: string, before: HostWish, after: HostWish): string => {
  const [known, kept] = [new Set(before.networks), new Set(after.networks)];
  const old = vtepElements(before.networks.filter((network) => !kept.has(network)));
  const now = vtepElements(after.networks.filter((network) => !known.has(network)));
  const [gone, come] = [old.filter((element) => !now.includes(element)), now.filter((element) => !old.includes(element))];
  const lines = [
    ...when(gone, (elements) => `delete element inet ${table} vteps ${elements}\n`),
    ...when(come, (elements) => `add element inet ${table} vteps ${elements}\n`),
  ];
  return lines.join('');
};

/** Frames of our networks only from hosts that are on that one, and none for a network that each host has for itself. */
const frameRules = ({ networks }: Parts, ports: readonly number[]): readonly string[] => {
  if (ports.length === 0) return [];
  const framesOf = (driver: NetworkDriver): readonly number[] =>
    networks
      .filter((network) => network.driver === driver)
      .map((network) => network.vni)
      .toSorted((a, b) => a - b);
  return [
    ...when(framesOf('bridge'), (vnis) => `udp dport ${setOf(ports)} ${vniOfFrame} ${vnis} drop`),
    ...when(framesOf('overlay'), (vnis) => `udp dport ${setOf(ports)} ${vniOfFrame} ${vnis} ${vniOfFrame} . ip saddr != @vteps drop`),
  ];
};

const inputChains = (parts: Parts, vxlanPorts: readonly number[]): string => {
  const { networks, inner } = parts;
  const internal = networks.filter((network) => network.internal && !network.ingress);
  const asked = (list: readonly string[], family: 'ip' | 'ip6'): readonly string[] =>
    when(
      list,
      (set) => `iifname ${setOf(gatewayDevices(internal))} ${family} daddr ${set} meta l4proto . th dport { udp . 53, tcp . 53 } accept`,
    );
  return [
    block('chain input', [
      'type filter hook input priority 0; policy accept;',
      ...frameRules(parts, vxlanPorts),
      // The host listens to no router on a network of containers.
      `iifname ${inner} icmpv6 type { nd-router-solicit, nd-router-advert, nd-redirect } drop`,
      ...asked(
        internal.map((network) => network.gateway),
        'ip',
      ),
      ...when(closed(parts), (set) => `iifname ${set} ct direction reply accept`),
      ...when(closed(parts), (set) => `iifname ${set} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`),
      ...when(closed(parts), (set) => `iifname ${set} drop`),
      'ct direction original meta l4proto . th dport @held goto refuse',
      'ct direction original ip daddr . meta l4proto . th dport @held_at goto refuse',
    ]),
    block('chain refuse', ['meta l4proto tcp reject with tcp reset', 'reject']),
    block('chain output', [
      'type filter hook output priority 0; policy accept;',
      // With one interface in and out the kernel would tell the client of a published port to go straight to the task.
      `oifname ${inner} icmp type redirect drop`,
      `oifname ${inner} icmpv6 type { nd-redirect, nd-router-advert } drop`,
    ]),
  ].join('');
};

export interface TableInput {
  readonly names: HostNames;
  readonly wish: HostWish;
  /** UDP ports that VXLAN devices of this daemon use; usually one. */
  readonly vxlanPorts: readonly number[];
  readonly ports: PortTable;
  /** Undefined: nobody publishes a port that every node answers on. */
  readonly ingress: IngressWay | undefined;
  /** Whether the kernel lets rules move a flow of a client to another task (udp-flows.ts). */
  readonly movesFlows: boolean;
  /** Inside tunnels: this node's own and the others'. */
  readonly tunnelAddresses: readonly string[];
}

/** Removes the table, whether or not it is there. */
export const removedTable = (names: HostNames): string => `table inet ${names.table}\ndelete table inet ${names.table}\n`;

/**
 * The whole of our table in the host's namespace, for `nft -f`: one transaction that replaces the one before. Only removal when there is neither a
 * network nor a published port nor a tunnel.
 */
export const hostTable = ({ names, wish, vxlanPorts, ports, ingress, movesFlows, tunnelAddresses }: TableInput): string => {
  const networks = wish.networks.filter((network) => network.gatewayDevice !== '');
  if (networks.length === 0 && isEmptyPortTable(ports) && tunnelAddresses.length === 0) return removedTable(names);
  const gateways = `"${names.gatewayPattern}"`;
  const own = `"${names.ownPattern}"`;
  const parts: Parts = { networks, gateways, own, inner: `{ ${gateways}, ${own} }`, vxlans: `"${names.vxlanPattern}"` };
  const vnis = networks.filter((network) => network.encrypted).map((network) => network.vni);
  const chains = [
    vtepSet(wish),
    udpFlowChains(movesFlows),
    portTableText(ports),
    earlyChain(parts),
    natChains(parts, ingress),
    forwardChain(parts, [...new Set([...vxlanPorts, wish.vxlanPort])]),
    inputChains(parts, vxlanPorts),
    tunnelChains({ tag: names.tag, vnis, vxlanPorts, addresses: tunnelAddresses }),
  ];
  return `${removedTable(names)}table inet ${names.table} {\n${chains.join('')}}\n`;
};
