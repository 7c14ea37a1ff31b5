/** An interface of a task, resolved: whatever is needed to make it again without asking the manager. */
export interface Attachment {
  readonly networkId: string;
  readonly networkName: string;
  readonly vni: number;
  /** The device of the host that the interface lies on. */
  readonly lower: string;
  /** What the spec says, else `eth0`, `eth1`… in the order of the task's networks. */
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly mac: string;
  /** Empty: the network has none. */
  readonly gateway: string;
  readonly internal: boolean;
  /** Carries published ports only: never the way out. */
  readonly ingress: boolean;
  /** The host itself answers names on its gateway. */
  readonly resolves: boolean;
  /** Empty: no IPv6 on this network. */
  readonly address6: string;
  readonly prefixLength6: number;
  readonly gateway6: string;
  /** Addresses more, of either family, that only its neighbours on this host can reach: nobody is told of them. Absent: none. */
  readonly linkLocals?: readonly string[];
}

/** Of one family. */
export const linkLocalsOf = ({ linkLocals = [] }: Attachment, family: 4 | 6): readonly string[] =>
  linkLocals.filter((address) => address.includes(':') === (family === 6));

/** Marks a datagram whose translation is to be forgotten: see task-rules.ts. The number is of no meaning outside the task's namespace. */
export const forgetMark = 0x7450;
const forgetTable = 90;
const forgetPreference = 90;
const firstTable = 100;
const firstPreference = 100;

/**
 * What an interface is called until it has its name, where that is needed. Older kernels (6.1 of Debian 12 is one) want a name that no device of the
 * namespace has that asks for it, though it is made in another ("File exists"): a host with an eth0 could give none to a task.
 */
const nameless = (index: number): string => `tso-eth${index}`;

/**
 * Lines for `ip -batch` in the host's namespace: each interface is made straight inside the task's namespace, with its own name or one that
 * `taskNameLines` replaces.
 */
export const taskLinkLines = (attachments: readonly Attachment[], namespaceFile: string, named: boolean): readonly string[] =>
  attachments.map(
    ({ lower, device, mac }, index) =>
      `link add link ${lower} name ${named ? device : nameless(index)} address ${mac} netns "${namespaceFile}" type macvlan mode bridge`,
  );

/** Lines for `ip -batch` inside the task's namespace, after those: they get their names. */
export const taskNameLines = (attachments: readonly Attachment[]): readonly string[] =>
  attachments.map(({ device }, index) => `link set dev ${nameless(index)} name ${device}`);

/** The one whose gateway is the default route: the first that leads out; the manager sorts them by priority. */
export const defaultAttachment = (attachments: readonly Attachment[]): Attachment | undefined =>
  attachments.find(({ internal, ingress, gateway }) => !internal && !ingress && gateway !== '');

const defaultAttachment6 = (attachments: readonly Attachment[]): Attachment | undefined =>
  attachments.find(({ internal, ingress, gateway6, address6 }) => !internal && !ingress && gateway6 !== '' && address6 !== '');

/** Something that a namespace is to have: how it is told among what is there, and the line of `ip` that makes it. */
export interface WishedItem {
  readonly key: string;
  readonly line: string;
}

/** All that the interfaces of a task are to have, in the order in which it is made. */
export interface InterfaceWish {
  /** `DEVICE ADDRESS/PREFIX` */
  readonly addresses: readonly WishedItem[];
  /** `TABLE DESTINATION GATEWAY DEVICE` */
  readonly routes: readonly WishedItem[];
  /** The preference. */
  readonly rules: readonly WishedItem[];
  /** The same of IPv6, for `ip -6`: a rule does not tell its family by itself. */
  readonly rules6: readonly WishedItem[];
}

interface Way {
  readonly device: string;
  readonly address: string;
  readonly gateway: string;
}

const waysOf = (attachments: readonly Attachment[]): readonly Way[] => {
  const chosen = defaultAttachment(attachments);
  return attachments.filter((attachment) => !attachment.internal && attachment !== chosen && attachment.gateway !== '');
};

const waysOf6 = (attachments: readonly Attachment[]): readonly Way[] => {
  const chosen = defaultAttachment6(attachments);
  return attachments
    .filter((attachment) => !attachment.internal && attachment !== chosen && attachment.gateway6 !== '' && attachment.address6 !== '')
    .map(({ device, address6, gateway6 }) => ({ device, address: address6, gateway: gateway6 }));
};

export const hasIpv6 = (attachments: readonly Attachment[]): boolean =>
  attachments.some((one) => one.address6 !== '' || linkLocalsOf(one, 6).length > 0);

const rule = (preference: number, what: string, source = ''): WishedItem => ({
  key: String(preference),
  line: `rule add ${source}pref ${preference} ${what}`,
});

const route = (destination: string, gateway: string, device: string, table: number | 'main'): WishedItem => ({
  key: `${table} default ${gateway} ${device}`,
  line: `route replace ${destination}${gateway === '' ? '' : ` via ${gateway}`} dev ${device}${table === 'main' ? '' : ` table ${table}`}`,
});

