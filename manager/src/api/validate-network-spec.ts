import type { Cidr, Cidr6, NetworkSpec, TsoError } from '@tso/proto';
import {
  blockSize,
  containsAddress,
  containsAddress6,
  containsBlock,
  containsBlock6,
  formatCidr,
  overlaps,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from '@tso/proto';
import { addressSpaceOf, gateway6Of, gatewayOf, spaceSize } from '../rules/address-space.ts';
import { isOverlay, networkDrivers } from '../rules/network-kinds.ts';
import { invalid } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** Options that a driver takes. Keys with a dot are other engines' own and mean nothing here. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  overlay: ['encrypted', 'mtu'],
  bridge: ['mtu'],
  macvlan: ['parent', 'mtu'],
};

const driverName = ({ driver }: NetworkSpec): string => (driver === '' ? 'overlay' : driver);

/** The least that IPv4 asks for (RFC 791), and the least that IPv6 does (RFC 8200, 5). */
const leastMtu = 68;
const leastMtu6 = 1_280;
const mostMtu = 65_535;
/** A device of Linux has a name of at most 15 characters, without blanks and slashes. */
const devicePattern = /^[^\s/]{1,15}$/;

const optionProblems = function* (at: string, spec: NetworkSpec): Problems {
  const driver = driverName(spec);
  const known = optionsOf[driver] ?? [];
  const { encrypted, mtu, parent } = spec.driverOpts;
  for (const key of Object.keys(spec.driverOpts)) {
    if (known.includes(key) || key.includes('.')) continue;
    if (key === 'encrypted')
      yield invalid(`${at}: encrypted is for the driver overlay, and this one is ${driver}`, 'Use overlay, or leave it out');
    else yield invalid(`${at}: the driver ${driver} has no option ${key}`, `It has ${known.join(', ')}`);
  }
  if (isOverlay(spec) && encrypted !== undefined && encrypted !== 'true' && encrypted !== 'false')
    yield invalid(`${at}: encrypted is "${encrypted}"`, 'Write "true" or "false"');
  if (mtu !== undefined) {
    const least = spec.enableIpv6 ? leastMtu6 : leastMtu;
    const isNumber = /^[0-9]{1,5}$/.test(mtu) && Number(mtu) >= least && Number(mtu) <= mostMtu;
    if (!isNumber) yield invalid(`${at}: mtu is "${mtu}"`, `Write a number of bytes from ${least} to ${mostMtu}`);
  }
  if (driver !== 'macvlan') return;
  if (parent === undefined || parent === '')
    yield invalid(`${at}: the driver macvlan needs a parent`, 'Name the device of the hosts: driver_opts: {parent: eth0}');
  else if (!devicePattern.test(parent)) yield invalid(`${at}: "${parent}" cannot be the name of a parent device`);
  if (spec.subnet === '')
    yield invalid(
      `${at}: the driver macvlan needs a subnet`,
      'Give ipam.config the subnet of the hosts’ network, and an ip_range of it that is free',
    );
};

const outside = (at: string, what: string, text: string, subnet: string): TsoError =>
  invalid(`${at}: ${what} ${text} is not in ${subnet}`, `Choose one of ${subnet}`);

const hostProblem = (at: string, what: string, text: string, subnet: Cidr): TsoError | undefined => {
  const address = parseIpv4(text);
  const within = formatCidr(subnet);
  if (address === undefined) return invalid(`${at}: ${what} "${text}" is not an IPv4 address`);
  if (!containsAddress(subnet, address)) return outside(at, what, text, within);
  const host = address - subnet.base;
  if (host === 0 || host === blockSize(subnet.prefix) - 1)
    return invalid(`${at}: ${what} ${text} is the network or broadcast address of ${within}`, 'Choose one between them');
  return undefined;
};

const host6Problem = (at: string, what: string, text: string, subnet: Cidr6, within: string): TsoError | undefined => {
  const address = parseIpv6(text);
  if (address === undefined) return invalid(`${at}: ${what} "${text}" is not an IPv6 address`);
  if (!containsAddress6(subnet, address)) return outside(at, what, text, within);
  return address === subnet.base ? invalid(`${at}: ${what} ${text} stands for all routers of ${within}`, 'Choose another one') : undefined;
};

