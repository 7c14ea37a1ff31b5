import type { Attachment } from './overlay.ts';

/** Where images hard-code their resolver (`resolver 127.0.0.11` of nginx). */
export const resolverAddress = '127.0.0.11';

const resolverRules = (gateway: string): string => `table ip tso {
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr ${resolverAddress} meta l4proto { tcp, udp } th dport 53 dnat to ${gateway}
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    oifname "eth*" ip saddr 127.0.0.0/8 masquerade
  }
}
`;

/** Only frames with the interface's own MAC, address and ARP sender leave it (an ARP probe has the sender 0.0.0.0, RFC 5227). */
const guardChain = ({ device, mac, address }: Attachment): string => `  chain ${device} {
    type filter hook egress device "${device}" priority 0; policy drop;
    ether saddr ${mac} ip saddr ${address} accept
    ether saddr ${mac} arp saddr ether ${mac} arp saddr ip { ${address}, 0.0.0.0 } accept
  }
`;

/**
 * The rules inside a task's namespace, for `nft -f`: its resolver, and with `guard` (the kernel has the netdev egress hook, 5.16 on) that it
 * cannot send in another's name. Empty text without interfaces.
 */
export const taskRules = (attachments: readonly Attachment[], guard: boolean): string => {
  const [first] = attachments;
  if (first === undefined) return '';
  return `${resolverRules(first.gateway)}${guard ? `table netdev tso {\n${attachments.map(guardChain).join('')}}\n` : ''}`;
};

/** A rule set that loads only when the kernel has the netdev egress hook. */
export const guardProbe = `table netdev tso {
  chain probe {
    type filter hook egress device "lo" priority 0; policy accept;
    ip saddr 127.0.0.1 accept
  }
}
`;
