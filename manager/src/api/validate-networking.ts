import type { Network, NetworkAttachmentSpec, NetworkSpec, PortConfig, ServiceSpec, StackSpec, TsoError } from '@tso/proto';
import {
  containsAddress,
  EndpointMode,
  formatIpv4,
  isIpAddress,
  macOf,
  PublishMode,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
} from '@tso/proto';
import { type AddressSpace, addressSpaceOf, gateway6Of, gatewayOf, unusable, unusable6 } from '../rules/address-space.ts';
import { mayHaveSeveral } from '../rules/jobs.ts';
import type { View } from '../store/view.ts';
import { interfaceProblems } from './validate-interfaces.ts';
import { asOneTask, duplicates, invalid } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** What can be given out of a network that the stack names: of one that is there what was decided, of a new one what is said. */
const spaceFor = (view: View, spec: NetworkSpec): AddressSpace | undefined => {
  const there = view.networkByName(spec.name);
  if (there !== undefined && there.subnet !== '') return addressSpaceOf(there);
  const subnet = parseCidr(spec.subnet);
  if (subnet === undefined) return undefined;
  const subnet6 = spec.enableIpv6 ? parseCidr6(spec.subnet6) : undefined;
  const addresses: Pick<Network, 'subnet' | 'gateway' | 'subnet6' | 'gateway6'> = {
    subnet: spec.subnet,
    gateway: gatewayOf(spec, subnet),
    subnet6: subnet6 === undefined ? '' : spec.subnet6,
    gateway6: subnet6 === undefined ? '' : gateway6Of(spec, subnet6),
  };
  return addressSpaceOf({ spec, ...addresses });
};

const subnetText = (view: View, spec: NetworkSpec): string => view.networkByName(spec.name)?.subnet || spec.subnet;
const subnet6Text = (view: View, spec: NetworkSpec): string => view.networkByName(spec.name)?.subnet6 || spec.subnet6;

const whyNot = {
  outside: (network: string, subnet: string) => `is outside ${subnet} of network ${network}`,
  network: (network: string, subnet: string) => `is the network or broadcast address of ${subnet} of network ${network}`,
  withheld: (network: string) => `is the gateway of network ${network}, or reserved there`,
} as const;

const ipv4Problem = (view: View, at: string, network: NetworkSpec, text: string): TsoError | undefined => {
  const { name } = network;
  const address = parseIpv4(text);
  if (address === undefined) return invalid(`${at}: "${text}" is not an IPv4 address`);
  const space = spaceFor(view, network);
  if (space === undefined)
    return invalid(`${at}: ipv4_address ${text} needs a subnet of network ${name}`, `Give networks.${name}.ipam.config a subnet`);
  const why = unusable(space, address);
  return why === undefined
    ? undefined
    : invalid(`${at}: ipv4_address ${text} ${whyNot[why](name, subnetText(view, network))}`, 'Choose another one');
};

const ipv6Problem = (view: View, at: string, network: NetworkSpec, text: string): TsoError | undefined => {
  const { name } = network;
  const address = parseIpv6(text);
  if (address === undefined) return invalid(`${at}: "${text}" is not an IPv6 address`);
  const there = view.networkByName(name);
  if (!(there?.spec.enableIpv6 ?? network.enableIpv6))
    return invalid(`${at}: ipv6_address ${text}, and network ${name} has no IPv6`, `Say networks.${name}.enable_ipv6: true`);
  const space = spaceFor(view, network);
  if (space?.subnet6 === undefined)
    return invalid(`${at}: ipv6_address ${text} needs an IPv6 subnet of network ${name}`, `Give networks.${name}.ipam.config one`);
  const why = unusable6(space, address);
  return why === undefined
    ? undefined
    : invalid(`${at}: ipv6_address ${text} ${whyNot[why](name, subnet6Text(view, network))}`, 'Choose another one');
};

/** The address whose task, gateway or host has that MAC; undefined: nobody's. */
const addressOfMac = (mac: string): number | undefined =>
  /^02:4[23]:/.test(mac) ? Number.parseInt(mac.slice('02:42:'.length).replaceAll(':', ''), 16) : undefined;

/** Frames for another would come to whoever has the same MAC. */
const macProblem = (view: View, at: string, network: NetworkSpec, attachment: NetworkAttachmentSpec): TsoError | undefined => {
  const { macAddress, ipv4Address } = attachment;
  const mac = macAddress.toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return invalid(`${at}: "${macAddress}" is not a MAC address`);
  if ((Number.parseInt(mac.slice(0, 2), 16) & 1) === 1)
    return invalid(`${at}: MAC address ${macAddress} is one of a group, not of one host`, 'Choose one whose first byte is even');
  const address = addressOfMac(mac);
  const own = parseIpv4(ipv4Address);
  if (address === undefined || (own !== undefined && mac === macOf(own))) return undefined;
  const space = parseCidr(subnetText(view, network) || (view.cluster()?.addressPool ?? ''));
  if (space === undefined || !containsAddress(space, address)) return undefined;
  return invalid(
    `${at}: MAC address ${mac} goes with the address ${formatIpv4(address)}`,
    own === undefined
      ? 'Choose one that does not begin with 02:42, or give the service that ipv4_address'
      : `Choose another one, or ${macOf(own)}`,
  );
};

