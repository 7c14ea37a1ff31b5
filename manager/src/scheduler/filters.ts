import type { Node } from '@tso/proto';
import { NodeAvailability, NodeState } from '@tso/proto';
import { firstUnmet, labelOf } from '../rules/constraints.ts';
import { leftOf } from '../rules/generic-resources.ts';
import { matchesPlatform } from '../rules/node-facts.ts';
import { cpusText, sizeText } from '../rules/words.ts';
import type { Ask } from './ask.ts';
import type { Rejection } from './explain.ts';
import { alike } from './explain.ts';
import type { NodeInfo } from './node-info.ts';

/** One thing that is asked of nodes. To look is cheap, so that words are made only for who wants to read them. */
interface Filter {
  suits(info: NodeInfo, ask: Ask): boolean;
  /** Why not; only of a node that does not suit. */
  explain(info: NodeInfo, ask: Ask): Rejection;
}

/** One that looks at the node alone, whatever runs there. */
interface StandingFilter {
  suits(info: Pick<NodeInfo, 'node'>, ask: Ask): boolean;
  explain(info: Pick<NodeInfo, 'node'>, ask: Ask): Rejection;
}

const ready: StandingFilter = {
  suits: ({ node }) => !node.removing && node.availability === NodeAvailability.ACTIVE && node.state === NodeState.NODE_READY,
  explain: ({ node }) => {
    if (node.removing) return alike('being removed');
    if (node.availability === NodeAvailability.DRAIN) return alike('drained');
    if (node.availability === NodeAvailability.PAUSE) return alike('paused');
    return node.state === NodeState.NODE_DOWN
      ? { one: 'is down', many: 'are down' }
      : { one: 'is not connected', many: 'are not connected' };
  },
};

const constraints: StandingFilter = {
  suits: ({ node }, ask) => ask.constraints.length === 0 || firstUnmet(node, ask.constraints) === undefined,
  explain: ({ node }, ask) => {
    const unmet = firstUnmet(node, ask.constraints) ?? '';
    if (typeof unmet === 'string') return { one: `does not match "${unmet}"`, many: `do not match "${unmet}"` };
    const label = labelOf(unmet);
    if (label === undefined) {
      const text = `${unmet.key}${unmet.equal ? '==' : '!='}${unmet.value}`;
      return { one: `does not match ${text}`, many: `do not match ${text}` };
    }
    const text = `label ${label}=${unmet.value}`;
    return unmet.equal ? { one: `lacks ${text}`, many: `lack ${text}` } : { one: `has ${text}`, many: `have ${text}` };
  },
};

const platform: StandingFilter = {
  suits: ({ node }, ask) => matchesPlatform(node, ask.platform),
  explain: (_info, ask) => ({ one: `is not ${ask.platform}`, many: `are not ${ask.platform}` }),
};

/** What is to be encrypted is never sent in the clear: a node that cannot encrypt gets no such task. */
const encryption: StandingFilter = {
  suits: ({ node }, ask) => !ask.needsEncryption || node.description.wireguardKey !== '',
  explain: () => ({ one: 'whose kernel has no WireGuard', many: 'whose kernels have no WireGuard' }),
};

/** A node that says nothing of what it can do is taken to be able to. */
const isSaid = (has: readonly string[]): boolean => has.length > 0;

const missingDriver = ({ description: { networkDrivers } }: Node, ask: Ask): string | undefined =>
  isSaid(networkDrivers) ? ask.networkDrivers.find((driver) => !networkDrivers.includes(driver)) : undefined;

const drivers: StandingFilter = {
  suits: ({ node }, ask) => missingDriver(node, ask) === undefined,
  explain: ({ node }, ask) => {
    const driver = missingDriver(node, ask) ?? '';
    return { one: `has no ${driver} networks`, many: `have no ${driver} networks` };
  },
};

/** Kernel drivers that mount others' file systems too: any of a row serves the whole row. */
const kin: readonly (readonly string[])[] = [
  ['nfs', 'nfs4'],
  ['cifs', 'smb3'],
  ['ext4', 'ext3', 'ext2'],
];

const mounts = (has: readonly string[], type: string): boolean => {
  if (type.startsWith('fuse')) return has.includes('fuse') || has.includes('fuseblk');
  return (kin.find((row) => row.includes(type)) ?? [type]).some((name) => has.includes(name));
};

const missingFileSystem = ({ description: { fileSystems } }: Node, ask: Ask): Ask['fileSystems'][number] | undefined =>
  isSaid(fileSystems) ? ask.fileSystems.find(({ type }) => !mounts(fileSystems, type)) : undefined;

