import type { AssignmentSet, IngressBackend, IngressChange, IngressPort, TunnelPeer } from './gen/types.ts';
import { PortProtocol } from './gen/types.ts';
import { changedList, listChange, type Same } from './list-change.ts';

const protocolNames: Readonly<Record<PortProtocol, string>> = {
  [PortProtocol.TCP]: 'tcp',
  [PortProtocol.UDP]: 'udp',
  [PortProtocol.SCTP]: 'sctp',
};

/** How a published port is named in sets: `<service id>/<published>/<protocol>`. */
export const ingressKey = ({ serviceId, port }: Pick<IngressPort, 'serviceId' | 'port'>): string =>
  `${serviceId}/${port.published}/${protocolNames[port.protocol]}`;

const taskOf = ({ taskId }: IngressBackend): string => taskId;

/** What leads from one state of a port to the next; undefined: more than its backends changed, and the whole is to be told. */
export const ingressChange = (before: IngressPort, after: IngressPort, same: Same): IngressChange | undefined => {
  if (!same({ ...before, backends: [] }, { ...after, backends: [] })) return undefined;
  const { put, gone } = listChange(before.backends, after.backends, taskOf, same);
  return { key: ingressKey(after), backends: put, removedBackends: gone };
};

/** A set, as far as it says what every node knows beside its own tasks. */
type IngressOfSet = Pick<AssignmentSet, 'baseVersion' | 'ingress' | 'ingressChanges' | 'removedIngress'>;

/** The published ports by key after a set; `known`: before it. What did not change stays the same object. */
export const ingressAfter = (known: ReadonlyMap<string, IngressPort>, set: IngressOfSet): ReadonlyMap<string, IngressPort> => {
  const ports = new Map(set.baseVersion === 0 ? [] : known);
  for (const port of set.ingress) ports.set(ingressKey(port), port);
  for (const { key, backends, removedBackends } of set.ingressChanges) {
    const port = ports.get(key);
    if (port !== undefined) ports.set(key, { ...port, backends: changedList(port.backends, backends, removedBackends, taskOf) });
  }
  for (const key of set.removedIngress) ports.delete(key);
  return ports;
};

/** The other ends of tunnels by node id after a set; `known`: before it. */
export const peersAfter = (
  known: ReadonlyMap<string, TunnelPeer>,
  { baseVersion, peers, removedPeers }: Pick<AssignmentSet, 'baseVersion' | 'peers' | 'removedPeers'>,
): ReadonlyMap<string, TunnelPeer> => {
  const after = new Map(baseVersion === 0 ? [] : known);
  for (const peer of peers) after.set(peer.nodeId, peer);
  for (const id of removedPeers) after.delete(id);
  return after;
};
