import { isAddress } from '../address.ts';
import { jsonObjects, numberField, objectsField, stringField, stringsField } from '../json.ts';
import { routeProtocol } from '../names.ts';
import type { KnownPeer, PeerKey, WishedDevice, WishedPeer } from './plan.ts';

/** A peer as the kernel has it. */
export interface ObservedPeer {
  readonly publicKey: string;
  /** `address:port`; empty: none. */
  readonly endpoint: string;
  /** `address/32`, comma separated. */
  readonly allowedIps: string;
  /** Epoch seconds; 0: there was none. */
  readonly handshakeAtS: number;
  readonly receivedBytes: number;
  /** Seconds; 0: off. */
  readonly keepaliveS: number;
}

/** What `wg show NAME dump` tells, without the private key. */
export interface ObservedTunnel {
  readonly publicKey: string;
  readonly port: number;
  readonly peers: readonly ObservedPeer[];
}

/** A device of kind wireguard in the host's namespace. */
export interface ObservedLink {
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  /** `address/prefixLength`. */
  readonly addresses: readonly string[];
}

/** A route to one address by a device. */
export interface ObservedWay {
  readonly address: string;
  readonly device: string;
  readonly source: string;
}

/** From `wg show NAME dump`: a line of the device, then one of each peer, fields apart by tabs (wg(8)). The private key is passed over. */
export const parseTunnel = (text: string): ObservedTunnel => {
  const [own = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const [, publicKey = '', port = ''] = own.split('\t');
  const peers = lines.map((line) => {
    const [key = '', , endpoint = '', allowedIps = '', handshake = '', received = '', , keepalive = ''] = line.split('\t');
    return {
      publicKey: key,
      endpoint: endpoint === '(none)' ? '' : endpoint,
      allowedIps: allowedIps === '(none)' ? '' : allowedIps,
      handshakeAtS: Number(handshake),
      receivedBytes: Number(received),
      keepaliveS: keepalive === 'off' ? 0 : Number(keepalive),
    };
  });
  return { publicKey, port: Number(port), peers };
};

/** From `ip -json address show type wireguard`. */
export const parseLinks = (json: string): readonly ObservedLink[] =>
  jsonObjects(json).map((link) => ({
    name: stringField(link, 'ifname'),
    up: stringsField(link, 'flags').includes('UP'),
    mtu: numberField(link, 'mtu'),
    addresses: objectsField(link, 'addr_info').map((one) => `${stringField(one, 'local')}/${numberField(one, 'prefixlen')}`),
  }));

/** From `ip -json route show proto N`: those that go by a device. */
export const parseWays = (json: string): readonly ObservedWay[] =>
  jsonObjects(json)
    .map((route) => ({ address: stringField(route, 'dst'), device: stringField(route, 'dev'), source: stringField(route, 'prefsrc') }))
    .filter(({ device }) => device !== '');

/** The first MTU of `ip -json address show to ADDRESS`; 1500 when no device has it. */
export const parseMtu = (json: string): number => jsonObjects(json).map((link) => numberField(link, 'mtu'))[0] ?? 1500;

/**
 * The peers of a predecessor, as the kernel has them: whoever told a newer key since may still send by one of these. Their names are not in
 * the kernel.
 */
export const peersInKernel = (tunnels: ReadonlyMap<number, ObservedTunnel>): readonly KnownPeer[] => {
  const found = new Map<string, PeerKey[]>();
  for (const generation of [...tunnels.keys()].toSorted((a, b) => b - a)) {
    for (const { publicKey, endpoint, allowedIps } of tunnels.get(generation)?.peers ?? []) {
      const [host = '', port = ''] = endpoint.split(':');
      const address = allowedIps.replace(/\/32$/, '');
      if (!isAddress(address) || !isAddress(host)) continue;
      found.set(address, [...(found.get(address) ?? []), { generation, publicKey, endpoint: host, port: Number(port) }]);
    }
  }
  return [...found].map(([address, keys]) => ({ nodeId: '', address, told: keys[0]?.generation ?? 0, keys }));
};

/**
 * Arguments of `wg set NAME` that give the device these peers: only what differs is named, since naming an allowed address again takes it away
 * for a moment. Those that are to go come first: an address belongs to one peer at a time.
 */
export const peerArguments = (
  wished: readonly WishedPeer[],
  observed: readonly ObservedPeer[],
  keepaliveS: number,
): readonly (readonly string[])[] => {
  const seen = new Map(observed.map((peer) => [peer.publicKey, peer]));
  const kept = new Set(wished.map(({ publicKey }) => publicKey));
  const gone = observed.filter(({ publicKey }) => !kept.has(publicKey)).map(({ publicKey }) => ['peer', publicKey, 'remove']);
  const changed = wished.flatMap(({ publicKey, address, endpoint, port, keepalive }) => {
    const now = seen.get(publicKey);
    const interval = keepalive ? keepaliveS : 0;
    const differing = [
      ...(now?.endpoint === `${endpoint}:${port}` ? [] : ['endpoint', `${endpoint}:${port}`]),
      ...(now?.allowedIps === `${address}/32` ? [] : ['allowed-ips', `${address}/32`]),
      // Last, since it is sent as soon as it is said.
      ...((now?.keepaliveS ?? 0) === interval ? [] : ['persistent-keepalive', interval === 0 ? 'off' : String(interval)]),
    ];
    return differing.length === 0 ? [] : [['peer', publicKey, ...differing]];
  });
  return [...gone, ...changed];
};

/** Lines for `ip -batch`: a device that is not there yet, with its address and not up. */
export const newLinkLines = (name: string, address: string, mtu: number): readonly string[] => [
  `link add name ${name} type wireguard`,
  `link set dev ${name} mtu ${mtu} addrgenmode none`,
  `address add ${address}/32 dev ${name}`,
];

/** Lines for `ip -batch` that bring a device that is there to what it is to be. */
export const linkLines = (link: ObservedLink, address: string, mtu: number): readonly string[] => [
  ...link.addresses.filter((one) => one !== `${address}/32`).map((one) => `address delete ${one} dev ${link.name}`),
  ...(link.addresses.includes(`${address}/32`) ? [] : [`address add ${address}/32 dev ${link.name}`]),
  ...(link.mtu === mtu ? [] : [`link set dev ${link.name} mtu ${mtu}`]),
];

/** Lines for `ip -batch`: each peer by its generation's device, without a moment in which it has none; other ways by our devices go. */
export const wayLines = (
  devices: readonly WishedDevice[],
  chosen: ReadonlyMap<string, number>,
  address: string,
  observed: readonly ObservedWay[],
  isOurs: (device: string) => boolean,
): readonly string[] => {
  const names = new Map(devices.map(({ generation, name }) => [generation, name]));
  const ways = new Map(observed.map((way) => [way.address, way]));
  return [
    ...observed
      .filter((way) => isOurs(way.device) && !chosen.has(way.address))
      .map((way) => `route delete ${way.address}/32 dev ${way.device} proto ${routeProtocol}`),
    ...[...chosen].flatMap(([to, generation]) => {
      const way = ways.get(to);
      const device = names.get(generation);
      if (device === undefined || (way?.device === device && way.source === address)) return [];
      return [`route replace ${to}/32 dev ${device} src ${address} proto ${routeProtocol}`];
    }),
  ];
};
