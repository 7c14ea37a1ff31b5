import {
  type Cidr,
  type Cidr6,
  containsAddress,
  containsAddress6,
  type Endpoint,
  type NetworkAssignment,
  parseCidr,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  type ServiceOnNetwork,
} from '@tso/proto';
import { addressOfReverseKey, type NameKey, nameKey, reverseKey } from './dns-name.ts';

/** Who has a name on a network, and what it answers with. */
export interface NameOwner {
  readonly stack: string;
  /** A service's name hides the names of single tasks: `container_name: db` does not add its task to the service `db`. */
  readonly isService: boolean;
  /** IPv4; of serving tasks in the order that they were told in, or the virtual one. */
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
}

/** Who answers to what on one network, prepared for lookups. */
export interface NameTable {
  readonly networkId: string;
  /** `shop_default`: names may be asked for below it. */
  readonly networkKey: NameKey | undefined;
  /** Nothing leads out of it. */
  readonly internal: boolean;
  readonly subnet: Cidr | undefined;
  readonly subnet6: Cidr6 | undefined;
  /** Who has each name. Put together when somebody asks: of ten changes in a row nine cost nothing. */
  readonly owners: () => ReadonlyMap<NameKey, readonly NameOwner[]>;
  /** The name of the address that this reverse name stands for. Put together as late. */
  readonly pointers: () => ReadonlyMap<NameKey, string>;
}

type Services = readonly Pick<ServiceOnNetwork, 'name' | 'stack' | 'vip' | 'vip6' | 'names'>[];

const none: readonly string[] = [];
const listOf = (address: string): readonly string[] => (address === '' ? none : [address]);

/** Of a service's tasks, or of one task alone. */
const ownerOf = (stack: string, isService: boolean, endpoints: readonly Endpoint[]): NameOwner => {
  const serving = endpoints.filter((endpoint) => endpoint.serving);
  return {
    stack,
    isService,
    addresses: serving.flatMap(({ address }) => listOf(address)),
    addresses6: serving.flatMap(({ address6 }) => listOf(address6)),
  };
};

const ownerOfTask = ({ stack, serving, address, address6 }: Endpoint): NameOwner => ({
  stack,
  isService: false,
  addresses: serving ? listOf(address) : none,
  addresses6: serving ? listOf(address6) : none,
});

/** The virtual address stands for the service as long as there is one, with no serving task too: then the connection is refused. */
const frontOf = ({ stack, vip, vip6 }: Services[number], tasks: NameOwner): NameOwner =>
  vip === '' && vip6 === '' ? tasks : { stack, isService: true, addresses: listOf(vip), addresses6: listOf(vip6) };

const groupOf = (stack: string, service: string): string => `${stack}\n${service}`;

/** Services of endpoints that no service is told for (it is just being removed) go on by their tasks. */
const withImplied = (services: Services, groups: ReadonlyMap<string, readonly Endpoint[]>): Services => {
  const told = new Set(services.map(({ stack, name }) => groupOf(stack, name)));
  const implied = [...groups].flatMap(([group, [first]]) =>
    first === undefined || told.has(group) || first.serviceName === ''
      ? []
      : [{ name: first.serviceName, stack: first.stack, vip: '', vip6: '', names: [] }],
  );
  return [...services, ...implied];
};

class OwnersBuilder {
  readonly owners = new Map<NameKey, NameOwner[]>();

  add(name: string, owner: NameOwner): void {
    const key = nameKey(name);
    if (key === undefined) return;
    const owners = this.owners.get(key);
    if (owners === undefined) this.owners.set(key, [owner]);
    else if (!owners.includes(owner)) owners.push(owner);
  }
}

/** `web`, its aliases, `web.shop` and `shop_web`, and each of them after `tasks.`. */
const addService = (builder: OwnersBuilder, service: Services[number], endpoints: readonly Endpoint[]): void => {
  const { name, stack, names } = service;
  const tasks = ownerOf(stack, true, endpoints);
  const front = frontOf(service, tasks);
  const qualified = stack === '' ? [] : [`${name}.${stack}`, `${stack}_${name}`];
  for (const one of [name, ...names, ...qualified].filter((text) => text !== '')) {
    builder.add(one, front);
    builder.add(`tasks.${one}`, tasks);
  }
};

