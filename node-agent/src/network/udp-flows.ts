/**
 * A UDP client that goes on sending from one port is, for the kernel, the same flow: it keeps the translation to a task that has ended until the client
 * pauses for two minutes. nftables cannot remove such an entry, and the program conntrack may not be there. But it can make the kernel look elsewhere: a
 * packet of a published port whose entry leads to a task that serves no longer puts its flow into another conntrack zone, where nothing is known of it,
 * so that the client's next packet is translated anew. One packet is lost, and flows to tasks that still serve are not touched.
 */

const flow = 'ip saddr . udp sport . udp dport';
/** Longer than the kernel keeps an entry that nobody uses (nf_conntrack_udp_timeout_stream, 120 s): then the old one is gone. */
const rememberedFor = '3m';

/** Chain that a lane's chain goes on to when the flow leads to none of its tasks. */
export const moveFlowChain = 'move_flow';

/** Rule of a lane's chain: which tasks serve. */
export const liveRules = (addresses: readonly string[]): readonly string[] => [
  ...(addresses.length === 0 ? [] : [`ct reply ip saddr { ${addresses.join(', ')} } return`]),
  `jump ${moveFlowChain}`,
];

const block = (head: string, lines: readonly string[]): string => `  ${head} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;

/** Published UDP ports, in a base chain before the translation. */
const ours = 'meta l4proto udp fib daddr type local meta l4proto . th dport @held';

/**
 * Chains and the map of moved flows, to stand in the host's table.
 * @param supported whether the kernel has conntrack zones that rules can set; without it flows are left alone
 */
export const udpFlowChains = (supported: boolean): string => {
  if (!supported) return block(`chain ${moveFlowChain}`, []);
  return [
    block('map moved_flows', [`typeof ${flow} : ct zone`, 'flags dynamic,timeout', `timeout ${rememberedFor}`, 'size 65536']),
    block(`chain ${moveFlowChain}`, [
      `ct original zone 0 update @moved_flows { ${flow} : numgen random mod 65000 offset 1 } drop`,
      // It was moved before, and what it was moved to has ended as well: from the beginning.
      `delete @moved_flows { ${flow} : 0 } drop`,
    ]),
    block('chain flow_zone', [
      `ct original zone set ${flow} map @moved_flows`,
      // Of an element that is there this sets the time anew and nothing else.
      `ct original zone != 0 update @moved_flows { ${flow} : 1 }`,
    ]),
    ...(['prerouting', 'output'] as const).flatMap((hook) => [
      block(`chain flow_zone_${hook}`, [`type filter hook ${hook} priority -300; policy accept;`, `${ours} jump flow_zone`]),
      block(`chain flow_end_${hook}`, [
        `type filter hook ${hook} priority -150; policy accept;`,
        `${ours} ct direction original ct status dnat udp dport vmap @udp_lanes`,
      ]),
    ]),
  ].join('');
};

/** A table of all that `udpFlowChains` needs, to be checked by `nft --check` and never loaded. */
export const udpFlowProbe = (): string =>
  `table inet tso_probe {\n  set held { type inet_proto . inet_service; }\n  map udp_lanes { type inet_service : verdict; }\n${udpFlowChains(true)}}\n`;

/** A listing of the table without the flows that were moved: they come and go by themselves. */
export const withoutMovedFlows = (listing: string): string => listing.replace(/(map moved_flows \{[^{}]*?)\s*elements = \{[^{}]*\}/, '$1');
