import { parseIpv6 } from '@tso/proto';
import { hostMacPrefix } from './address.ts';
import { type Balances, type BalanceText, balanceText } from './task-balance.ts';
import { type Attachment, forgetMark, hasIpv6, linkLocalsOf } from './task-interfaces.ts';

/** Where images hard-code their resolver (`resolver 127.0.0.11` of nginx). */
export const resolverAddress = '127.0.0.11';

/** How long the kernel keeps a UDP flow that answers (nf_conntrack_udp_timeout_stream, 120 s by default), and a little. */
const goneSeconds = 150;

interface Family {
  readonly table: 'ip' | 'ip6';
  readonly type: string;
}

const families: { readonly v4: Family; readonly v6: Family } = {
  v4: { table: 'ip', type: 'ipv4_addr' },
  v6: { table: 'ip6', type: 'ipv6_addr' },
};

const elements = (list: readonly string[]): string => (list.length === 0 ? '' : ` elements = { ${list.join(', ')} };`);

/**
 * The frame that the maps of virtual addresses hang in. `vips` leads to a chain for each service, which translates to one of its tasks; what is
 * not translated (no task serves) meets `refuse`, since a virtual address is nobody's.
 * UDP has no end that the kernel could see, so that a client which goes on sending from one port would keep the task it was first given even
 * when that is gone. The kernel forgets a masqueraded flow whose packets leave by another device than they did (nf_nat_oif_changed): those to an
 * address in `gone` are routed to the loopback for as long as they could be remembered. The datagram that meets this is lost; the next one is given
 * to a task that serves. The source address stays what it was, the interface has only that one.
 */
const balanceLines = ({ table, type }: Family, { vips, virtual, chains }: BalanceText): readonly string[] => [
  ...chains,
  '  map vips {',
  `    type ${type} : verdict;${elements(vips)}`,
  '  }',
  '  set virtual {',
  `    type ${type};${elements(virtual)}`,
  '  }',
  '  set gone {',
  `    type ${type}; flags timeout; timeout ${goneSeconds}s;`,
  '  }',
  '  chain forget {',
  '    type route hook output priority -150; policy accept;',
  `    meta l4proto udp ct status dnat ct reply ${table} saddr @gone meta mark set 0x${forgetMark.toString(16)}`,
  '  }',
  '  chain refuse {',
  '    type filter hook output priority 0; policy accept;',
  `    ${table} daddr @virtual meta l4proto tcp reject with tcp reset`,
  `    ${table} daddr @virtual reject`,
  '  }',
];

const resolverRule = (attachments: readonly Attachment[]): readonly string[] => {
  const asked = attachments.find(({ resolves, ingress }) => resolves && !ingress) ?? attachments.find(({ resolves }) => resolves);
  return asked === undefined ? [] : [`    ip daddr ${resolverAddress} meta l4proto { tcp, udp } th dport 53 dnat to ${asked.gateway}`];
};

const hostPrefix = `0x${hostMacPrefix.toString(16).padStart(4, '0')}`;

/**
 * Tasks of all stacks that publish ports are on the network that carries these, and are no less strangers to one another for that: only hosts speak there
 * (their MACs begin as no task's), and only to hosts is answered (guardLines).
 */
const carriedLines = (attachments: readonly Attachment[]): readonly string[] => {
  const carrying = attachments.filter(({ ingress }) => ingress);
  if (carrying.length === 0) return [];
  return [
    '  chain carried {',
    '    type filter hook input priority 0; policy accept;',
    ...carrying.map(({ device }) => `    iifname "${device}" @ll,48,16 != ${hostPrefix} drop`),
    '  }',
  ];
};

/**
 * With route_localnet (127.0.0.11 is translated) a neighbour could reach what listens on the loopback alone, as CVE-2020-8558 was. Before the translation
 * is undone (-100): until then answers of the resolver have other addresses. The kernel itself drops ::1.
 */
const earlyLines: readonly string[] = [
  '  chain early {',
  '    type filter hook prerouting priority -300; policy accept;',
  '    iifname != "lo" ip daddr 127.0.0.0/8 drop',
  '    iifname != "lo" ip saddr 127.0.0.0/8 drop',
  '  }',
];

const tableLines = (
  family: Family,
  balances: Balances,
  attachments: readonly Attachment[],
  first: readonly string[] = [],
  leave: readonly string[] = [],
): readonly string[] => [
  `table ${family.table} tso {`,
  ...balanceLines(family, balanceText(family.table, balances)),
  ...(family.table === 'ip' ? earlyLines : []),
  ...carriedLines(attachments),
  '  chain output {',
  '    type nat hook output priority -100; policy accept;',
  ...first,
  `    ${family.table} daddr vmap @vips`,
  '  }',
  '  chain postrouting {',
  '    type nat hook postrouting priority 100; policy accept;',
  ...leave,
  '    oifname != "lo" meta l4proto udp ct status dnat masquerade',
  '  }',
  '}',
];

/** The condition of a rule that what carries published ports goes to hosts alone. */
const toHosts = (ingress: boolean): string => (ingress ? `@ll,0,16 ${hostPrefix} ` : '');

