import { formatIpv4, formatIpv6, type NetworkAssignment, parseIpv4, parseIpv6, sentenceOf, TsoError } from '@tso/proto';
import { hostMacOf, macOfAddress, requireAddress, requireMac } from './address.ts';

/** A task on another host, or another host's own address: reached through that host's VTEP. */
export interface RemoteEndpoint {
  readonly address: string;
  /** Canonical (RFC 5952); empty: none. */
  readonly address6: string;
  readonly mac: string;
  readonly vtep: string;
}

export interface Remotes {
  /** Sorted by address. */
  readonly remotes: readonly RemoteEndpoint[];
  /** Endpoints on other hosts that cannot be used as they are, each with the reason: a sentence about one, none about the network. */
  readonly leftOut: readonly string[];
}

/** Of one host, written in the one way that commands and we read alike. */
const requireVtep = (text: string): string => {
  const number = parseIpv4(text);
  const isOfOneHost = number !== undefined && number >= 2 ** 24 && number < 224 * 2 ** 24 && formatIpv4(number) === text;
  if (isOfOneHost) return text;
  throw new TsoError('INVALID_ARGUMENT', `its VTEP "${text}" is not the IPv4 address of a host`);
};

/** Canonical; empty stays empty. INVALID_ARGUMENT names `what`. */
export const requireAddress6 = (text: string, what: string): string => {
  if (text === '') return '';
  const number = parseIpv6(text);
  if (number === undefined) throw new TsoError('INVALID_ARGUMENT', `${what} "${text}" is not an IPv6 address`);
  return formatIpv6(number);
};

/** Someone on the network, whether a task or a host itself. */
interface Party {
  readonly nodeId: string;
  readonly address: string;
  readonly address6: string;
  /** Empty: the usual one. */
  readonly mac: string;
  readonly usualMac: (address: string) => string;
  readonly vtep: string;
  readonly who: string;
}

const partiesOf = ({ endpoints, hosts }: NetworkAssignment): readonly Party[] => [
  ...endpoints.map(({ nodeId, address, address6, mac, vtep, taskId }) => ({
    nodeId,
    address,
    address6,
    mac,
    usualMac: macOfAddress,
    vtep,
    who: `task ${taskId} on node ${nodeId}`,
  })),
  ...hosts.map(({ nodeId, address, address6, vtep }) => ({
    nodeId,
    address,
    address6,
    mac: '',
    usualMac: hostMacOf,
    vtep,
    who: `node ${nodeId}`,
  })),
];

const remoteOf = ({ address, address6, mac, usualMac, vtep }: Party): RemoteEndpoint => ({
  address: requireAddress(address, 'endpoint address'),
  address6: requireAddress6(address6, 'endpoint address'),
  mac: requireMac(mac === '' ? usualMac(address) : mac, 'endpoint MAC'),
  vtep: requireVtep(vtep),
});

/** One node that says nonsense of itself takes its own endpoints from the network, not the network from all others. */
export const remotesOf = (network: NetworkAssignment, own: { readonly nodeId: string; readonly vtep: string }): Remotes => {
  const remotes: RemoteEndpoint[] = [];
  const leftOut: string[] = [];
  for (const party of partiesOf(network)) {
    if (party.nodeId === own.nodeId || party.vtep === '' || party.vtep === own.vtep) continue;
    try {
      remotes.push(remoteOf(party));
    } catch (error) {
      leftOut.push(`${party.who}: ${sentenceOf(error)}`);
    }
  }
  return { remotes: remotes.sort((a, b) => (parseIpv4(a.address) ?? 0) - (parseIpv4(b.address) ?? 0)), leftOut };
};

/** Lines that turn what is known of remote endpoints into what is wished. */
export interface RemoteLines {
  /** For `ip -batch`. */
  readonly ip: readonly string[];
  /** For `bridge -batch`. */
  readonly bridge: readonly string[];
}

/** What one VXLAN device has: address to MAC, MAC to VTEP. */
export interface KnownRemotes {
  readonly neighbours: ReadonlyMap<string, string>;
  readonly forwards: ReadonlyMap<string, string>;
}

/** What the kernel has once these are in it. */
export const knownOf = (remotes: readonly RemoteEndpoint[]): KnownRemotes => ({
  neighbours: new Map(
    remotes.flatMap(({ address, address6, mac }) => [[address, mac] as const, ...(address6 === '' ? [] : [[address6, mac] as const])]),
  ),
  forwards: new Map(remotes.map(({ mac, vtep }) => [mac, vtep])),
});

const surplus = (has: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
  [...has].filter(([key]) => !wanted.has(key));
const missing = (has: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
  [...wanted].filter(([key, value]) => has.get(key) !== value);

/** Neighbour entries, which the VXLAN device answers ARP and neighbour solicitations from, and forwarding entries of one device. */
export const remoteLines = (device: string, known: KnownRemotes, remotes: readonly RemoteEndpoint[]): RemoteLines => {
  const wanted = knownOf(remotes);
  return {
    ip: [
      ...surplus(known.neighbours, wanted.neighbours).map(([address]) => `neigh delete ${address} dev ${device}`),
      ...missing(known.neighbours, wanted.neighbours).map(
        ([address, mac]) => `neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`,
      ),
    ],
    bridge: [
      ...surplus(known.forwards, wanted.forwards).map(([mac, vtep]) => `fdb delete ${mac} dev ${device} dst ${vtep} self`),
      ...missing(known.forwards, wanted.forwards).map(([mac, vtep]) => `fdb replace ${mac} dev ${device} dst ${vtep} self permanent`),
    ],
  };
};
