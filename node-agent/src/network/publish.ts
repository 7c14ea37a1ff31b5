import { PortProtocol, parseIpv4 } from '@tso/proto';
import type { PortTable } from './port-table.ts';
import type { PublishedPort } from './types.ts';
import { liveRules } from './udp-flows.ts';

export type ProtocolName = 'tcp' | 'udp' | 'sctp';

export const protocolNames: Readonly<Record<PortProtocol, ProtocolName>> = {
  [PortProtocol.TCP]: 'tcp',
  [PortProtocol.UDP]: 'udp',
  [PortProtocol.SCTP]: 'sctp',
};

/** The wildcard is written as the empty text. */
export const normalHostIp = (hostIp: string): string => (hostIp === '0.0.0.0' || hostIp === '::' || hostIp === '*' ? '' : hostIp);

/** What names a published port on a host: `8080/tcp`, `127.0.0.1:8080/tcp`. */
export const portKey = ({ port }: Pick<PublishedPort, 'port'>): string => {
  const hostIp = normalHostIp(port.hostIp);
  return `${hostIp === '' ? '' : `${hostIp}:`}${port.published}/${protocolNames[port.protocol]}`;
};

/** Whether rules can be made of it: a port was allocated, and the host address is none or an IPv4 one. */
export const isUsable = ({ port }: Pick<PublishedPort, 'port'>): boolean =>
  port.published > 0 && (normalHostIp(port.hostIp) === '' || parseIpv4(port.hostIp) !== undefined);

interface Backend {
  readonly address: string;
  readonly target: number;
}

/** Everything that answers at one protocol, host port and host address. */
interface PortGroup {
  readonly protocol: ProtocolName;
  readonly published: number;
  /** Empty: every address of the host. */
  readonly hostIp: string;
  /** Serving ones only, sorted by address; may be empty. */
  readonly backends: readonly Backend[];
}

const groupsOf = (ports: readonly PublishedPort[]): readonly PortGroup[] => {
  const byKey = Map.groupBy(ports, portKey);
  return [...byKey.values()]
    .map((group): PortGroup | undefined => {
      const [first] = group;
      if (first === undefined) return undefined;
      const backends = group
        .filter((one) => one.serving && parseIpv4(one.address) !== undefined)
        .map((one) => ({ address: one.address, target: one.port.target }))
        .toSorted((a, b) => (parseIpv4(a.address) ?? 0) - (parseIpv4(b.address) ?? 0) || a.target - b.target);
      return {
        protocol: protocolNames[first.port.protocol],
        published: first.port.published,
        hostIp: normalHostIp(first.port.hostIp),
        backends,
      };
    })
    .filter((group) => group !== undefined)
    .toSorted((a, b) => a.protocol.localeCompare(b.protocol) || a.published - b.published || b.hostIp.localeCompare(a.hostIp));
};

/**
 * Where a connection is translated to, each to be tried where the one before it leads nowhere: among several by a random draw, so that each has the
 * same chance, wherever it runs, and then plainly to the first. A draw leads nowhere while the rules are changed: the elements of a map that
 * goes are inactive the moment the change counts, also for a packet that is on its way through the rules as they were (nf_tables, generations
 * of sets; 112 of 360,000 connections during 21,000 changes). Without the second the host itself would refuse such a connection.
 */
export const drawnTargets = (draw: string, first: string | undefined, count: number): readonly string[] =>
  first === undefined ? [] : count === 1 ? [first] : [draw, first];

const targets = (backends: readonly Backend[]): readonly string[] => {
  const [first] = backends;
  const elements = backends.map(({ address, target }, index) => `${index} : ${address} . ${target}`);
  const draw = `numgen random mod ${backends.length} map { ${elements.join(', ')} }`;
  return drawnTargets(draw, first && `${first.address}:${first.target}`, backends.length);
};

/** Unique, and of letters that a chain's name may have. */
const chainName = ({ protocol, published, hostIp }: PortGroup): string =>
  `host-${protocol}-${published}${hostIp === '' ? '' : `-at-${hostIp}`}`;

const key = (group: PortGroup): string => `${group.hostIp === '' ? '' : `${group.hostIp} . `}${group.protocol} . ${group.published}`;

/** Ports in host mode as parts of the host's table. A port without a serving task is held, translated nowhere, hence refused. */
export const publishRules = (ports: readonly PublishedPort[]): PortTable => {
  const groups = groupsOf(ports.filter(isUsable));
  const anywhere = groups.filter((group) => group.hostIp === '');
  const somewhere = groups.filter((group) => group.hostIp !== '');
  const verdicts = (list: readonly PortGroup[]) => new Map(list.map((group) => [key(group), `goto ${chainName(group)}`]));
  const keys = (list: readonly PortGroup[]) => new Map(list.map((group) => [key(group), '']));
  const into = groups.map((group): [string, readonly string[]] => [
    chainName(group),
    targets(group.backends).map((target) => `meta l4proto ${group.protocol} dnat ip to ${target}`),
  ]);
  // Those at one address are left out: two of them may have the same port.
  const udp = anywhere.filter((group) => group.protocol === 'udp');
  const live = udp.map((group): [string, readonly string[]] => [
    `live-${chainName(group)}`,
    liveRules([...new Set(group.backends.map(({ address }) => address))]),
  ]);
  return {
    chains: new Map([...into, ...live]),
    sets: {
      published: verdicts(anywhere),
      published_at: verdicts(somewhere),
      udp_lanes: new Map(udp.map((group) => [String(group.published), `goto live-${chainName(group)}`])),
      held: keys(anywhere),
      held_at: keys(somewhere),
    },
  };
};
