import type { ServiceSpec, StackSpec } from '@tso/proto';
import { formatIpv6, parseIpv6, TsoError } from '@tso/proto';
import { networkModeTarget, sharedNetworkCycle } from '../rules/network-mode.ts';
import type { View } from '../store/view.ts';
import { duplicates, invalid } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

interface FixedAddress {
  /** `network address`, the address as it is compared. */
  readonly key: string;
  readonly network: string;
  readonly address: string;
  readonly word: string;
  readonly service: string;
}

const canonical = (address: string): string => {
  const number = parseIpv6(address);
  return number === undefined ? address.toLowerCase() : formatIpv6(number);
};

const fixedAddresses = (services: readonly ServiceSpec[]): readonly FixedAddress[] =>
  services.flatMap((service) =>
    service.task.networks.flatMap(({ network, ipv4Address, ipv6Address, macAddress }) =>
      [
        { word: 'ipv4_address', address: ipv4Address },
        { word: 'ipv6_address', address: ipv6Address },
        { word: 'mac_address', address: macAddress },
      ]
        .filter(({ address }) => address !== '')
        .map(({ word, address }) => ({ key: `${network} ${canonical(address)}`, network, address, word, service: service.name })),
    ),
  );

const conflict = (service: string, address: string, holder: string, hint: string): TsoError =>
  new TsoError('CONFLICT', `service ${service}: address ${address} is taken by ${holder}`, { hint });

/** Addresses that have nobody's name in a spec: virtual ones of services, the nodes' own. By `network address`. */
const grantedAddresses = (view: View): ReadonlyMap<string, string> => {
  const granted = new Map<string, string>();
  const add = (networkId: string, addresses: readonly string[], holder: string): void => {
    const network = view.network(networkId)?.spec.name;
    for (const address of addresses) if (network !== undefined && address !== '') granted.set(`${network} ${address}`, holder);
  };
  for (const { vips, stack, spec } of view.services())
    for (const { networkId, address, address6 } of vips)
      add(networkId, [address, address6], `service ${spec.name} of stack ${stack}, as its virtual address`);
  return granted;
};

const anotherAddress = 'Choose another one; an ip_range for the network keeps addresses outside it for those who ask for them';

/** Fixed addresses that two services ask for, or that one of them cannot have because somebody else has it. */
export const addressProblems = function* (view: View, spec: StackSpec): Problems {
  const wished = fixedAddresses(spec.services);
  if (wished.length === 0) return;
  for (const key of duplicates(wished.map((each) => each.key))) {
    const one = wished.find((each) => each.key === key);
    if (one !== undefined)
      yield invalid(`${one.word} ${one.address} on network ${one.network} is given to two services`, 'Give one of them another');
  }
  const others = view.services().filter((service) => service.stack !== spec.name && !service.removing);
  const held = new Map(others.flatMap((other) => fixedAddresses([other.spec]).map(({ key }) => [key, other] as const)));
  const granted = grantedAddresses(view);
  for (const { key, address, service } of wished) {
    const other = held.get(key);
    const holder = other === undefined ? granted.get(key) : `service ${other.spec.name} of stack ${other.stack}`;
    if (holder !== undefined) yield conflict(service, address, holder, anotherAddress);
  }
};

/** Services that are to be on the network of one which is not there, or of themselves, be it through others. */
export const networkModeProblems = function* (view: View, spec: StackSpec): Problems {
  for (const service of spec.services) {
    const { networkMode } = service.task;
    const target = networkModeTarget(view, spec, service);
    if (target === 'unknown') {
      const [kind = '', name = ''] = [networkMode.slice(0, networkMode.indexOf(':')), networkMode.slice(networkMode.indexOf(':') + 1)];
      const what = kind === 'service' ? `stack ${spec.name} has no service ${name}` : `no service has the container_name ${name}`;
      yield invalid(
        `service ${service.name}: network_mode ${networkMode}, and ${what}`,
        `It has ${spec.services.map((each) => each.name).join(', ')}`,
      );
    }
  }
  const cycle = sharedNetworkCycle(view, spec);
  if (cycle === undefined) return;
  yield cycle.length === 2
    ? invalid(`service ${cycle[0]}: its network_mode is its own network`, 'Leave network_mode out')
    : invalid(`the services are on each other's network in a circle: ${cycle.join(' -> ')}`, 'Break the circle in network_mode');
};
