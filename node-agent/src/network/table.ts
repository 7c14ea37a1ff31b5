import { cidrText } from './address.ts';
import { type IngressWay, ingressLeaveRules, ingressNotHere } from './ingress-way.ts';
import type { HostNames } from './names.ts';
import type { HostWish, WishedNetwork } from './plan.ts';
import { isEmptyPortTable, type PortTable, portTableText } from './port-table.ts';

const block = (head: string, lines: readonly string[]): string => `  ${head} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
const setOf = (elements: readonly string[]): string => `{ ${elements.join(', ')} }`;
const quoted = (texts: readonly string[]): readonly string[] => texts.map((text) => `"${text}"`);
/** The rule, unless the set it would name is empty (nftables has no empty anonymous set). */
const when = (list: readonly string[], rule: (set: string) => string): readonly string[] => (list.length === 0 ? [] : [rule(setOf(list))]);

const subnets = (networks: readonly WishedNetwork[]): readonly string[] => networks.map((network) => cidrText(network.subnet));

/** Before any translation: what no honest neighbour sends through a gateway. route_localnet lets loopback addresses in, so they are refused here. */
const earlyChain = (gateways: string, own: string, networks: readonly WishedNetwork[]): string =>
  block('chain early', [
    'type filter hook prerouting priority -300; policy accept;',
    'iifname != "lo" ip saddr 127.0.0.0/8 drop',
    'iifname != "lo" ip daddr 127.0.0.0/8 drop',
    `iifname "${gateways}" ip saddr != 0.0.0.0 fib saddr . iif oif missing drop`,
    `iifname "${own}" ip saddr != 0.0.0.0 fib saddr . iif oif missing drop`,
    // Whoever is outside neither has an address of a network nor speaks to one.
    ...when(subnets(networks), (set) => `iifname != { "lo", "${gateways}", "${own}" } ip saddr ${set} drop`),
    ...when(subnets(networks), (set) => `iifname != { "lo", "${gateways}", "${own}" } ip daddr ${set} drop`),
  ]);

const publishedVerdict = 'fib daddr type local jump published_ports';

const natChains = (gateways: string, networks: readonly WishedNetwork[], way: IngressWay | undefined): string => {
  const internal = networks.filter((network) => network.internal);
  const external = networks.filter((network) => !network.internal);
  const addresses = networks.map((network) => network.gateway);
  return [
    // The narrower wish first: a port at one address of the host.
    block('chain published_ports', [
      ...ingressNotHere(way),
      'ip daddr . meta l4proto . th dport vmap @published_at',
      'meta l4proto . th dport vmap @published',
    ]),
    block('chain published_in', [
      'type nat hook prerouting priority -100; policy accept;',
      ...when(addresses, (set) => `iifname "${gateways}" ip daddr ${set} th dport 53 accept`),
      publishedVerdict,
    ]),
    block('chain published_out', ['type nat hook output priority -100; policy accept;', publishedVerdict]),
    block('chain leave', [
      'type nat hook postrouting priority 100; policy accept;',
      ...ingressLeaveRules(way, subnets(networks)),
      // A container, or the host by a loopback address, that asks a published port: the answer has to come back through the gateway.
      `oifname "${gateways}" ct status dnat ip saddr ${setOf(['127.0.0.0/8', ...subnets(networks)])} masquerade`,
      // A task on an internal network has no route to an outside client.
      ...when(quoted(internal.map((network) => network.gatewayDevice)), (set) => `oifname ${set} ct status dnat masquerade`),
      ...when(subnets(external), (set) => `oifname != "${gateways}" ip saddr ${set} masquerade`),
    ]),
  ].join('');
};

/** Nobody reaches into a network unasked: not another network, not a host that routes through this one. Only published ports and answers. */
const forwardChain = (gateways: string, own: string, networks: readonly WishedNetwork[]): string =>
  block('chain forward', [
    'type filter hook forward priority 0; policy accept;',
    ...when(
      quoted(networks.filter((network) => network.internal).map((network) => network.gatewayDevice)),
      (set) => `iifname ${set} ct direction original drop`,
    ),
    ...[gateways, own].flatMap((devices) => [
      `oifname "${devices}" ct status dnat accept`,
      `oifname "${devices}" ct state established,related accept`,
      `oifname "${devices}" drop`,
    ]),
  ]);

const vxlanLines = (wish: HostWish, ports: readonly number[]): readonly string[] => {
  if (wish.networks.length === 0) return [];
  const vteps = [...new Set(wish.networks.flatMap((network) => network.remotes.map((remote) => remote.vtep)))].toSorted();
  const match = `udp dport ${setOf(ports.map(String))} @th,96,24 ${setOf(wish.networks.map((network) => String(network.vni)))}`;
  return [vteps.length === 0 ? `${match} drop` : `${match} ip saddr != ${setOf(vteps)} drop`];
};

const inputChains = (gateways: string, wish: HostWish, vxlanPorts: readonly number[]): string => {
  const internal = quoted(wish.networks.filter((network) => network.internal).map((network) => network.gatewayDevice));
  return [
    block('chain input', [
      'type filter hook input priority 0; policy accept;',
      // Frames of our networks only from hosts of this cluster; the VNI is in bytes 12 to 14 from the UDP header on (RFC 7348, 5).
      ...vxlanLines(wish, vxlanPorts),
      ...when(
        wish.networks.map((network) => network.gateway),
        (set) => `iifname != { "lo", "${gateways}" } ip daddr ${set} drop`,
      ),
      ...when(internal, (set) => `iifname ${set} ct direction original meta l4proto . th dport != { udp . 53, tcp . 53 } drop`),
      'ct direction original meta l4proto . th dport @held goto refuse',
      'ct direction original ip daddr . meta l4proto . th dport @held_at goto refuse',
    ]),
    block('chain refuse', ['meta l4proto tcp reject with tcp reset', 'reject']),
    // With one interface in and out the kernel would tell the client of a published port to go straight to the task.
    block('chain output', ['type filter hook output priority 0; policy accept;', `oifname "${gateways}" icmp type redirect drop`]),
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
}

/** Removes the table, whether or not it is there. */
export const removedTable = (names: HostNames): string => `table inet ${names.table}\ndelete table inet ${names.table}\n`;

/**
 * The whole of our table in the host's namespace, for `nft -f`: one transaction that replaces the one before. Only removal when there is neither a
 * network nor a published port.
 */
export const hostTable = ({ names, wish, vxlanPorts, ports, ingress }: TableInput): string => {
  if (wish.networks.length === 0 && isEmptyPortTable(ports)) return removedTable(names);
  const { gatewayPattern, ownPattern } = names;
  const parts = [
    portTableText(ports),
    earlyChain(gatewayPattern, ownPattern, wish.networks),
    natChains(gatewayPattern, wish.networks, ingress),
    forwardChain(gatewayPattern, ownPattern, wish.networks),
    inputChains(gatewayPattern, wish, vxlanPorts),
  ];
  return `${removedTable(names)}table inet ${names.table} {\n${parts.join('')}}\n`;
};
