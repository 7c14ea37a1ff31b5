import type { AddressOn, Network, Node } from '@tso/proto';
import { emptyNetworkSpec, formatIpv4, newNetwork } from '@tso/proto';
import { usesIngressPorts } from '../rules/ingress-ports.ts';
import { ingressNetworkId, isEncrypted, tunnelDriver, tunnelsNetworkId } from '../rules/network-kinds.ts';
import type { Draft } from '../store/transaction.ts';
import type { AddressBook } from './address-book.ts';

const made = (id: string, driver: string): Network => ({ ...newNetwork, id, spec: { ...emptyNetworkSpec, name: id, driver } });

/**
 * What the cluster itself needs beside the networks that people ask for: one that carries published ports, from the first service on that
 * publishes one on every node; the block of tunnel addresses, from the first encrypted network on. Both stay.
 */
export const makeOwnNetworks = (draft: Draft): void => {
  if (
    draft.network(ingressNetworkId) === undefined &&
    draft.services().some((service) => !service.removing && usesIngressPorts(service.spec))
  )
    draft.putNetwork(made(ingressNetworkId, 'overlay'));
  if (draft.network(tunnelsNetworkId) === undefined && draft.networks().some(({ spec, removing }) => !removing && isEncrypted(spec)))
    draft.putNetwork(made(tunnelsNetworkId, tunnelDriver));
};

/** The next free address of the network for that node; undefined when there is none. */
const addressFor = (book: AddressBook, node: Node, networkId: string): string | undefined => {
  const network = book.draft.network(networkId);
  const space = network === undefined ? undefined : book.space(network);
  if (network === undefined || space === undefined) return undefined;
  const next = book.next(network, space);
  if (!('address' in next)) return undefined;
  const address = formatIpv4(next.address);
  book.hold(networkId, address, '', { node });
  book.draft.putNetwork({ ...network, nextHost: next.host });
  return address;
};

const addressesOf = (book: AddressBook, node: Node, ingress: Network | undefined): readonly AddressOn[] => {
  if (ingress === undefined || ingress.subnet === '' || node.addresses.some(({ networkId }) => networkId === ingress.id))
    return node.addresses;
  const address = addressFor(book, node, ingress.id);
  return address === undefined ? node.addresses : [...node.addresses, { networkId: ingress.id, address, address6: '' }];
};

const tunnelAddressOf = (book: AddressBook, node: Node, tunnels: Network | undefined): string => {
  if (tunnels === undefined || tunnels.subnet === '' || node.tunnelAddress !== '' || node.description.wireguardKey === '')
    return node.tunnelAddress;
  return addressFor(book, node, tunnels.id) ?? '';
};

/**
 * Gives each node its own address on the network that carries published ports, and inside tunnels if it has a key for these. Where there is no
 * room left it stays without.
 */
export const allocateNodeAddresses = (draft: Draft, book: AddressBook): void => {
  const ingress = draft.network(ingressNetworkId);
  const tunnels = draft.network(tunnelsNetworkId);
  if (ingress === undefined && tunnels === undefined) return;
  for (const node of draft.nodes()) {
    const addresses = addressesOf(book, node, ingress);
    const tunnelAddress = tunnelAddressOf(book, node, tunnels);
    if (addresses !== node.addresses || tunnelAddress !== node.tunnelAddress) draft.putNode({ ...node, addresses, tunnelAddress });
  }
};
