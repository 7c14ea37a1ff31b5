import type { AddressOn, Network, Service } from '@tso/proto';
import { EndpointMode, formatIpv4, parseIpv4 } from '@tso/proto';
import { address6Of, unusable } from '../rules/address-space.ts';
import { hasVips } from '../rules/network-kinds.ts';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { AddressBook } from './address-book.ts';

/** The networks on which the service is to have a virtual address, in the order of its spec, as far as they have a subnet. */
const networksWithVip = (view: View, { spec }: Service): readonly Network[] => {
  if (spec.endpointMode !== EndpointMode.VIP || spec.task.networkMode !== '') return [];
  const named = new Set(spec.task.networks.map(({ network }) => network));
  return [...named].flatMap((name) => {
    const network = view.networkByName(name);
    return network !== undefined && network.subnet !== '' && hasVips(network) ? [network] : [];
  });
};

/** The first of its networks that the service lacks its virtual address on. */
export const missingVip = (view: View, service: Service): Network | undefined =>
  networksWithVip(view, service).find(({ id }) => !service.vips.some((vip) => vip.networkId === id));

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

/** Whether it is still an address of that network: one that was made anew under the same id may have another subnet. */
const isKept = (book: AddressBook, network: Network, vip: AddressOn): boolean => {
  const space = book.space(network);
  const address = parseIpv4(vip.address);
  return space !== undefined && address !== undefined && unusable(space, address) === undefined;
};

const vipsOf = (book: AddressBook, service: Service): readonly AddressOn[] =>
  networksWithVip(book.draft, service).flatMap((network) => {
    const had = service.vips.find(({ networkId }) => networkId === network.id);
    return had !== undefined && isKept(book, network, had) ? [had] : (newVip(book, service, network) ?? []);
  });

/**
 * Gives each service a virtual address on each of its networks, as long as it is there; with endpoint mode DNSRR none. Where a network is full
 * it stays without, and its tasks say so.
 */
export const allocateVips = (draft: Draft, book: AddressBook): void => {
  for (const service of draft.services()) {
    if (service.removing) continue;
    const vips = vipsOf(book, service);
    if (!sameData(vips, service.vips)) draft.putService({ ...service, vips });
  }
};
