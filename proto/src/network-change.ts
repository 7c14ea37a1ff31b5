import { emptyNetworkAssignment } from './defaults.ts';
import type { AssignmentSet, NetworkAssignment, NetworkChange } from './gen/types.ts';
import { changedList, listChange, type Same } from './list-change.ts';

const taskOf = ({ taskId }: { readonly taskId: string }): string => taskId;
const serviceOf = ({ serviceId }: { readonly serviceId: string }): string => serviceId;
const nodeOf = ({ nodeId }: { readonly nodeId: string }): string => nodeId;

/** Who is on a network; the rest is what the network is. */
const members: ReadonlySet<string> = new Set(['endpoints', 'services', 'hosts'] satisfies (keyof NetworkAssignment)[]);
const parts = Object.keys(emptyNetworkAssignment).filter((key) => !members.has(key)) as readonly (keyof NetworkAssignment)[];

const sameOptions = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

/** Whether nothing differs but who is on the network. */
export const onlyMembersDiffer = (before: NetworkAssignment, after: NetworkAssignment): boolean =>
  parts.every((key) => (key === 'driverOpts' ? sameOptions(before.driverOpts, after.driverOpts) : before[key] === after[key]));

/**
 * What leads from one state of a network to the next; undefined: more than its members changed, and the whole is to be told.
 * @param same whether two entries say the same; asked only where they are not the same object
 */
export const networkChange = (before: NetworkAssignment, after: NetworkAssignment, same: Same): NetworkChange | undefined => {
  if (!onlyMembersDiffer(before, after)) return undefined;
  const endpoints = listChange(before.endpoints, after.endpoints, taskOf, same);
  const services = listChange(before.services, after.services, serviceOf, same);
  const hosts = listChange(before.hosts, after.hosts, nodeOf, same);
  return {
    networkId: after.id,
    endpoints: endpoints.put,
    removedEndpoints: endpoints.gone,
    services: services.put,
    removedServices: services.gone,
    hosts: hosts.put,
    removedHosts: hosts.gone,
  };
};

/** Whether nobody came, changed or went. */
export const isNoChange = ({ networkId: _id, ...lists }: NetworkChange): boolean => Object.values(lists).every((list) => list.length === 0);

/** The network as it is after the change; what did not change stays the same objects. */
export const withNetworkChange = (network: NetworkAssignment, change: NetworkChange): NetworkAssignment => ({
  ...network,
  endpoints: changedList(network.endpoints, change.endpoints, change.removedEndpoints, taskOf),
  services: changedList(network.services, change.services, change.removedServices, serviceOf),
  hosts: changedList(network.hosts, change.hosts, change.removedHosts, nodeOf),
});

/**
 * The networks that a set puts or changes, whole, as they are after it.
 * @param known what the node was told before, by id; a change of a network that is not among them is left out
 */
export const networksOfSet = (
  known: ReadonlyMap<string, NetworkAssignment>,
  { networks, networkChanges }: Pick<AssignmentSet, 'networks' | 'networkChanges'>,
): readonly NetworkAssignment[] => [
  ...networks,
  ...networkChanges.flatMap((change) => {
    const network = known.get(change.networkId);
    return network === undefined ? [] : withNetworkChange(network, change);
  }),
];
