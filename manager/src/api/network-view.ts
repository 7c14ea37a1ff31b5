import type { EndpointView, ListNetworksReply, Network, NetworkView, Service, Task } from '@tso/proto';
import { type AddressUse, addressUses, fillingText } from '../rules/address-use.ts';
import { usesIngressPorts } from '../rules/ingress-ports.ts';
import { ingressNetworkId, isIngress } from '../rules/network-kinds.ts';
import { isInService, isLive } from '../rules/task-facts.ts';
import { subnetAdvice } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { shownNetworks } from './network-ref.ts';
import { nodeLabel } from './node-ref.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the service is wished to be on that network. */
export const isWishedOn = (service: Service, network: Network): boolean => {
  if (service.removing) return false;
  if (isIngress(network)) return usesIngressPorts(service.spec);
  return service.spec.task.networkMode === '' && service.spec.task.networks.some((attachment) => attachment.network === network.spec.name);
};

/** `shop_web` */
export const serviceLabel = ({ stack, spec }: Service): string => `${stack}_${spec.name}`;

/** Services that are wished to be on the network, by name. */
export const servicesOn = (view: View, network: Network): readonly string[] =>
  view
    .services()
    .filter((service) => isWishedOn(service, network))
    .map(serviceLabel)
    .sort(compare);

/** Tasks that have not ended and have an address on the network, by service and slot. */
export const tasksOn = (view: View, network: Network): readonly Task[] =>
  view
    .tasks()
    .filter((task) => isLive(task) && task.networks.some(({ networkId }) => networkId === network.id))
    .sort((a, b) => compare(a.stack, b.stack) || compare(a.serviceName, b.serviceName) || a.slot - b.slot || compare(a.id, b.id));

const endpointView = (view: View, network: Network, task: Task): EndpointView => {
  const allocation = task.networks.find(({ networkId }) => networkId === network.id);
  const node = view.node(task.nodeId);
  return {
    taskId: task.id,
    service: task.serviceName,
    stack: task.stack,
    slot: task.slot,
    node: node === undefined ? '' : nodeLabel(node),
    address: allocation?.address ?? '',
    address6: allocation?.address6 ?? '',
    mac: allocation?.mac ?? '',
    serving: isInService(task),
  };
};

const unused: AddressUse = { used: 0, total: 0, tasks: 0 };

const warningOf = (network: Network, use: AddressUse): string =>
  network.subnet === '' && !network.removing
    ? `network ${network.spec.name} has no subnet yet, for none was free: ${subnetAdvice(network)}`
    : fillingText(network.spec.name, network.spec.ipRange || network.subnet, use);

const viewOf = (network: Network, use: AddressUse, services: readonly string[], endpoints: readonly EndpointView[]): NetworkView => ({
  network,
  endpoints,
  addressesUsed: use.used,
  addressesTotal: use.total,
  tasks: use.tasks,
  services,
  warning: warningOf(network, use),
});

/** One network with everyone on it. */
export const networkView = (view: View, network: Network): NetworkView => {
  const use = addressUses(view, [network]).get(network.id) ?? unused;
  const endpoints = tasksOn(view, network).map((task) => endpointView(view, network, task));
  return viewOf(network, use, servicesOn(view, network), endpoints);
};

/** The same of many networks, by id: with one look at each service. */
const servicesOfAll = (view: View, networks: readonly Network[]): ReadonlyMap<string, readonly string[]> => {
  const byName = new Map<string, Network[]>();
  for (const network of networks) byName.set(network.spec.name, [...(byName.get(network.spec.name) ?? []), network]);
  const found = new Map<string, string[]>(networks.map(({ id }) => [id, []]));
  for (const service of view.services()) {
    const names = new Set([...service.spec.task.networks.map(({ network }) => network), ingressNetworkId]);
    for (const network of [...names].flatMap((name) => byName.get(name) ?? []))
      if (isWishedOn(service, network)) found.get(network.id)?.push(serviceLabel(service));
  }
  for (const labels of found.values()) labels.sort(compare);
  return found;
};

/** All networks by name, without who is on them. What the cluster needs for its tunnels is none. */
export const listNetworks = (view: View): ListNetworksReply => {
  const networks = [...shownNetworks(view)].sort((a, b) => compare(a.spec.name, b.spec.name) || compare(a.id, b.id));
  const uses = addressUses(view, networks);
  const services = servicesOfAll(view, networks);
  return {
    networks: networks.map((network) => viewOf(network, uses.get(network.id) ?? unused, services.get(network.id) ?? [], [])),
    version: view.index,
  };
};
