import {
  blockSize,
  containsAddress,
  containsAddress6,
  containsBlock,
  containsBlock6,
  formatCidr,
  formatCidr6,
  type NetworkSpec,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from '@tso/proto';
import type { NetworkModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

/** Subnets, ranges, gateways and reserved addresses of networks, checked where they are written. */

/** A block of either family. */
export interface Block {
  readonly family: 4 | 6;
  /** As it is to be written, host bits cleared. */
  readonly text: string;
  /** Whether the address, or all of the block, lies in it and can be somebody's own there. */
  holds(text: string): boolean;
}

/** The block that the text says; undefined: it says none. */
export const blockOf = (text: string): Block | undefined => {
  const four = parseCidr(text);
  if (four !== undefined) {
    const last = four.base + blockSize(four.prefix) - 1;
    const holds = (inner: string): boolean => {
      const block = parseCidr(inner);
      if (block !== undefined) return containsBlock(four, block);
      const address = parseIpv4(inner);
      // The first one names the network, the last one means everybody.
      return address !== undefined && containsAddress(four, address) && address !== four.base && address !== last;
    };
    return { family: 4, text: formatCidr(four), holds };
  }
  const six = parseCidr6(text);
  if (six === undefined) return undefined;
  const holds = (inner: string): boolean => {
    const block = parseCidr6(inner);
    if (block !== undefined) return containsBlock6(six, block);
    const address = parseIpv6(inner);
    return address !== undefined && containsAddress6(six, address) && address !== six.base;
  };
  return { family: 6, text: formatCidr6(six), holds };
};

export const familyOf = (address: string): 4 | 6 | undefined =>
  parseIpv4(address) !== undefined ? 4 : parseIpv6(address) === undefined ? undefined : 6;

type Ipam = Pick<NetworkSpec, 'subnet' | 'subnet6' | 'gateway' | 'gateway6' | 'ipRange' | 'ipRange6' | 'reserved'>;
type Config = NonNullable<NonNullable<NetworkModel['ipam']>['config']>[number];

const noIpam: Ipam = { subnet: '', subnet6: '', gateway: '', gateway6: '', ipRange: '', ipRange6: '', reserved: {} };

/** The text, if it is an address that the subnet has; else '', and told. */
const within = (input: ConvertInput, subnet: Block, text: string | undefined, what: string, path: TreePath): string => {
  if (text === undefined || text === '') return '';
  if (familyOf(text) === undefined) {
    tell(input, 'E202', path, `'${text}' is not an IP address`, 'write an address without a prefix');
    return '';
  }
  if (subnet.holds(text)) return text;
  tell(
    input,
    'E304',
    path,
    `the ${what} ${text} is no address that a host can have in the subnet ${subnet.text}`,
    'write one of that subnet',
  );
  return '';
};

const rangeWithin = (input: ConvertInput, subnet: Block, text: string | undefined, path: TreePath): string => {
  if (text === undefined || text === '') return '';
  const range = blockOf(text);
  if (range === undefined) {
    tell(input, 'E202', path, `'${text}' is not a range of addresses`, 'write one like 10.20.0.128/25');
    return '';
  }
  if (subnet.holds(range.text)) return range.text;
  tell(input, 'E304', path, `the ip_range ${text} is not inside the subnet ${subnet.text}`, 'write a part of that subnet');
  return '';
};

const toReserved = (input: ConvertInput, subnet: Block, config: Config, path: TreePath): Readonly<Record<string, string>> => {
  const at = (host: string): TreePath => [...path, 'aux_addresses', host];
  const all = Object.entries(config.aux_addresses ?? {});
  return Object.fromEntries(
    all.flatMap(([host, address]) => {
      const found = within(input, subnet, address, `reserved address of ${host}`, at(host));
      return found === '' ? [] : [[host, found] as const];
    }),
  );
};

const checkWithoutSubnet = (input: ConvertInput, config: Config, key: string, path: TreePath): void => {
  for (const said of ['gateway', 'ip_range', 'aux_addresses'] as const) {
    if (config[said] === undefined || config[said] === '') continue;
    tell(input, 'E306', [...path, said], `${said} of the network ${key} needs a subnet beside it`, 'add subnet: 10.20.0.0/24');
  }
};

/** Prefixes of IPv4 subnets: from all of 10.0.0.0/8 to six hosts. */
const largestSubnet = 8;
const smallestSubnet = 29;

const subnetOf = (input: ConvertInput, config: Config, path: TreePath): Block | undefined => {
  const at = [...path, 'subnet'];
  const subnet = blockOf(config.subnet ?? '');
  if (subnet === undefined) {
    tell(input, 'E202', at, `'${config.subnet}' is not a subnet`, 'write one like 10.20.0.0/24 or fd00:20::/64');
    return undefined;
  }
  const [said = '', prefix = ''] = config.subnet?.split('/') ?? [];
  if (subnet.family === 4 && (Number(prefix) < largestSubnet || Number(prefix) > smallestSubnet)) {
    tell(input, 'E402', at, `a network cannot have the subnet ${subnet.text}`, `use one from /${largestSubnet} to /${smallestSubnet}`);
    return undefined;
  }
  const isNetwork =
    subnet.family === 4 ? said === subnet.text.split('/')[0] : parseIpv6(said) === parseIpv6(subnet.text.split('/')[0] ?? '');
  if (!isNetwork) tell(input, 'W401', at, `the subnet ${config.subnet} is taken as ${subnet.text}`, `write ${subnet.text}`);
  return subnet;
};

/** What the file says of a network's addresses: one subnet of each family (E202, E304, E306, E401, W401). */
export const toIpam = (input: ConvertInput, network: NetworkModel, key: string): Ipam => {
  const path = ['networks', key, 'ipam', 'config'];
  let ipam = noIpam;
  for (const [index, config] of (network.ipam?.config ?? []).entries()) {
    const at = [...path, index];
    if (config.subnet === undefined || config.subnet === '') {
      checkWithoutSubnet(input, config, key, at);
      continue;
    }
    const subnet = subnetOf(input, config, at);
    if (subnet === undefined) continue;
    if ((subnet.family === 4 ? ipam.subnet : ipam.subnet6) !== '') {
      const message = `a second IPv${subnet.family} subnet for one network is not supported yet (networks.${key})`;
      tell(input, 'E401', [...at, 'subnet'], message, 'keep one, and a larger one if addresses are short');
      continue;
    }
    if (subnet.family === 6 && network.enable_ipv6 !== true) {
      const message = `the network ${key} has the IPv6 subnet ${subnet.text}, and IPv6 is not enabled on it`;
      tell(input, 'E304', [...at, 'subnet'], message, 'add enable_ipv6: true, or remove the subnet');
    }
    const gateway = within(input, subnet, config.gateway, 'gateway', [...at, 'gateway']);
    const range = rangeWithin(input, subnet, config.ip_range, [...at, 'ip_range']);
    const reserved = { ...ipam.reserved, ...toReserved(input, subnet, config, at) };
    ipam =
      subnet.family === 4
        ? { ...ipam, subnet: subnet.text, gateway, ipRange: range, reserved }
        : { ...ipam, subnet6: subnet.text, gateway6: gateway, ipRange6: range, reserved };
  }
  return ipam;
};
