import { emptyMeta, emptyNetworkSpec, type Network, type NetworkView, newNetwork } from '@tso/proto';

/** An overlay of the stack visits, unless told otherwise. */
export const aNetwork = (
  name: string,
  network: Partial<Network> = {},
  change: Partial<Omit<NetworkView, 'network'>> = {},
): NetworkView => ({
  network: {
    ...newNetwork,
    id: `${name.replaceAll(/[^a-z0-9]/g, '')}${'0'.repeat(25)}`.slice(0, 25),
    meta: { ...emptyMeta, version: 9, createdAtMs: 1_700_000_000_000 },
    stack: 'visits',
    vni: 4097,
    subnet: '10.128.1.0/24',
    gateway: '10.128.1.1',
    ...network,
    spec: { ...emptyNetworkSpec, name, ...network.spec },
  },
  endpoints: [],
  addressesUsed: 3,
  addressesTotal: 253,
  tasks: 2,
  services: ['visits_web'],
  warning: '',
  ...change,
});
