import { PortProtocol } from '@tso/proto';
import { addressNumber } from './address.ts';
import type { PublishedPort } from './types.ts';

export const protocolNames: Readonly<Record<PortProtocol, 'tcp' | 'udp' | 'sctp'>> = {
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
const isUsable = ({ port }: PublishedPort): boolean =>
  port.published > 0 && (normalHostIp(port.hostIp) === '' || addressNumber(port.hostIp) !== undefined);

interface Backend {
  readonly address: string;
  readonly target: number;
}

/** Everything that answers at one protocol, host port and host address. */
interface PortGroup {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
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
        .filter((one) => one.serving && addressNumber(one.address) !== undefined)
        .map((one) => ({ address: one.address, target: one.port.target }))
        .toSorted((a, b) => (addressNumber(a.address) ?? 0) - (addressNumber(b.address) ?? 0) || a.target - b.target);
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

/** One backend plainly, several by a random draw for each connection. */
const target = (backends: readonly Backend[]): string => {
  const [first] = backends;
  if (first !== undefined && backends.length === 1) return `${first.address}:${first.target}`;
  const elements = backends.map(({ address, target }, index) => `${index} : ${address} . ${target}`);
  return `numgen random mod ${backends.length} map { ${elements.join(', ')} }`;
};

/** Groups with a host address come first in a chain, so that the narrower wish wins. */
const translation = ({ protocol, published, hostIp, backends }: PortGroup): string =>
  `${hostIp === '' ? '' : `ip daddr ${hostIp} `}${protocol} dport ${published} dnat ip to ${target(backends)}`;

export interface PublishRules {
  /** Chain name to its rules; one chain per protocol and port. */
  readonly chains: readonly { readonly name: string; readonly rules: readonly string[] }[];
  /** Elements of the verdict map `protocol . port`. */
  readonly verdicts: readonly string[];
  /** Elements `protocol . port` that are held on every address; what still reaches the host's own sockets is refused. */
  readonly held: readonly string[];
  /** Elements `address . protocol . port`, held on one address. */
  readonly heldAt: readonly string[];
}

/** The published ports as parts of the host's table. A port without a serving task has no translation, hence is refused. */
export const publishRules = (ports: readonly PublishedPort[]): PublishRules => {
  const groups = groupsOf(ports.filter(isUsable));
  const live = groups.filter((group) => group.backends.length > 0);
  const chains = [...Map.groupBy(live, (group) => `${group.protocol}-${group.published}`)].map(([name, members]) => ({
    name,
    rules: members.map(translation),
  }));
  return {
    chains,
    verdicts: chains.map(({ name }) => `${name.replace('-', ' . ')} : jump ${name}`),
    held: groups.filter((group) => group.hostIp === '').map((group) => `${group.protocol} . ${group.published}`),
    heldAt: groups.filter((group) => group.hostIp !== '').map((group) => `${group.hostIp} . ${group.protocol} . ${group.published}`),
  };
};
