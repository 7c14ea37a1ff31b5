import { tunnelPattern } from './plan.ts';

/** What the host's table has to keep inside tunnels. */
export interface TunnelGuard {
  /** `HostNames.tag`. */
  readonly tag: string;
  /** Of encrypted networks, also of those that are not there: sorted. */
  readonly vnis: readonly number[];
  /** UDP ports of our VXLAN devices. */
  readonly vxlanPorts: readonly number[];
  /** Addresses inside tunnels, this node's own and the others'. */
  readonly addresses: readonly string[];
}

const chain = (name: string, lines: readonly string[]): string =>
  `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
const setOf = (elements: readonly (string | number)[]): string => `{ ${elements.join(', ')} }`;

/**
 * Chains for the host's table; none when nothing is encrypted. They hold whether or not a tunnel stands: frames of an encrypted network, and all
 * that is for an address inside tunnels, leave by a tunnel or not at all; such frames are taken from a tunnel only; and a tunnel carries nothing
 * else, neither to this host nor through it. The VNI is in bytes 12 to 14 from the UDP header on (RFC 7348, 5).
 */
export const tunnelChains = ({ tag, vnis, vxlanPorts, addresses }: TunnelGuard): string => {
  if (vnis.length === 0 && addresses.length === 0) return '';
  const tunnels = `"${tunnelPattern(tag)}"`;
  const frames = vxlanPorts.length === 0 || vnis.length === 0 ? undefined : `udp dport ${setOf(vxlanPorts)} @th,96,24 ${setOf(vnis)}`;
  return [
    chain('tunnels_in', [
      'type filter hook input priority -10; policy accept;',
      ...(frames === undefined ? [] : [`iifname ${tunnels} ${frames} accept`]),
      `iifname ${tunnels} drop`,
      ...(frames === undefined ? [] : [`${frames} drop`]),
      // A node that sends to its own address inside tunnels does so by the loopback device.
      ...(addresses.length === 0 ? [] : [`iifname != "lo" ip daddr ${setOf(addresses)} drop`]),
    ]),
    chain('tunnels_through', [
      'type filter hook forward priority -10; policy accept;',
      `iifname ${tunnels} drop`,
      `oifname ${tunnels} drop`,
      ...(addresses.length === 0 ? [] : [`ip daddr ${setOf(addresses)} drop`]),
    ]),
    // The very last that looks at a packet, when its device is certain.
    chain('tunnels_out', [
      'type filter hook postrouting priority 300; policy accept;',
      'oifname "lo" accept',
      ...(frames === undefined ? [] : [`oifname != ${tunnels} ${frames} drop`]),
      ...(addresses.length === 0 ? [] : [`oifname != ${tunnels} ip daddr ${setOf(addresses)} drop`]),
      ...(addresses.length === 0 ? [] : [`oifname != ${tunnels} ip saddr ${setOf(addresses)} drop`]),
    ]),
  ].join('');
};