const ownersOf = (services: Services, groups: ReadonlyMap<string, readonly Endpoint[]>): ReadonlyMap<NameKey, readonly NameOwner[]> => {
  const builder = new OwnersBuilder();
  for (const service of services) addService(builder, service, groups.get(groupOf(service.stack, service.name)) ?? []);
  for (const endpoints of groups.values()) {
    for (const endpoint of endpoints) {
      const own = ownerOfTask(endpoint);
      for (const name of endpoint.names) builder.add(name, own);
    }
  }
  return builder.owners;
};

/** The first of these names that nobody else on the network has, so that asking it gives the address back; otherwise the last. */
const ownName = (names: readonly string[], owners: ReadonlyMap<NameKey, readonly NameOwner[]>): string =>
  names.find((name) => owners.get(nameKey(name) ?? '')?.length === 1) ?? names.at(-1) ?? '';

const pointersOf = (
  services: Services,
  endpoints: readonly Endpoint[],
  owners: ReadonlyMap<NameKey, readonly NameOwner[]>,
): ReadonlyMap<NameKey, string> => {
  const pointers = new Map<NameKey, string>();
  const add = (address: string, name: string): void => {
    const key = address === '' || name === '' ? undefined : reverseKey(address);
    if (key !== undefined) pointers.set(key, name);
  };
  const qualified = (name: string, stack: string): readonly string[] => (stack === '' ? [name] : [name, `${name}.${stack}`]);
  for (const { name, stack, vip, vip6 } of services) {
    for (const address of [vip, vip6]) add(address, ownName(qualified(name, stack), owners));
  }
  for (const endpoint of endpoints) {
    if (!endpoint.serving) continue;
    const name = ownName(
      [...endpoint.names, endpoint.serviceName].filter((one) => one !== ''),
      owners,
    );
    for (const address of [endpoint.address, endpoint.address6]) add(address, name);
  }
  return pointers;
};

/** The value, worked out when it is first asked for. */
const lazily = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** Prepares one network's names; endpoints and services in any order. The ingress network has none, and nothing leads out of it. */
export const nameTable = (network: NetworkAssignment): NameTable => {
  const prepared = lazily(() => {
    const endpoints = network.ingress ? [] : network.endpoints;
    const groups = Map.groupBy(endpoints, ({ stack, serviceName }) => groupOf(stack, serviceName));
    const services = network.ingress ? [] : withImplied(network.services, groups);
    return { endpoints, services, owners: ownersOf(services, groups) };
  });
  return {
    networkId: network.id,
    networkKey: nameKey(network.name),
    internal: network.internal || network.ingress,
    subnet: parseCidr(network.subnet),
    subnet6: parseCidr6(network.subnet6),
    owners: () => prepared().owners,
    pointers: lazily(() => pointersOf(prepared().services, prepared().endpoints, prepared().owners)),
  };
};

/** Whether an address lies on the network. */
export const isOnNetwork = (table: NameTable, address: string): boolean => {
  const [v4, v6] = [parseIpv4(address), parseIpv6(address)];
  return (
    (v4 !== undefined && table.subnet !== undefined && containsAddress(table.subnet, v4)) ||
    (v6 !== undefined && table.subnet6 !== undefined && containsAddress6(table.subnet6, v6))
  );
};

/** Whether a reverse name asks for an address of the network: nobody else knows it better. */
export const isReverseOf = (table: NameTable, key: NameKey): boolean => {
  const asked = addressOfReverseKey(key);
  if (asked === undefined) return false;
  if (asked.family === 4) return table.subnet !== undefined && containsAddress(table.subnet, asked.address);
  return table.subnet6 !== undefined && containsAddress6(table.subnet6, asked.address);
};
