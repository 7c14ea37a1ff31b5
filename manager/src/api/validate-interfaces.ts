import {
  containsAddress,
  containsAddress6,
  deviceNameForm,
  isDeviceName,
  linkLocalOf,
  type NetworkAttachmentSpec,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  type ServiceSpec,
  type TsoError,
} from '@tso/proto';
import { mayHaveSeveral } from '../rules/jobs.ts';
import { asOneTask, duplicates, invalid } from './validate-shared.ts';

const mostLinkLocals = 16;

/** What a network gives out; its subnets empty while nothing is decided. */
export interface GivenOut {
  readonly name: string;
  readonly subnet: string;
  readonly subnet6: string;
}

const isOneOf = (network: GivenOut, text: string): boolean => {
  const [v4, v6] = [parseIpv4(text), parseIpv6(text)];
  const [subnet, subnet6] = [parseCidr(network.subnet), parseCidr6(network.subnet6)];
  if (v4 !== undefined) return subnet !== undefined && containsAddress(subnet, v4);
  return v6 !== undefined && subnet6 !== undefined && containsAddress6(subnet6, v6);
};

/** What is wrong with the device that a service's tasks are to have on a network, and with the addresses that they bring along. */
export const interfaceProblems = function* (
  at: string,
  spec: ServiceSpec,
  network: GivenOut,
  { interfaceName, linkLocalIps }: NetworkAttachmentSpec,
): Iterable<TsoError> {
  if (interfaceName !== '' && !isDeviceName(interfaceName))
    yield invalid(`${at}: "${interfaceName}" cannot be the name of a network device`, `Write ${deviceNameForm}`);
  if (linkLocalIps.length > mostLinkLocals)
    yield invalid(`${at}: ${linkLocalIps.length} link-local addresses are more than the ${mostLinkLocals} a task may have on a network`);
  if (linkLocalIps.length > 0 && mayHaveSeveral(spec))
    yield invalid(`${at}: link_local_ips cannot be given to several tasks`, `Leave link_local_ips out, or ${asOneTask(spec)}`);
  for (const address of duplicates(linkLocalIps)) yield invalid(`${at}: the link-local address ${address} is given twice`);
  for (const text of linkLocalIps) {
    if (parseIpv4(text) === undefined && parseIpv6(text) === undefined)
      yield invalid(`${at}: "${text}" is not an address`, 'Write one like 169.254.8.8');
    else if (isOneOf(network, text))
      yield invalid(
        `${at}: ${text} is an address that network ${network.name} gives out itself`,
        'Ask for it by ipv4_address or ipv6_address',
      );
    else if (linkLocalOf(text) === undefined)
      yield invalid(`${at}: ${text} is not a link-local address`, 'They begin with 169.254. or with fe80:');
  }
};
