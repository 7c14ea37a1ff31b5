import type { GenericResource, Node, NodeDescription } from '@tso/proto';
import { parseIpv4 } from '@tso/proto';
import type { View } from '../store/view.ts';

/** As long as a DNS name; of the rest that a node says of itself nothing is longer. */
export const longestName = 253;
const hostnamePattern = /^[0-9A-Za-z._-]*$/;

/** What a node may be called: commands, columns and constraints name it so. Empty: it has no name. */
export const isHostname = (text: string): boolean => text.length <= longestName && hostnamePattern.test(text);

const multicast = 224;

/** Whether it is an IPv4 address of one host, to which others can send: neither 0.x, which is nobody's, nor one of many. */
export const isHostAddress = (text: string): boolean => {
  const first = Math.floor((parseIpv4(text) ?? 0) / 2 ** 24);
  return first > 0 && first < multicast;
};

const engineLabelLimits = { count: 100, key: 128, value: 1_024 } as const;
const mostTroubles = 100;
const genericLimits = { kinds: 64, ids: 1_000, text: 128 } as const;
/** File systems and drivers of networks that a kernel has. */
const mostFeatures = 500;
const longestFeature = 64;
const longestTrouble = 1_024;
const unreadable = /\p{Cc}/u;
const isShortText = (text: string, limit: number): boolean => text.length <= limit && !unreadable.test(text);

const labelsProblem = (labels: Readonly<Record<string, string>>): string | undefined => {
  const { count, key, value } = engineLabelLimits;
  const all = Object.entries(labels);
  if (all.length > count) return `it has more than ${count} engine labels`;
  const areShort = all.every(([name, said]) => isShortText(name, key) && isShortText(said, value));
  return areShort ? undefined : `an engine label is longer than ${key} and ${value} characters, or holds control characters`;
};

/** Each id may come to stand in a task. */
const genericProblem = (generic: readonly GenericResource[]): string | undefined => {
  const { kinds, ids: mostIds, text } = genericLimits;
  if (generic.length > kinds) return `it has more than ${kinds} kinds of generic resources`;
  if (new Set(generic.map(({ kind }) => kind)).size < generic.length) return 'it says a kind of generic resource twice';
  for (const { kind, ids } of generic) {
    if (kind === '' || ids.length > mostIds || ![kind, ...ids].every((word) => isShortText(word, text)))
      return `a generic resource has no name, more than ${mostIds} ids, or a text of more than ${text} characters`;
    if (new Set(ids).size < ids.length) return 'an id of a generic resource is said twice';
  }
  return undefined;
};

const featuresProblem = ({ networkDrivers, fileSystems }: NodeDescription): string | undefined =>
  [networkDrivers, fileSystems].every((names) => names.length <= mostFeatures && names.every((name) => isShortText(name, longestFeature)))
    ? undefined
    : `its kernel has more than ${mostFeatures} file systems or drivers of networks, or one with more than ${longestFeature} characters`;

/** A public key of WireGuard: 32 bytes in base64, whose last character carries four bits. */
const wireguardKey = /^[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=$/;

/** The key becomes part of every node's tunnels that has a peer in this one. */
const tunnelProblem = ({ wireguardKey: key, wireguardPort: port, wireguardGeneration }: NodeDescription): string | undefined => {
  if (key === '') return undefined;
  if (!wireguardKey.test(key)) return 'its WireGuard key is not one';
  if (port < 1 || port > 65_535) return 'its WireGuard port is not one';
  return wireguardGeneration >= 1 ? undefined : 'its WireGuard key has no generation';
};

/**
 * What is wrong with how a node describes itself, or undefined. All managers keep it and all listings show it, so it is short and plain:
 * the name as for a joiner, texts of at most 253 characters without control characters, 100 engine labels, no negative amounts.
 */
export const descriptionProblem = (description: NodeDescription): string | undefined => {
  const { hostname, platform, resources, engineVersion, engineLabels, kernel, troubles, generic } = description;
  if (!isHostname(hostname)) return 'its hostname is not one';
  const texts = [platform.os, platform.architecture, platform.variant, engineVersion, kernel];
  if (!texts.every((text) => isShortText(text, longestName)))
    return `a text is longer than ${longestName} characters, or holds control characters`;
  if (Object.values(resources).some((amount) => amount < 0)) return 'it has less than nothing of a resource';
  if (troubles.length > mostTroubles || !troubles.every((text) => isShortText(text, longestTrouble)))
    return `it has more than ${mostTroubles} troubles, or one of more than ${longestTrouble} characters`;
  return tunnelProblem(description) ?? labelsProblem(engineLabels) ?? genericProblem(generic) ?? featuresProblem(description);
};

/**
 * How far the generation of a node's key may be above all others': as many rotations as may lie between a backup of the cluster and its
 * nodes, and nothing to where generations end, since the others follow the newest and wait between two (node-agent, tunnels/plan.ts).
 */
const mostGenerationsAhead = 200;

/** Why the others cannot have a tunnel to the node by this key, as the end of a sentence, or undefined. */
const peerProblem = (nodeId: string, { wireguardKey: key, wireguardGeneration: generation }: NodeDescription, nodes: readonly Node[]) => {
  let highest = mostGenerationsAhead;
  for (const { id, description } of nodes) {
    if (id !== nodeId && description.wireguardKey === key)
      return `node ${id} has the same one; remove that node when it is gone, then restart this agent`;
    highest = Math.max(highest, description.wireguardGeneration + (id === nodeId ? 0 : mostGenerationsAhead));
  }
  return generation <= highest ? undefined : `its generation ${generation} is far above those of the other nodes; restart this host`;
};

/**
 * The description as it is kept beside the other nodes': without a key that would take another node's tunnels from it, or whose generation
 * would drive the others on; a trouble says so then. The node keeps its session: one that joined anew may still have the key of its former
 * self.
 */
export const withUsableTunnel = (nodeId: string, description: NodeDescription, view: Pick<View, 'node' | 'nodes'>): NodeDescription => {
  const { wireguardKey: key, wireguardGeneration: generation, troubles } = description;
  const known = view.node(nodeId)?.description;
  if (key === '' || (known?.wireguardKey === key && known.wireguardGeneration === generation)) return description;
  const problem = peerProblem(nodeId, description, view.nodes());
  if (problem === undefined) return description;
  const trouble = `its key for encrypted networks is refused: ${problem}`;
  return { ...description, wireguardKey: '', wireguardPort: 0, wireguardGeneration: 0, troubles: [...troubles, trouble] };
};