/**
 * Answers leave by the network that was asked, so that a published port works on each network: routing by source address for all that is
 * not on a network of the task itself (ip-rule(8), suppress_prefixlength: routes of the main table except the default). And datagrams whose
 * translation is to be forgotten go to another device than the one they were translated for.
 */
const rulesOf = (ways: readonly Way[], source: string): readonly WishedItem[] => [
  rule(forgetPreference, `fwmark 0x${forgetMark.toString(16)} lookup ${forgetTable}`, source),
  ...(ways.length === 0 ? [] : [rule(firstPreference, 'lookup main suppress_prefixlength 0', source)]),
  ...ways.map(({ address }, index) => rule(firstPreference + 1 + index, `from ${address} lookup ${firstTable + index}`)),
];

const routesOf = (ways: readonly Way[]): readonly WishedItem[] =>
  ways.map(({ gateway, device }, index) => route('default', gateway, device, firstTable + index));

const linkLocalItem = (device: string, address: string): WishedItem =>
  address.includes(':')
    ? { key: `${device} ${address}/64`, line: `address replace ${address}/64 dev ${device} nodad` }
    : { key: `${device} ${address}/16`, line: `address replace ${address}/16 brd + dev ${device} scope link` };

const addressesOf = ({ device, address, prefixLength, address6, prefixLength6, linkLocals = [] }: Attachment): readonly WishedItem[] => [
  { key: `${device} ${address}/${prefixLength}`, line: `address replace ${address}/${prefixLength} brd + dev ${device}` },
  ...(address6 === ''
    ? []
    : [{ key: `${device} ${address6}/${prefixLength6}`, line: `address replace ${address6}/${prefixLength6} dev ${device} nodad` }]),
  ...linkLocals.map((one) => linkLocalItem(device, one)),
];

/** What the namespace of a task with these attachments is to have. */
export const interfaceWish = (attachments: readonly Attachment[]): InterfaceWish => {
  if (attachments.length === 0) return { addresses: [], routes: [], rules: [], rules6: [] };
  const chosen = defaultAttachment(attachments);
  const chosen6 = defaultAttachment6(attachments);
  const ways = waysOf(attachments);
  const ways6 = waysOf6(attachments);
  const six = hasIpv6(attachments);
  return {
    addresses: attachments.flatMap(addressesOf),
    routes: [
      ...(chosen === undefined ? [] : [route('default', chosen.gateway, chosen.device, 'main')]),
      ...(chosen6 === undefined ? [] : [route('default', chosen6.gateway6, chosen6.device, 'main')]),
      route('default', '', 'lo', forgetTable),
      // The same key: both are there, or both are made again. Only as a local route, since any other to the loopback is one that refuses with IPv6.
      ...(six ? [route('local ::/0', '', 'lo', forgetTable)] : []),
      ...routesOf(ways),
      ...routesOf(ways6),
    ],
    rules: rulesOf(ways, ''),
    rules6: six ? rulesOf(ways6, 'from ::/0 ') : [],
  };
};

const linesOf = (items: readonly WishedItem[]): readonly string[] => items.map(({ line }) => line);

/** Lines for `ip -batch` inside the task's namespace: addresses of both families, devices up, routes of both, and rules of IPv4. */
export const taskAddressLines = (attachments: readonly Attachment[]): readonly string[] => {
  const wish = interfaceWish(attachments);
  return [
    'link set dev lo up',
    // Before it is up: the kernel would give it an IPv6 address of its own, and look for the same one elsewhere for a second.
    ...attachments.map(({ device }) => `link set dev ${device} addrgenmode none`),
    ...linesOf(wish.addresses),
    ...attachments.map(({ device }) => `link set dev ${device} up`),
    ...linesOf(wish.routes),
    ...linesOf(wish.rules),
  ];
};

/** Lines for `ip -6 -batch` inside the task's namespace; empty without IPv6. */
export const taskRuleLines6 = (attachments: readonly Attachment[]): readonly string[] => linesOf(interfaceWish(attachments).rules6);

/** Lines for `ip -batch` (with `six` for `ip -6 -batch`) that leave the kernel's own rules alone. */
export const clearRuleLines = (six: boolean): readonly string[] => [
  'rule flush',
  'rule add lookup main pref 32766',
  ...(six ? [] : ['rule add lookup default pref 32767']),
];

/**
 * Sysctls of a task's namespace, by path below /proc/sys: 127.0.0.11 is translated (route_localnet); a user other than root may listen on
 * port 80 and ping, as images expect; IPv6 is only on the loopback unless a network has it, and nobody announces routes here.
 */
export const taskSysctls = (attachments: readonly Attachment[]): readonly (readonly [path: string, value: string])[] => [
  ['net/ipv4/conf/all/route_localnet', '1'],
  ['net/ipv4/ip_unprivileged_port_start', '0'],
  ['net/ipv4/ping_group_range', '0 2147483647'],
  ['net/ipv6/conf/default/disable_ipv6', hasIpv6(attachments) ? '0' : '1'],
  ['net/ipv6/conf/default/accept_ra', '0'],
  ['net/ipv6/conf/default/autoconf', '0'],
  ['net/ipv6/conf/default/accept_dad', '0'],
];
