import type { Network, NetworkSpec } from '@tso/proto';

/** Id and name of the network that carries published ports; the cluster makes it with the first service that has one, and keeps it. */
export const ingressNetworkId = 'ingress';
/** Id and name of the block that nodes have their addresses inside encrypted tunnels from. No network that anyone can be on. */
export const tunnelsNetworkId = 'tunnels';
/** The driver of that block. */
export const tunnelDriver = 'tunnel';

/** What networks that people ask for can be made by; an empty name is the first. */
export const networkDrivers: readonly string[] = ['overlay', 'bridge', 'macvlan'];

export const isIngress = ({ id }: Pick<Network, 'id'>): boolean => id === ingressNetworkId;
export const isTunnels = ({ id }: Pick<Network, 'id'>): boolean => id === tunnelsNetworkId;

type Kind = Pick<NetworkSpec, 'driver' | 'driverOpts'>;

/** The driver's name; an empty one is the first. */
export const networkDriver = ({ driver }: Pick<NetworkSpec, 'driver'>): string => driver || 'overlay';

/** Whether what crosses it between nodes goes through their encrypted tunnels. */
export const isEncrypted = (spec: Kind): boolean => spec.driverOpts.encrypted === 'true' && isOverlay(spec);

/** Whether it reaches from node to node. An empty name is the default. */
export const isOverlay = ({ driver }: Pick<NetworkSpec, 'driver'>): boolean => networkDriver({ driver }) === 'overlay';

/** Whether each node has one of its own, whose tasks see nobody on other nodes. */
export const isOfEachNode = ({ spec }: Network): boolean => spec.driver === 'bridge';

/** Whether services have virtual addresses there: on a physical network nobody translates them for its other hosts. */
export const hasVips = (network: Network): boolean => network.spec.driver !== 'macvlan' && !isIngress(network) && !isTunnels(network);