/** Blocks that have a meaning of their own (RFC 6890): no host of a network is in them. Names of tasks are asked for by addresses of one link. */
const special4: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'no host'],
  ['127.0.0.0/8', 'the loopback'],
  ['169.254.0.0/16', 'one link'],
  ['224.0.0.0/4', 'groups'],
  ['240.0.0.0/4', 'nobody yet'],
];

const isSubnet = (subnet: Cidr | undefined): subnet is Cidr => subnet !== undefined && subnet.prefix >= 8 && subnet.prefix <= 29;

const ipv4Problems = function* (at: string, spec: NetworkSpec): Problems {
  if (spec.subnet === '') {
    for (const [what, said] of [
      ['a gateway without a subnet has', spec.gateway !== ''],
      ['an ip_range without a subnet has', spec.ipRange !== ''],
      ['reserved addresses without a subnet have', Object.values(spec.reserved).some((each) => parseIpv4(each) !== undefined)],
    ] as const)
      if (said) yield invalid(`${at}: ${what} no meaning`, 'Give ipam.config a subnet too, or leave it out');
    return;
  }
  const subnet = parseCidr(spec.subnet);
  if (!isSubnet(subnet)) {
    yield invalid(`${at}: "${spec.subnet}" is not an IPv4 subnet between /8 and /29`, 'Write it like 10.20.0.0/24');
    return;
  }
  const special = special4.find(([block]) => overlaps(parseCidr(block) ?? subnet, subnet));
  if (special !== undefined) {
    yield invalid(
      `${at}: subnet ${spec.subnet} has addresses of ${special[1]} (${special[0]})`,
      'Use one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, or leave it out to have one chosen',
    );
    return;
  }
  const gateway = spec.gateway === '' ? undefined : hostProblem(at, 'gateway', spec.gateway, subnet);
  if (gateway !== undefined) yield gateway;
  if (spec.ipRange === '') return;
  const range = parseCidr(spec.ipRange);
  if (range === undefined) yield invalid(`${at}: ip_range "${spec.ipRange}" is not an IPv4 block`, 'Write it like 10.20.0.128/25');
  else if (!containsBlock(subnet, range)) yield outside(at, 'ip_range', spec.ipRange, formatCidr(subnet));
};

/** Blocks that have a meaning of their own: what is on a network cannot be in them. */
const special6: readonly (readonly [string, string])[] = [
  ['fe80::/10', 'of one link (fe80::/10)'],
  ['ff00::/8', 'of groups (ff00::/8)'],
  ['::/8', 'reserved (::/8)'],
];

const subnet6Problem = (at: string, { subnet6 }: NetworkSpec, prefix4: number): TsoError | undefined => {
  const subnet = parseCidr6(subnet6);
  if (subnet === undefined || subnet.prefix < 16)
    return invalid(
      `${at}: "${subnet6}" is not an IPv6 subnet of /16 or smaller`,
      'Write it like fd00:1::/64, or leave it out to have one made',
    );
  if (128 - subnet.prefix < 32 - prefix4)
    return invalid(`${at}: ${subnet6} has room for fewer addresses than its IPv4 subnet, a /${prefix4}`, 'Give it a /64');
  const special = special6.find(([block]) => containsBlock6(parseCidr6(block) ?? subnet, subnet));
  return special === undefined
    ? undefined
    : invalid(`${at}: the addresses of ${subnet6} are ${special[1]}`, 'Use one of fd00::/8, or one that is yours');
};

const range6Problem = (at: string, { subnet6, ipRange6 }: NetworkSpec, subnet: Cidr6, prefix4: number): TsoError | undefined => {
  const range = parseCidr6(ipRange6);
  if (range === undefined) return invalid(`${at}: ip_range "${ipRange6}" is not an IPv6 block`, 'Write it like fd00:1::1:0/112');
  if (!containsBlock6(subnet, range)) return outside(at, 'ip_range', ipRange6, subnet6);
  if (128 - range.prefix < 32 - prefix4)
    return invalid(
      `${at}: ip_range ${ipRange6} has room for fewer addresses than the IPv4 subnet, a /${prefix4}`,
      `Make it /${96 + prefix4} or larger`,
    );
  return undefined;
};

