import type { Service, ServiceSpec, StackSpec, Task } from '@tso/proto';
import { formatIpv6, parseIpv6, TsoError } from '@tso/proto';
import { namespaceTarget, sharedNamespaceCycle } from '../rules/namespace-targets.ts';
import { servesSpec } from '../rules/replacement.ts';
import { type NamespaceKind, sharedKinds } from '../rules/shared-namespaces.ts';
import { isLive, isOccupant } from '../rules/task-facts.ts';
import { anotherAddress, taskName } from '../rules/words.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';
import { type Absent, duplicates, invalid } from './validate-shared.ts';
import { isOrphanOf } from './wish-parts.ts';

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
const stayingServices = (view: View, spec: StackSpec, { removeOrphans, declared }: Absent): readonly Service[] => {
  const isOrphan = isOrphanOf(spec, declared);
  return view.services().filter((service) => {
    if (service.removing || service.stack !== spec.name) return !service.removing;
    const wished = spec.services.find(({ name }) => name === service.spec.name);
    return wished === undefined ? !(removeOrphans && isOrphan(service)) : sameData(service.spec, wished);
  });
};

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

/** Fixed addresses that two services ask for, or that one of them cannot have because somebody else has it. */
export const addressProblems = function* (view: View, spec: StackSpec, absent: Absent): Problems {
  const wished = fixedAddresses(spec.services);
  if (wished.length === 0) return;
  for (const key of duplicates(wished.map((each) => each.key))) {
    const one = wished.find((each) => each.key === key);
    if (one !== undefined)
      yield invalid(`${one.word} ${one.address} on network ${one.network} is given to two services`, 'Give one of them another');
  }
  const others = view.services().filter((service) => service.stack !== spec.name && !service.removing);
  const held = new Map(others.flatMap((other) => fixedAddresses([other.spec]).map(({ key }) => [key, other] as const)));
  const granted = grantedAddresses(view, stayingServices(view, spec, absent));
  for (const { key, address, service } of wished) {
    const other = held.get(key);
    const holder = other === undefined ? granted.get(key) : { text: `service ${other.spec.name} of stack ${other.stack}` };
    if (holder !== undefined && !givesUp(holder, spec.name, service)) yield conflict(service, address, holder.text);
  }
};

const keys: Readonly<Record<NamespaceKind, { readonly key: string; readonly noun: string }>> = {
  network: { key: 'network_mode', noun: 'network' },
  pid: { key: 'pid', noun: 'processes' },
  ipc: { key: 'ipc', noun: 'IPC' },
};

const missingTarget = (spec: StackSpec, service: ServiceSpec, kind: NamespaceKind, mode: string): TsoError => {
  const [by = '', name = ''] = [mode.slice(0, mode.indexOf(':')), mode.slice(mode.indexOf(':') + 1)];
  const what = by === 'service' ? `stack ${spec.name} has no service ${name}` : `no service has the container_name ${name}`;
  return invalid(
    `service ${service.name}: ${keys[kind].key} ${mode}, and ${what}`,
    `It has ${spec.services.map((each) => each.name).join(', ')}`,
  );
};

/** Services that are to share with one which is not there, or with themselves, be it through others. */
export const namespaceProblems = function* (view: View, spec: StackSpec): Problems {
  for (const service of spec.services) {
    for (const { kind, mode } of sharedKinds(service))
      if (namespaceTarget(view, spec, mode) === 'unknown') yield missingTarget(spec, service, kind, mode);
  }
  const cycle = sharedNamespaceCycle(view, spec);
  if (cycle === undefined) return;
  const members = spec.services.filter(({ name }) => cycle.includes(name)).flatMap(sharedKinds);
  const shared = [...new Set(members.map(({ kind }) => kind))];
  const named = shared.map((kind) => keys[kind].key).join(' or ');
  const [only] = shared.length === 1 ? shared : [];
  const noun = only === undefined ? 'network, processes or IPC' : keys[only].noun;
  yield cycle.length === 2
    ? invalid(`service ${cycle[0]}: its ${named} is its own ${noun}`, `Leave ${named} out`)
    : invalid(`the services share each other's ${noun} in a circle: ${cycle.join(' -> ')}`, `Break the circle in ${named}`);
};
