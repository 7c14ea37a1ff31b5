import type { Endpoint } from '@tso/proto';
import { addressNumber, cidrOf, contains } from './address.ts';

/** Who answers to what on one network, prepared for lookups. */
export interface NameTable {
  readonly networkId: string;
  readonly subnet: string;
  readonly internal: boolean;
  /** Lower-case name to the addresses of serving tasks, sorted; a known name without one has an empty list. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Address of a serving task to its name. */
  readonly pointers: ReadonlyMap<string, string>;
}

export type DnsAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** The name is ours, the record type is not. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'pointer'; readonly name: string }
  | { readonly kind: 'no-such-name' }
  /** Not ours: the host's resolvers may know it. */
  | { readonly kind: 'forward' };

export interface DnsQuestion {
  readonly name: string;
  /** As dns-packet writes it: A, AAAA, PTR… */
  readonly type: string;
}

/** TTL of our names: a record is right everywhere within a moment of a change. */
export const ownTtlSeconds = 1;

const namesOf = (endpoint: Endpoint): readonly string[] => {
  const service = endpoint.serviceName;
  const own = [...endpoint.names, ...(service === '' ? [] : [service, `tasks.${service}`])];
  return [...new Set(own.map((name) => name.toLowerCase()).filter((name) => name !== ''))];
};

const byAddress = (a: string, b: string): number => (addressNumber(a) ?? 0) - (addressNumber(b) ?? 0);

const addressesByName = (endpoints: readonly Endpoint[]): ReadonlyMap<string, readonly string[]> => {
  const names = new Map<string, string[]>();
  for (const endpoint of endpoints) {
    for (const name of namesOf(endpoint)) {
      const addresses = names.get(name) ?? [];
      if (endpoint.serving) addresses.push(endpoint.address);
      names.set(name, addresses);
    }
  }
  for (const addresses of names.values()) addresses.sort(byAddress);
  return names;
};

/** The first of its names that nobody else on the network has, otherwise its service's. */
const pointerOf = (endpoint: Endpoint, owners: ReadonlyMap<string, number>): string =>
  endpoint.names.find((name) => owners.get(name.toLowerCase()) === 1) ?? endpoint.serviceName;

/** Prepares one network's names; `endpoints` in any order. */
export const nameTable = (network: {
  readonly id: string;
  readonly subnet: string;
  readonly internal: boolean;
  readonly endpoints: readonly Endpoint[];
}): NameTable => {
  const owners = new Map<string, number>();
  for (const endpoint of network.endpoints) for (const name of namesOf(endpoint)) owners.set(name, (owners.get(name) ?? 0) + 1);
  const serving = network.endpoints.filter((endpoint) => endpoint.serving);
  return {
    networkId: network.id,
    subnet: network.subnet,
    internal: network.internal,
    addresses: addressesByName(network.endpoints),
    pointers: new Map(serving.map((endpoint) => [endpoint.address, pointerOf(endpoint, owners)])),
  };
};

const reversePattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/i;

/** The address of a name below in-addr.arpa (RFC 1035, 3.5), or undefined. */
const reversedAddress = (name: string): string | undefined => {
  const address = reversePattern.exec(name)?.slice(1).toReversed().join('.');
  return address !== undefined && addressNumber(address) !== undefined ? address : undefined;
};

/** The list turned by so many places: every client gets all, none gets always the same first. */
export const rotated = <T>(list: readonly T[], turn: number): readonly T[] => {
  const start = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
};

const answerPointer = (tables: readonly NameTable[], address: string): DnsAnswer => {
  for (const table of tables) {
    const name = table.pointers.get(address);
    if (name !== undefined && name !== '') return { kind: 'pointer', name };
  }
  const number = addressNumber(address) ?? 0;
  const ours = tables.some((table) => {
    const subnet = cidrOf(table.subnet);
    return subnet !== undefined && contains(subnet, number);
  });
  return { kind: ours ? 'no-such-name' : 'forward' };
};

/**
 * What a task on these networks gets. The first network with a serving task of that name answers; a name that only waiting tasks have is empty,
 * never forwarded. Without a network that leads out there is nobody to forward to: asking would be a way out.
 *
 * @param tables the networks that the asking task is on, in the task's order
 * @param turn a number that grows with each answer
 */
export const answerOf = (tables: readonly NameTable[], question: DnsQuestion, turn: number): DnsAnswer => {
  const address = question.type === 'PTR' ? reversedAddress(question.name) : undefined;
  const own = address === undefined ? answerName(tables, question, turn) : answerPointer(tables, address);
  return own.kind === 'forward' && tables.every((table) => table.internal) ? { kind: 'no-such-name' } : own;
};

const answerName = (tables: readonly NameTable[], question: DnsQuestion, turn: number): DnsAnswer => {
  const name = question.name.toLowerCase();
  const known = tables.map((table) => table.addresses.get(name)).filter((addresses) => addresses !== undefined);
  if (known.length === 0) return { kind: 'forward' };
  if (question.type !== 'A' && question.type !== 'ANY') return { kind: 'empty' };
  const addresses = known.find((list) => list.length > 0);
  return addresses === undefined ? { kind: 'empty' } : { kind: 'addresses', addresses: rotated(addresses, turn) };
};
