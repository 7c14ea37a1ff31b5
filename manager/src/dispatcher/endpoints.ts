import { type Endpoint, emptyEndpoint, type HostOnNetwork, type Network, type Node, type Task } from '@tso/proto';
import { isEncrypted } from '../rules/network-kinds.ts';
import { isInService, isLive } from '../rules/task-facts.ts';
import { sameData } from '../store/equal.ts';
import type { View } from '../store/view.ts';

/** Whether its node may have to know its networks, if only because it is not forgotten yet. */
export const isPlaced = (task: Task): boolean => task.nodeId !== '';

/** Whether it answers on its networks, or is about to. */
export const isOnNetworks = (task: Task): boolean => isPlaced(task) && isLive(task);

/** Where others reach a node's part of the network: its address outside, or its own inside the tunnels. */
const vtepOf = (network: Network, node: Node | undefined): string =>
  (isEncrypted(network.spec) ? node?.tunnelAddress : node?.address) ?? '';

/** The task as the others on the network see it; undefined: it is not on it. */
export const endpointOf = (view: View, network: Network, task: Task): Endpoint | undefined => {
  if (!isOnNetworks(task)) return undefined;
  const allocation = task.networks.find(({ networkId }) => networkId === network.id);
  if (allocation === undefined || allocation.address === '') return undefined;
  return {
    ...emptyEndpoint,
    taskId: task.id,
    serviceId: task.serviceId,
    serviceName: task.serviceName,
    stack: task.stack,
    slot: task.slot,
    address: allocation.address,
    address6: allocation.address6,
    mac: allocation.mac,
    nodeId: task.nodeId,
    vtep: vtepOf(network, view.node(task.nodeId)),
    names: allocation.aliases,
    serving: isInService(task),
  };
};

/** Whether a change of the task is none for those on its networks. */
export const sameOnNetworks = (a: Task, b: Task): boolean =>
  a.nodeId === b.nodeId && isOnNetworks(a) === isOnNetworks(b) && isInService(a) === isInService(b) && sameData(a.networks, b.networks);

/** The nodes that have an address of their own on the network, by id. */
export const hostsOn = (view: View, network: Network): readonly HostOnNetwork[] =>
  view
    .nodes()
    .flatMap((node) => {
      const own = node.removing ? undefined : node.addresses.find(({ networkId }) => networkId === network.id);
      if (own === undefined) return [];
      return [{ nodeId: node.id, address: own.address, address6: own.address6, vtep: vtepOf(network, node) }];
    })
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));

/** Whether a change of the node is none for those on networks with it, or with its tasks. */
export const sameHost = (a: Node | undefined, b: Node | undefined): boolean =>
  a?.address === b?.address &&
  a?.tunnelAddress === b?.tunnelAddress &&
  a?.removing === b?.removing &&
  sameData(a?.addresses ?? [], b?.addresses ?? []);
