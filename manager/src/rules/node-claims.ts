import type { NodeDescription } from '@tso/proto';
import { parseIpv4 } from '@tso/proto';

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

/** A public key of WireGuard: 32 bytes in base64, whose last character carries four bits. */
const wireguardKey = /^[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=$/;

/** The key becomes part of every node's tunnels that has a peer in this one. */
const tunnelProblem = ({ wireguardKey: key, wireguardPort: port }: NodeDescription): string | undefined => {
  if (key === '') return undefined;
  if (!wireguardKey.test(key)) return 'its WireGuard key is not one';
  return port >= 1 && port <= 65_535 ? undefined : 'its WireGuard port is not one';
};

/**
 * What is wrong with how a node describes itself, or undefined. All managers keep it and all listings show it, so it is short and plain:
 * the name as for a joiner, texts of at most 253 characters without control characters, 100 engine labels, no negative amounts.
 */
export const descriptionProblem = (description: NodeDescription): string | undefined => {
  const { hostname, platform, resources, engineVersion, engineLabels, kernel, troubles } = description;
  if (!isHostname(hostname)) return 'its hostname is not one';
  const texts = [platform.os, platform.architecture, platform.variant, engineVersion, kernel];
  if (!texts.every((text) => isShortText(text, longestName)))
    return `a text is longer than ${longestName} characters, or holds control characters`;
  if (Object.values(resources).some((amount) => amount < 0)) return 'it has less than nothing of a resource';
  if (troubles.length > mostTroubles || !troubles.every((text) => isShortText(text, longestTrouble)))
    return `it has more than ${mostTroubles} troubles, or one of more than ${longestTrouble} characters`;
  return tunnelProblem(description) ?? labelsProblem(engineLabels);
};
