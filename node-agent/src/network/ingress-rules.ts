import type { IngressPort } from '@tso/proto';
import { addressNumber } from './address.ts';
import type { PortTable } from './port-table.ts';
import { isUsable, normalHostIp, type ProtocolName, protocolNames } from './publish.ts';

/** Ports of one service that lead to the same tasks: they share a chain, so that a range of a thousand ports is one. */
interface IngressGroup {
  readonly chain: string;
  readonly protocol: ProtocolName;
  readonly affinity: boolean;
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
}

/** The same on every node: a client is sent to the same task whichever node it asks, and also after the rules were written again. */
const affinitySeed = '0x74736f';

const reachable = (port: IngressPort, nodeId: string): IngressPort['backends'] =>
  port.port.onlyLocal ? port.backends.filter((backend) => backend.nodeId === nodeId) : port.backends;

/** Where it is narrower than the whole service: a port of local tasks only. */
const chainBase = ({ serviceId, port }: IngressPort): string =>
  `in-${serviceId}-${protocolNames[port.protocol]}${port.onlyLocal ? '-local' : ''}`;

const groupOf = (port: IngressPort, nodeId: string, chain: string): IngressGroup => {
  const backends = reachable(port, nodeId);
  return {
    chain,
    protocol: protocolNames[port.port.protocol],
    affinity: port.affinity,
    addresses: backends.map(({ address }) => address).filter((address) => addressNumber(address) !== undefined),
    addresses6: backends.map(({ address6 }) => address6).filter((address6) => address6 !== ''),
  };
};

const sameTasks = (a: IngressGroup, b: IngressGroup): boolean =>
  a.affinity === b.affinity && a.addresses.join() === b.addresses.join() && a.addresses6.join() === b.addresses6.join();

const draw = (family: 'ip' | 'ip6', { affinity }: IngressGroup, addresses: readonly string[]): string => {
  const [only] = addresses;
  if (addresses.length === 1 && only !== undefined) return only;
  const by = affinity ? `jhash ${family} saddr mod ${addresses.length} seed ${affinitySeed}` : `numgen random mod ${addresses.length}`;
  return `${by} map { ${addresses.map((address, index) => `${index} : ${address}`).join(', ')} }`;
};

/** @param target what the destination port becomes */
const rulesOf = (group: IngressGroup, target: string): readonly string[] =>
  (
    [
      ['ip', group.addresses],
      ['ip6', group.addresses6],
    ] as const
  )
    .filter(([, addresses]) => addresses.length > 0)
    .map(([family, addresses]) => `meta l4proto ${group.protocol} dnat ${family} to ${draw(family, group, addresses)} : ${target}`);

/**
 * Ports that every node answers on, as parts of the host's table: a chain for each service and protocol that draws a task, and the target port by a map
 * that does not change with the tasks. Every serving task has the same chance, wherever it runs: a node with one task of ten does not send it half of
 * all. A port that nobody serves, or nobody here where only local tasks count, is held and translated nowhere, hence refused.
 */
export const ingressRules = (ports: readonly IngressPort[], nodeId: string): PortTable => {
  const chains = new Map<string, readonly string[]>();
  const sets = {
    published: new Map<string, string>(),
    published_at: new Map<string, string>(),
    tcp_targets: new Map<string, string>(),
    udp_targets: new Map<string, string>(),
    sctp_targets: new Map<string, string>(),
    held: new Map<string, string>(),
    held_at: new Map<string, string>(),
    own_backends: new Map<string, string>(),
    own_backends6: new Map<string, string>(),
    udp_backends: new Map<string, string>(),
  };
  const groups = new Map<string, IngressGroup>();
  for (const one of ports.filter(isUsable)) {
    const { published, target, protocol: number } = one.port;
    const protocol = protocolNames[number];
    const hostIp = normalHostIp(one.port.hostIp);
    const key = `${hostIp === '' ? '' : `${hostIp} . `}${protocol} . ${published}`;
    sets[hostIp === '' ? 'held' : 'held_at'].set(key, '');
    for (const { address, address6, nodeId: where } of one.backends.filter((backend) => backend.nodeId === nodeId || protocol === 'udp')) {
      if (protocol === 'udp') sets.udp_backends.set(address, '');
      if (where !== nodeId) continue;
      sets.own_backends.set(address, '');
      if (address6 !== '') sets.own_backends6.set(address6, '');
    }
    const base = chainBase(one);
    const wanted = groupOf(one, nodeId, base);
    const shared = groups.get(base);
    const whole = hostIp === '' && (shared === undefined || sameTasks(shared, wanted));
    const chain = whole ? base : `${base}-${published}${hostIp === '' ? '' : `-at-${hostIp}`}`;
    if (whole) groups.set(base, wanted);
    const rules = rulesOf(wanted, hostIp === '' ? `${protocol} dport map @${protocol}_targets` : String(target));
    if (rules.length === 0) continue;
    chains.set(chain, rules);
    if (hostIp === '') sets[`${protocol}_targets`].set(String(published), String(target));
    sets[hostIp === '' ? 'published' : 'published_at'].set(key, `goto ${chain}`);
  }
  return { chains, sets };
};