const ipv6Problems = function* (at: string, spec: NetworkSpec, prefix4: number): Problems {
  const { subnet6, gateway6, ipRange6, enableIpv6 } = spec;
  if (!enableIpv6) {
    for (const text of [subnet6, gateway6, ipRange6].filter((each) => each !== ''))
      yield invalid(`${at}: ${text} is of IPv6, and the network has none`, 'Say enable_ipv6: true, or leave it out');
    return;
  }
  if (subnet6 === '') {
    for (const text of [gateway6, ipRange6].filter((each) => each !== ''))
      yield invalid(`${at}: ${text} without an IPv6 subnet has no meaning`, 'Give ipam.config the subnet too, or leave it out');
    return;
  }
  const bad = subnet6Problem(at, spec, prefix4);
  const subnet = parseCidr6(subnet6);
  if (bad !== undefined || subnet === undefined) {
    if (bad !== undefined) yield bad;
    return;
  }
  const gateway = gateway6 === '' ? undefined : host6Problem(at, 'gateway', gateway6, subnet, subnet6);
  if (gateway !== undefined) yield gateway;
  const range = ipRange6 === '' ? undefined : range6Problem(at, spec, subnet, prefix4);
  if (range !== undefined) yield range;
};

const reservedProblems = function* (at: string, spec: NetworkSpec): Problems {
  const subnet = parseCidr(spec.subnet);
  const subnet6 = parseCidr6(spec.subnet6);
  for (const [name, text] of Object.entries(spec.reserved)) {
    const what = `reserved address (${name})`;
    if (text === spec.gateway || (parseIpv6(text) !== undefined && parseIpv6(text) === parseIpv6(spec.gateway6))) {
      yield invalid(`${at}: ${what} ${text} is the gateway`, 'Reserve another one; the gateway is never given out');
      continue;
    }
    const is6 = parseIpv6(text) !== undefined;
    if (is6 && subnet6 === undefined) yield invalid(`${at}: ${what} ${text} is of IPv6, and no IPv6 subnet was given`);
    const problem = is6
      ? subnet6 && host6Problem(at, what, text, subnet6, spec.subnet6)
      : subnet !== undefined || spec.subnet !== ''
        ? subnet && hostProblem(at, what, text, subnet)
        : parseIpv4(text) === undefined
          ? invalid(`${at}: ${what} "${text}" is not an address`)
          : undefined;
    if (problem !== undefined) yield problem;
  }
};

const emptySpaceProblem = function* (at: string, spec: NetworkSpec): Problems {
  const subnet = parseCidr(spec.subnet);
  if (!isSubnet(subnet)) return;
  const subnet6 = spec.enableIpv6 ? parseCidr6(spec.subnet6) : undefined;
  const space = addressSpaceOf({
    spec,
    subnet: spec.subnet,
    gateway: gatewayOf(spec, subnet),
    subnet6: subnet6 === undefined ? '' : spec.subnet6,
    gateway6: subnet6 === undefined ? '' : gateway6Of(spec, subnet6),
  });
  if (space === undefined || spaceSize(space) > 0) return;
  yield invalid(`${at}: no address is left to give out in ${spec.ipRange || spec.subnet}`, 'Widen ip_range, or reserve fewer addresses');
};

/**
 * What is wrong with a network by itself: driver, options, subnets, gateways, ranges, reserved addresses.
 * @param defaultPrefix of the IPv4 subnet when none is given
 */
export const networkSpecProblems = function* (spec: NetworkSpec, defaultPrefix: number): Problems {
  const at = `network ${spec.name}`;
  const driver = driverName(spec);
  if (!networkDrivers.includes(driver)) {
    yield invalid(
      `${at}: there is no network driver ${driver}`,
      `Use ${networkDrivers.join(', ')}; a service is on its host's network, or on none, by network_mode`,
    );
    return;
  }
  yield* optionProblems(at, spec);
  const problems = [
    ...ipv4Problems(at, spec),
    ...ipv6Problems(at, spec, parseCidr(spec.subnet)?.prefix ?? defaultPrefix),
    ...reservedProblems(at, spec),
  ];
  yield* problems;
  if (problems.length === 0) yield* emptySpaceProblem(at, spec);
};