const attachmentProblems = function* (
  view: View,
  stack: StackSpec,
  at: string,
  spec: ServiceSpec,
  attachment: NetworkAttachmentSpec,
): Problems {
  const { ipv4Address, ipv6Address, macAddress } = attachment;
  const network = stack.networks.find((each) => each.name === attachment.network);
  if (network === undefined) {
    yield invalid(`${at}: network ${attachment.network} is not among the stack's networks`);
    return;
  }
  const problems = [
    ipv4Address === '' ? undefined : ipv4Problem(view, at, network, ipv4Address),
    ipv6Address === '' ? undefined : ipv6Problem(view, at, network, ipv6Address),
    macAddress === '' ? undefined : macProblem(view, at, network, attachment),
  ];
  for (const problem of problems) if (problem !== undefined) yield problem;
  yield* interfaceProblems(
    at,
    spec,
    { name: network.name, subnet: subnetText(view, network), subnet6: subnet6Text(view, network) },
    attachment,
  );
  if (!mayHaveSeveral(spec)) return;
  for (const [word, value] of [
    ['ipv4_address', ipv4Address],
    ['ipv6_address', ipv6Address],
    ['mac_address', macAddress],
  ] as const)
    if (value !== '') yield invalid(`${at}: one ${word} cannot be given to several tasks`, `Leave ${word} out, or ${asOneTask(spec)}`);
};

const modePattern = /^(?:service|container):./;

const networkModeProblems = function* (at: string, { task, ports }: ServiceSpec): Problems {
  const { networkMode, networks } = task;
  if (networkMode === '') return;
  if (networkMode !== 'host' && networkMode !== 'none' && !modePattern.test(networkMode))
    yield invalid(`${at}: network_mode "${networkMode}" is not known`, 'Use host, none, service:NAME or container:NAME');
  if (networks.length > 0) yield invalid(`${at}: network_mode ${networkMode} and networks exclude each other`, 'Leave one of them out');
  if (ports.length === 0) return;
  const other = modePattern.test(networkMode)
    ? `Publish them with ${networkMode.replace(':', ' ')}, whose network this one is on`
    : 'Leave the ports out';
  yield invalid(`${at}: ports cannot be published with network_mode ${networkMode}`, other);
};

const portProblems = function* (at: string, { target, published, hostIp, mode, onlyLocal, rangeFrom, rangeTo }: PortConfig): Problems {
  if (target < 1 || target > 65_535 || published > 65_535 || rangeTo > 65_535)
    yield invalid(
      `${at}: port ${target} published as ${published || (rangeTo === 0 ? 0 : `${rangeFrom}-${rangeTo}`)} is out of range`,
      'Ports go from 1 to 65535',
    );
  if (rangeTo !== 0 && published === 0 && (rangeFrom < 1 || rangeFrom > rangeTo))
    yield invalid(`${at}: the range ${rangeFrom}-${rangeTo} for port ${target} has no port in it`, 'Write the lower port first');
  if (hostIp !== '' && !isIpAddress(hostIp)) yield invalid(`${at}: "${hostIp}" is not an address to publish on`);
  if (onlyLocal && mode !== PublishMode.INGRESS)
    yield invalid(
      `${at}: port ${target} is published in mode host, which answers only where a task is anyway`,
      'Leave x-tso-ingress out, or publish it in mode ingress',
    );
};

const longestDrainMs = 60 * 60 * 1_000;

const balancingProblems = function* (at: string, { endpointMode, affinity, drainMs }: ServiceSpec): Problems {
  if (affinity && endpointMode === EndpointMode.DNSRR)
    yield invalid(
      `${at}: affinity needs a virtual address, and endpoint_mode dnsrr has none: clients choose among the tasks' addresses themselves`,
      'Use endpoint_mode vip, or leave affinity out',
    );
  if (drainMs !== undefined && (drainMs < 0 || drainMs > longestDrainMs))
    yield invalid(`${at}: a drain time of ${drainMs} ms is out of range`, 'It goes from 0 to one hour');
};

/** What is wrong with how a service is on networks, by itself and on those networks. */
export const networkingProblems = function* (view: View, stack: StackSpec, at: string, spec: ServiceSpec): Problems {
  const { networks } = spec.task;
  yield* networkModeProblems(at, spec);
  for (const name of duplicates(networks.map((each) => each.network))) yield invalid(`${at}: network ${name} is given twice`);
  for (const name of duplicates(networks.map((each) => each.interfaceName)))
    yield invalid(`${at}: two of its networks have the device ${name}`, 'Give one of them another name');
  for (const attachment of networks) yield* attachmentProblems(view, stack, at, spec, attachment);
  for (const port of spec.ports) yield* portProblems(at, port);
  yield* balancingProblems(at, spec);
};
