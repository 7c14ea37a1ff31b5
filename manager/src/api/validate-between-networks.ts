import type { Service, ServiceSpec, StackSpec, Task } from '@tso/proto';
import { formatIpv6, parseIpv6, TsoError } from '@tso/proto';
import { networkModeTarget, sharedNetworkCycle } from '../rules/network-mode.ts';
import { servesSpec } from '../rules/replacement.ts';
import { isLive, isOccupant } from '../rules/task-facts.ts';
import { anotherAddress, taskName } from '../rules/words.ts';
import { sameData } from '../store/equal.ts';
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

const conflict = (service: string, address: string, holder: string): TsoError =>
  new TsoError('CONFLICT', `service ${service}: address ${address} is taken by ${holder}`, {
    hint: anotherAddress,
  });

interface Holder {
  readonly text: string;
  /** The task that got it, and whose that is: that service may ask for what it has. */
  readonly task?: Task;
  readonly service?: Service;
}

/** Services that are as they were when the stack becomes what the spec says. */
const stayingServices = (view: View, spec: StackSpec, removeOrphans: boolean): readonly Service[] =>
  view.services().filter((service) => {
    if (service.removing || service.stack !== spec.name) return !service.removing;
    const wished = spec.services.find(({ name }) => name === service.spec.name);
    return wished === undefined ? !removeOrphans : sameData(service.spec, wished);
  });

/** Addresses that have nobody's name in a spec: virtual ones of services, those that tasks of services got which stay. By `network address`. */
const grantedAddresses = (view: View, staying: readonly Service[]): ReadonlyMap<string, Holder> => {
  const granted = new Map<string, Holder>();
  const add = (addresses: Service['vips'] | Task['networks'], holder: Holder): void => {
    for (const { networkId, address, address6 } of addresses) {
      const network = view.network(networkId)?.spec.name;
      for (const each of [address, address6]) if (network !== undefined && each !== '') granted.set(`${network} ${each}`, holder);
    }
  };
  const byId = new Map(staying.map((service) => [service.id, service]));
  for (const task of view.tasks()) {
    const service = isLive(task) && isOccupant(task) ? byId.get(task.serviceId) : undefined;
    if (service !== undefined) add(task.networks, { text: `${taskName(task)} of stack ${task.stack}`, task, service });
  }
  for (const { vips, stack, spec } of view.services())
    add(vips, { text: `service ${spec.name} of stack ${stack}, as its virtual address` });
  return granted;
};

/** Whether the address is free for that service once the stack is applied: its own task has it, or one that is being replaced. */
const givesUp = ({ task, service }: Holder, stack: string, wishing: string): boolean =>
  task !== undefined && service !== undefined && ((service.stack === stack && service.spec.name === wishing) || !servesSpec(service, task));

/**
 * Fixed addresses that two services ask for, or that one of them cannot have because somebody else has it.
 * @param removeOrphans whether services that the spec no longer names are taken down with this
 */
export const addressProblems = function* (view: View, spec: StackSpec, removeOrphans: boolean): Problems {
  const wished = fixedAddresses(spec.services);
  if (wished.length === 0) return;
  for (const key of duplicates(wished.map((each) => each.key))) {
    const one = wished.find((each) => each.key === key);
    if (one !== undefined)
      yield invalid(`${one.word} ${one.address} on network ${one.network} is given to two services`, 'Give one of them another');
  }
  const others = view.services().filter((service) => service.stack !== spec.name && !service.removing);
  const held = new Map(others.flatMap((other) => fixedAddresses([other.spec]).map(({ key }) => [key, other] as const)));
  const granted = grantedAddresses(view, stayingServices(view, spec, removeOrphans));
  for (const { key, address, service } of wished) {
    const other = held.get(key);
    const holder = other === undefined ? granted.get(key) : { text: `service ${other.spec.name} of stack ${other.stack}` };
    if (holder !== undefined && !givesUp(holder, spec.name, service)) yield conflict(service, address, holder.text);
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
