/** A network device of the host. */
export interface DeviceFacts {
  readonly name: string;
  readonly mtu: number;
  /** IPv4, without the prefix length. */
  readonly addresses: readonly string[];
}

export interface RouteFacts {
  /** CIDR, an address, or `default`. */
  readonly destination: string;
  readonly device: string;
  /** Number or name of the routing protocol that put it there. */
  readonly protocol: string;
}

/** What was seen of a host's network: values only. */
export interface NetworkFacts {
  /** Whether nft and the kernel take a rule of that kind (`ruleKinds`), tried in a namespace that is gone afterwards; undefined: could not be tried. */
  readonly rules: Readonly<Record<string, boolean | undefined>>;
  /** Whether the kernel makes WireGuard devices; undefined: could not be tried. */
  readonly wireguard: boolean | undefined;
  /** /proc/sys/net/ipv6/conf/all/disable_ipv6; undefined: the kernel has no IPv6. */
  readonly ipv6Disabled: string | undefined;
  /** Whether connections are tracked here, and those of SCTP too. */
  readonly conntrack: boolean;
  readonly sctpConntrack: boolean;
  /** `family table/chain` of others, which drop what passes through the host unless a rule lets it; undefined: could not be read. */
  readonly forwardDrops: readonly string[] | undefined;
  readonly devices: readonly DeviceFacts[];
  readonly routes: readonly RouteFacts[];
}

/** Kinds of rules that our tables have, and what is missing where one is not taken: `must` means that no network can be made. */
export const ruleKinds = {
  numgen: {
    need: 'must',
    without: 'connections cannot be spread over the tasks of a service',
    text: 'table inet p { chain c { type nat hook output priority -100; ip daddr 192.0.2.1 dnat ip to numgen random mod 2 map { 0 : 192.0.2.2, 1 : 192.0.2.3 }; }; }',
    module: 'nft_numgen',
  },
  masquerade: {
    need: 'must',
    without: 'containers reach nothing outside',
    text: 'table inet p { chain c { type nat hook postrouting priority 100; ip saddr 192.0.2.0/24 masquerade; }; }',
    module: 'nft_masq',
  },
  fib: {
    need: 'must',
    without: 'published ports cannot be told from what passes through',
    text: 'table inet p { chain c { type filter hook prerouting priority -300; fib daddr type local accept; }; }',
    module: 'nft_fib_inet',
  },
  reject: {
    need: 'must',
    without: 'a port without a task cannot be refused',
    text: 'table inet p { chain c { type filter hook input priority 0; meta l4proto tcp reject with tcp reset; }; }',
    module: 'nft_reject_inet',
  },
  jhash: {
    need: 'may',
    without: 'x-tso-affinity cannot be kept',
    text: 'table inet p { chain c { type nat hook output priority -100; ip daddr 192.0.2.1 dnat ip to jhash ip saddr mod 2 seed 0x1 map { 0 : 192.0.2.2, 1 : 192.0.2.3 }; }; }',
    module: 'nft_hash',
  },
  egress: {
    need: 'may',
    without: "a container with the capability NET_RAW could send in another's name",
    text: 'table netdev p { chain c { type filter hook egress device "lo" priority 0; }; }',
    module: '',
  },
  zones: {
    need: 'may',
    without: 'a UDP client that goes on sending waits two minutes for another task when its own has ended',
    text: 'table inet p { chain c { type filter hook prerouting priority -300; ct original zone set 1; }; }',
    module: '',
  },
} as const satisfies Readonly<
  Record<string, { readonly need: 'must' | 'may'; readonly without: string; readonly text: string; readonly module: string }>
>;

export type RuleKind = keyof typeof ruleKinds;
