import { type IngressBackend, type IngressPort, parseIpv4 } from '@tso/proto';
import type { PortTable } from './port-table.ts';
import { drawnTargets, isUsable, normalHostIp, type ProtocolName, protocolNames } from './publish.ts';
import { liveRules } from './udp-flows.ts';

/** The same on every node: a client is sent to the same task whichever node it asks, and also after the rules were written again. */
const affinitySeed = '0x74736f';

/** Where a task of this node is asked, by its id; undefined: on the ingress network, like those of others. */
export type AddressHere = (taskId: string) => { readonly address: string; readonly address6: string } | undefined;

/** Those a port leads to, each with the address that it is asked at from here. */
const reachable = (port: IngressPort, nodeId: string, addressHere: AddressHere): readonly IngressBackend[] =>
  port.backends
    .filter((backend) => backend.nodeId === nodeId || !port.port.onlyLocal)
    .map((backend) => {
      const here = backend.nodeId === nodeId ? addressHere(backend.taskId) : undefined;
      return here === undefined ? backend : { ...backend, address: here.address, address6: backend.address6 === '' ? '' : here.address6 };
    });

const usable = (backends: readonly IngressBackend[]): readonly string[] =>
  backends.map(({ address }) => address).filter((address) => parseIpv4(address) !== undefined);

const draw = (family: 'ip' | 'ip6', affinity: boolean, addresses: readonly string[]): string => {
  const by = affinity ? `jhash ${family} saddr mod ${addresses.length} seed ${affinitySeed}` : `numgen random mod ${addresses.length}`;
  return `${by} map { ${addresses.map((address, index) => `${index} : ${address}`).join(', ')} }`;
};

/** @param target what the destination port becomes */
const rulesOf = (port: IngressPort, backends: readonly IngressBackend[], protocol: ProtocolName, target: string): readonly string[] => {
  const rules = (family: 'ip' | 'ip6', addresses: readonly string[]): readonly string[] =>
    drawnTargets(draw(family, port.affinity, addresses), addresses[0], addresses.length).map(
      (address) => `meta l4proto ${protocol} dnat ${family} to ${address} : ${target}`,
    );
  const six = backends.map(({ address6 }) => address6).filter((address6) => address6 !== '');
  return [...rules('ip', usable(backends)), ...rules('ip6', six)];
};

/** The chains of ports that lead to the same tasks. */
interface Lane {
  readonly of: IngressPort;
  /** What their names have in common. */
  readonly name: string;
}

const sameBackends = (a: readonly IngressBackend[], b: readonly IngressBackend[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((one, index) => {
      const other = b[index];
      return other !== undefined && one.address === other.address && one.address6 === other.address6 && one.nodeId === other.nodeId;
    }));

const isShared = (a: IngressPort, b: IngressPort): boolean =>
  a.affinity === b.affinity && a.port.onlyLocal === b.port.onlyLocal && sameBackends(a.backends, b.backends);

/** What is made of one port: the same object gives the same rules, so that a change of one port costs what one port costs. */
interface Rendered {
  /** Node, and where its tasks are asked. */
  readonly seen: string;
  readonly into: readonly string[];
  /** UDP only. */
  readonly live: readonly string[] | undefined;
}

/**
 * Makes the ports that every node answers on into parts of the host's table. Ports of one service that lead to the same tasks share a chain, which draws
 * the task, so that a range of a thousand ports is one; the target port comes from a map that does not change with the tasks. Every serving task has the
 * same chance, wherever it runs: a node that has one task of ten does not send it half of all. A port that nobody serves, or nobody here where only local
 * tasks count, is held and its chain empty, hence refused. What was made of a port is remembered as long as the port's object is.
 */
export const ingressRenderer = (): ((ports: readonly IngressPort[], nodeId: string, addressHere?: AddressHere) => PortTable) => {
  const memory = new WeakMap<IngressPort, Rendered>();
  const render = (one: IngressPort, nodeId: string, addressHere: AddressHere): Rendered => {
    const own = one.backends.filter((backend) => backend.nodeId === nodeId);
    const seen = `${nodeId} ${own.map(({ taskId }) => Object.values(addressHere(taskId) ?? {}).join(' ')).join(' ')}`;
    const known = memory.get(one);
    if (known?.seen === seen) return known;
    const protocol = protocolNames[one.port.protocol];
    const target = normalHostIp(one.port.hostIp) === '' ? `${protocol} dport map @${protocol}_targets` : String(one.port.target);
    const backends = reachable(one, nodeId, addressHere);
    const made = {
      seen,
      into: rulesOf(one, backends, protocol, target),
      live: protocol === 'udp' ? liveRules(usable(backends)) : undefined,
    };
    memory.set(one, made);
    return made;
  };
  return (ports, nodeId, addressHere = () => undefined) => {
    const chains = new Map<string, readonly string[]>();
    const sets = {
      published: new Map<string, string>(),
      published_at: new Map<string, string>(),
      tcp_targets: new Map<string, string>(),
      udp_targets: new Map<string, string>(),
      sctp_targets: new Map<string, string>(),
      udp_lanes: new Map<string, string>(),
      held: new Map<string, string>(),
      held_at: new Map<string, string>(),
    };
    const lanes = new Map<string, Lane[]>();
    const laneOf = (one: IngressPort, base: string): string => {
      const known = lanes.get(base) ?? [];
      const lane = known.find(({ of }) => isShared(of, one));
      if (lane !== undefined) return lane.name;
      const name = known.length === 0 ? base : `${base}-${one.port.published}`;
      lanes.set(base, [...known, { of: one, name }]);
      const { into, live } = render(one, nodeId, addressHere);
      chains.set(`in-${name}`, into);
      if (live !== undefined && normalHostIp(one.port.hostIp) === '') chains.set(`live-${name}`, live);
      return name;
    };
    for (const one of ports.filter(isUsable)) {
      const { published, target } = one.port;
      const protocol = protocolNames[one.port.protocol];
      const hostIp = normalHostIp(one.port.hostIp);
      const place = `${protocol} . ${published}`;
      const base = `${one.serviceId}-${protocol}${hostIp === '' ? '' : `-${published}-at-${hostIp}`}`;
      const lane = laneOf(one, base);
      sets[hostIp === '' ? 'published' : 'published_at'].set(hostIp === '' ? place : `${hostIp} . ${place}`, `goto in-${lane}`);
      sets[hostIp === '' ? 'held' : 'held_at'].set(hostIp === '' ? place : `${hostIp} . ${place}`, '');
      if (hostIp === '') sets[`${protocol}_targets`].set(String(published), String(target));
      if (hostIp === '' && protocol === 'udp') sets.udp_lanes.set(String(published), `goto live-${lane}`);
    }
    return { chains, sets };
  };
};
