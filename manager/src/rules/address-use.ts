import type { Network } from '@tso/proto';
import { parseIpv4 } from '@tso/proto';
import type { View } from '../store/view.ts';
import { addressSpaceOf, isGivenOut, spaceSize } from './address-space.ts';
import { isLive } from './task-facts.ts';

/** How much of a network is given out. */
export interface AddressUse {
  /** Held by tasks that have not ended, services and nodes. */
  readonly used: number;
  /** That can be given out; 0: it has no subnet yet. */
  readonly total: number;
  /** Tasks that have not ended and have an address there. */
  readonly tasks: number;
}

/** From this part on it is said that a network fills up. */
export const nearlyFull = 0.8;

interface Counted {
  readonly addresses: Set<string>;
  tasks: number;
}

/** How much of each of these networks is given out, by id. */
export const addressUses = (view: View, networks: readonly Network[]): ReadonlyMap<string, AddressUse> => {
  const counted = new Map(networks.map(({ id }): [string, Counted] => [id, { addresses: new Set(), tasks: 0 }]));
  for (const task of view.tasks()) {
    if (task.networks.length === 0 || !isLive(task)) continue;
    for (const { networkId, address } of task.networks) {
      const count = counted.get(networkId);
      if (count === undefined) continue;
      count.tasks += 1;
      count.addresses.add(address);
    }
  }
  for (const { vips } of view.services()) for (const { networkId, address } of vips) counted.get(networkId)?.addresses.add(address);
  for (const { addresses } of view.nodes()) for (const { networkId, address } of addresses) counted.get(networkId)?.addresses.add(address);
  return new Map(networks.map((network) => [network.id, useOf(network, counted.get(network.id))]));
};

const useOf = (network: Network, counted: Counted | undefined): AddressUse => {
  const space = addressSpaceOf(network);
  if (space === undefined || counted === undefined) return { used: 0, total: 0, tasks: counted?.tasks ?? 0 };
  let used = 0;
  for (const text of counted.addresses) {
    const address = parseIpv4(text);
    if (address !== undefined && isGivenOut(space, address)) used += 1;
  }
  return { used, total: spaceSize(space), tasks: counted.tasks };
};

/**
 * One sentence once a network is nearly or wholly used up; empty before.
 * @param where its addresses are given out from: its range or subnet
 * @param more addresses that are about to be asked for
 */
export const fillingText = (name: string, where: string, { used, total }: AddressUse, more = 0): string => {
  const wanted = used + more;
  if (total === 0 || wanted < nearlyFull * total) return '';
  const has = `network ${name} has ${total} addresses in ${where}`;
  if (wanted > total) return `${has} and ${wanted} are wanted: tasks will wait; make the network anew with a larger subnet`;
  if (wanted === total) return `${has} and all are used: what comes now will wait; make the network anew with a larger subnet`;
  return `${has} and ${wanted} of them are used: make the network anew with a larger subnet before it is full`;
};
