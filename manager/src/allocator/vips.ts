import type { AddressOn, Network, Service } from '@tso/proto';
import { EndpointMode, formatIpv4 } from '@tso/proto';
import { address6Of } from '../rules/address-space.ts';
import { hasVips } from '../rules/network-kinds.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { AddressBook } from './address-book.ts';

/** A network by its name, if virtual addresses can be given out of it. */
type FindNetwork = (name: string) => Network | undefined;

const findIn =
  (view: View): FindNetwork =>
  (name) => {
    const network = view.networkByName(name);
    return network !== undefined && network.subnet !== '' && hasVips(network) ? network : undefined;
  };

/** The same, looked up once a name: every plan asks for the networks of every service. */
const remembering = (find: FindNetwork): FindNetwork => {
  const known = new Map<string, Network | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, find(name));
    return known.get(name);
  };
};

/** The networks on which the service is to have a virtual address, in the order of its spec, as far as they have a subnet. */
const networksWithVip = (find: FindNetwork, { spec }: Service): readonly Network[] => {
  if (spec.endpointMode !== EndpointMode.VIP || spec.task.networkMode !== '') return [];
  const networks: Network[] = [];
  for (const { network: name } of spec.task.networks) {
    const network = find(name);
    if (network !== undefined && !networks.includes(network)) networks.push(network);
  }
  return networks;
};

/** The first of its networks that the service lacks its virtual address on. */
export const missingVip = (view: View, service: Service): Network | undefined =>
  networksWithVip(findIn(view), service).find(({ id }) => !service.vips.some((vip) => vip.networkId === id));

const newVip = (book: AddressBook, service: Service, network: Network): AddressOn | undefined => {
  // Another service's virtual address may have been given out of it since.
  const current = book.draft.network(network.id) ?? network;
  const space = book.space(current);
  if (space === undefined) return undefined;
  const next = book.next(current, space);
  if (!('address' in next)) return undefined;
  const vip: AddressOn = { networkId: current.id, address: formatIpv4(next.address), address6: address6Of(space, next.address) };
  book.hold(vip.networkId, vip.address, vip.address6, { service });
  book.draft.putNetwork({ ...current, nextHost: next.host });
  return vip;
};

const vipsOf = (book: AddressBook, service: Service, networks: readonly Network[]): readonly AddressOn[] =>
  networks.flatMap((network) => service.vips.find(({ networkId }) => networkId === network.id) ?? newVip(book, service, network) ?? []);

const hasAll = ({ vips }: Service, networks: readonly Network[]): boolean =>
  vips.length === networks.length && networks.every(({ id }, at) => vips[at]?.networkId === id);

/**
 * Gives each service a virtual address on each of its networks, as long as it is there; with endpoint mode DNSRR none. Where a network is full
 * it stays without, and its tasks say so.
 */
export const allocateVips = (draft: Draft, book: AddressBook): void => {
  const find = remembering(findIn(draft));
  for (const service of draft.services()) {
    if (service.removing) continue;
    const networks = networksWithVip(find, service);
    if (!hasAll(service, networks)) draft.putService({ ...service, vips: vipsOf(book, service, networks) });
  }
};