/**
 * The condition that a frame is what its sender told the kernel that it is (packet(7), sll_protocol): rules that look into packets ask the one or the
 * other, and who gets the frame reads it by what stands in it.
 */
const truly = (protocol: 'ip' | 'ip6' | 'arp'): string => `meta protocol ${protocol} ether type ${protocol}`;

const numberText = (address6: string): string => `0x${(parseIpv6(address6) ?? 0n).toString(16).padStart(32, '0')}`;
const macNumber = (mac: string): string => `0x${mac.replaceAll(':', '')}`;

/**
 * What a neighbour could be made to believe (RFC 4861): that it is a router, that another's address is here, or that its own is at another MAC. The
 * target is 8 bytes into the message, the first option (1: source, 2: target link-layer address, one unit long) 24.
 */
const guardLines6 = (attachment: Attachment): readonly string[] => {
  const { mac, address6, ingress } = attachment;
  const own = [...(address6 === '' ? [] : [address6]), ...linkLocalsOf(attachment, 6)];
  const notOwn = own.map((address) => `@th,64,128 != ${numberText(address)}`).join(' ');
  return own.length === 0
    ? []
    : [
        `    ip6 saddr != ${oneOf(own)} drop`,
        '    icmpv6 type { nd-router-advert, nd-redirect } drop',
        `    icmpv6 type nd-neighbor-advert ${notOwn} drop`,
        `    icmpv6 type nd-neighbor-advert @th,192,16 0x0201 @th,208,48 != ${macNumber(mac)} drop`,
        `    icmpv6 type nd-neighbor-solicit @th,192,16 0x0101 @th,208,48 != ${macNumber(mac)} drop`,
        ...(ingress
          ? [
              `    ${truly('ip6')} ether saddr ${mac} ip6 saddr ${oneOf(own)} icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`,
            ]
          : []),
        `    ${toHosts(ingress)}${truly('ip6')} ether saddr ${mac} ip6 saddr ${oneOf(own)} accept`,
      ];
};

const oneOf = (addresses: readonly string[]): string => (addresses.length === 1 ? (addresses[0] ?? '') : `{ ${addresses.join(', ')} }`);

/** A name that somebody chose may be a word of nft's own. */
const guardChain = (device: string): string => (/^(eth\d+|dns0)$/.test(device) ? device : `if_${device}`);

/** Only frames with the interface's own MAC, addresses, and ARP sender leave it (an ARP probe has the sender 0.0.0.0, RFC 5227). */
const guardLines = (attachment: Attachment): readonly string[] => {
  const { device, mac, address, ingress } = attachment;
  const own = [address, ...linkLocalsOf(attachment, 4)];
  return [
    `  chain ${guardChain(device)} {`,
    `    type filter hook egress device "${device}" priority 0; policy drop;`,
    `    ${toHosts(ingress)}${truly('ip')} ether saddr ${mac} ip saddr ${oneOf(own)} accept`,
    `    ${truly('arp')} ether saddr ${mac} arp saddr ether ${mac} arp saddr ip { ${[...own, '0.0.0.0'].join(', ')} } accept`,
    ...guardLines6(attachment),
    '  }',
  ];
};

/** Which tables of a task's namespace are ours. */
export const taskTables = (attachments: readonly Attachment[], guard: boolean): readonly string[] => [
  ...(attachments.length === 0 ? [] : ['ip tso']),
  ...(hasIpv6(attachments) ? ['ip6 tso'] : []),
  ...(attachments.length > 0 && guard ? ['netdev tso'] : []),
];

/**
 * The rules inside a task's namespace, for `nft -f`, where it has none of our tables yet: its resolver, the maps of virtual addresses, and with
 * `guard` (the kernel has the netdev egress hook, 5.16 on) that it cannot send in another's name. Empty text without interfaces.
 */
export const newTaskRules = (attachments: readonly Attachment[], guard: boolean, balances: Balances = new Map()): string => {
  if (attachments.length === 0) return '';
  const lines = [
    ...tableLines(families.v4, balances, attachments, resolverRule(attachments), ['    oifname != "lo" ip saddr 127.0.0.0/8 masquerade']),
    ...(hasIpv6(attachments) ? tableLines(families.v6, balances, attachments) : []),
    ...(guard ? ['table netdev tso {', ...attachments.flatMap(guardLines), '}'] : []),
  ];
  return `${lines.join('\n')}\n`;
};

/**
 * The same in the place of what was in our tables. Whoever loads this waits for the kernel to have let go of the old ones (8 ms), so that a namespace
 * that is just made gets `newTaskRules`.
 */
export const taskRules = (attachments: readonly Attachment[], guard: boolean, balances: Balances = new Map()): string => {
  const removal = taskTables(attachments, guard).map((table) => `table ${table}\ndelete table ${table}\n`);
  return `${removal.join('')}${newTaskRules(attachments, guard, balances)}`;
};

/** A rule set that loads only when the kernel has the netdev egress hook. */
export const guardProbe = `table netdev tso {
  chain probe {
    type filter hook egress device "lo" priority 0; policy accept;
    ip saddr 127.0.0.1 accept
  }
}
`;
