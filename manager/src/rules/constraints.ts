import type { Constraint, Node } from '@tso/proto';
import { containsAddress, NodeRole, parseCidr, parseConstraint, parseIpv4 } from '@tso/proto';

const knownKeys: Readonly<Record<string, (node: Node) => string>> = {
  'node.id': (node) => node.id,
  'node.hostname': (node) => node.description.hostname,
  'node.ip': (node) => node.address,
  'node.role': (node) => (node.role === NodeRole.MANAGER ? 'manager' : 'worker'),
  'node.platform.os': (node) => node.description.platform.os,
  'node.platform.arch': (node) => architectureName(node.description.platform.architecture),
};

const architectureAliases: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' };

/** The registry's word for an architecture: x86_64 is amd64. */
export const architectureName = (text: string): string => architectureAliases[text.toLowerCase()] ?? text.toLowerCase();

const labelKeys = [
  ['node.labels.', (node: Node, label: string) => node.labels[label]],
  ['engine.labels.', (node: Node, label: string) => node.description.engineLabels[label]],
] as const;

/** The label that a constraint is about, if it is about one. */
export const labelOf = (constraint: Constraint): string | undefined => {
  for (const [prefix] of labelKeys) if (constraint.key.startsWith(prefix)) return constraint.key.slice(prefix.length);
  return undefined;
};

/** What a node answers to a constraint's key; undefined: it has no such label. */
const valueOn = (node: Node, key: string): string | undefined => {
  for (const [prefix, read] of labelKeys) if (key.startsWith(prefix)) return read(node, key.slice(prefix.length));
  return knownKeys[key]?.(node);
};

/** Whether the node's address is that one, or lies in that block. */
const isAt = (node: Node, value: string): boolean => {
  const [block, address] = [parseCidr(value), parseIpv4(node.address)];
  return block === undefined || address === undefined ? node.address === value : containsAddress(block, address);
};

/** Values are compared without regard to case, label names with it (SwarmKit's rule). */
export const matchesConstraint = (node: Node, constraint: Constraint): boolean => {
  if (constraint.key === 'node.ip') return isAt(node, constraint.value) === constraint.equal;
  const wanted = constraint.key === 'node.platform.arch' ? architectureName(constraint.value) : constraint.value.toLowerCase();
  return (valueOn(node, constraint.key)?.toLowerCase() === wanted) === constraint.equal;
};

/** The constraints of a placement; those that do not parse (refused on acceptance) match nothing. */
export const unmetConstraint = (node: Node, constraints: readonly string[]): Constraint | string | undefined => {
  for (const text of constraints) {
    const constraint = parseConstraint(text);
    if (typeof constraint === 'string') return text;
    if (!matchesConstraint(node, constraint)) return constraint;
  }
  return undefined;
};