const volumes: StandingFilter = {
  suits: ({ node }, ask) => ask.fileSystems.length === 0 || missingFileSystem(node, ask) === undefined,
  explain: ({ node }, ask) => {
    const { volume, type } = missingFileSystem(node, ask) ?? { volume: '', type: '' };
    return { one: `cannot mount ${type} for volume ${volume}`, many: `cannot mount ${type} for volume ${volume}` };
  },
};

const hasMemory = ({ node, reservedMemoryBytes }: NodeInfo, { memoryBytes }: Ask): boolean => {
  const has = node.description.resources.memoryBytes;
  return memoryBytes === 0 || has === 0 || memoryBytes <= has - reservedMemoryBytes;
};

const hasCpus = ({ node, reservedNanoCpus }: NodeInfo, { nanoCpus }: Ask): boolean => {
  const has = node.description.resources.nanoCpus;
  return nanoCpus === 0 || has === 0 || nanoCpus <= has - reservedNanoCpus;
};

const resources: Filter = {
  suits: (info, ask) => hasMemory(info, ask) && hasCpus(info, ask),
  explain: (info, ask) => {
    const has = info.node.description.resources;
    if (!hasMemory(info, ask)) {
      const free = sizeText(Math.max(0, has.memoryBytes - info.reservedMemoryBytes));
      const wanted = `${sizeText(ask.memoryBytes)} reserved`;
      return { one: `has ${free} of memory left for ${wanted}`, many: `have too little memory left for ${wanted}` };
    }
    const wanted = `${cpusText(ask.nanoCpus)} reserved`;
    const free = cpusText(Math.max(0, has.nanoCpus - info.reservedNanoCpus));
    return { one: `has ${free} left for ${wanted}`, many: `have too little CPU left for ${wanted}` };
  },
};

const scarceKind = ({ node, generic }: NodeInfo, ask: Ask): Ask['generic'][number] | undefined =>
  ask.generic.find(({ kind, count }) => leftOf(node.description.generic, generic, kind) < count);

const generic: Filter = {
  suits: (info, ask) => ask.generic.length === 0 || scarceKind(info, ask) === undefined,
  explain: (info, ask) => {
    const { kind, count } = scarceKind(info, ask) ?? { kind: '', count: 0 };
    const has = info.node.description.generic;
    if (!has.some((each) => each.kind === kind)) return { one: `has no ${kind}`, many: `have no ${kind}` };
    const wanted = `${kind} left for ${count} reserved`;
    return { one: `has ${leftOf(has, info.generic, kind)} ${wanted}`, many: `have too few ${wanted}` };
  },
};

const hostPorts: Filter = {
  suits: (info, ask) => ask.hostPorts.length === 0 || !ask.hostPorts.some((port) => info.hostPorts.has(port)),
  explain: (info, ask) => {
    const port = ask.hostPorts.find((each) => info.hostPorts.has(each)) ?? '';
    const holder = info.hostPorts.get(port) ?? '';
    return { one: `has port ${port} taken by ${holder}`, many: `have port ${port} taken by ${holder}` };
  },
};

const mostPerNode: Filter = {
  suits: (info, { mostPerNode: limit, service }) => limit === 0 || (info.tasksOfService.get(service.id) ?? 0) < limit,
  explain: (_info, { mostPerNode: limit }) => ({
    one: `already has ${limit} of this service, the most a node may have`,
    many: `already have ${limit} of this service, the most a node may have`,
  }),
};

const standing: readonly StandingFilter[] = [ready, constraints, platform, encryption, drivers, volumes];
/** What other tasks take of it, and would leave to others when they go. */
const room: readonly Filter[] = [resources, generic, hostPorts];
/** In this order; the first that rejects a node speaks for it. */
const all: readonly Filter[] = [...standing, mostPerNode, ...room];

export const fits = (info: NodeInfo, ask: Ask): boolean => all.every((filter) => filter.suits(info, ask));

/** Why the node does not suit; undefined when it does. */
export const rejectionOf = (info: NodeInfo, ask: Ask): Rejection | undefined =>
  all.find((filter) => !filter.suits(info, ask))?.explain(info, ask);

/** Whether the node is one for such tasks, be it full or not. */
export const isEligible = (info: Pick<NodeInfo, 'node'>, ask: Ask): boolean => standing.every((filter) => filter.suits(info, ask));

/** Whether only other tasks there keep it from taking the task. */
export const lacksRoomOnly = (info: NodeInfo, ask: Ask): boolean =>
  isEligible(info, ask) && mostPerNode.suits(info, ask) && !room.every((filter) => filter.suits(info, ask));

/** Whether it would have the room, whatever else speaks against it. */
export const hasRoom = (info: NodeInfo, ask: Ask): boolean => room.every((filter) => filter.suits(info, ask));
